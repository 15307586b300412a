"""Groups: who comes to which, seat by seat, and what is done with one person or with all."""
