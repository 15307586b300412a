"""The doors of series."""
