"""What the pages of setup show, read in a number of statements that does not grow with the clinic."""
