"""The waitlist: freeing, offering, answering, ending, joining, repairing."""
