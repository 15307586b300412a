"""What `./dev` does once Python is there: servers, processes, tests and checks of one machine. Never in production."""
