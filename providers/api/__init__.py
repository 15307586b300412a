"""The doors of the directory, and of what clinics are made of."""
