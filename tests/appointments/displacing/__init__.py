"""Time off over booked visits: found, held, asked, answered, taken back."""
