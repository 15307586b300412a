"""What opens without a sign-in: calendars that other programs read by a secret address."""
