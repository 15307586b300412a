"""The doors of the waitlist: wishes, and answers to what is offered."""
