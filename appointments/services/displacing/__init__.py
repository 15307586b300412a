"""Time off that cleans up after itself: new times are found and held for the visits that it hits, asked for, and answered."""
