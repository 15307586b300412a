"""Time off and closures over booked visits: what they hit, what is held instead, who was asked and who answered."""
