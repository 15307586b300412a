"""What the waitlist reads: policies, who a freed time would suit, what somebody who waits could have at once."""
