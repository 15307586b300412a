"""A clinic's people, hours and visits as tables: in from a file, row by row through the services, and out again."""
