"""What the pages of many at once read."""
