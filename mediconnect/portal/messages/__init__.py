"""Messages to patients: what waits for somebody, what was sent and why, and what came back."""
