"""Make two records of one person one, and two again: nothing is lost, and both sides of each change are remembered."""
