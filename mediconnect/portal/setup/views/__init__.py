"""The doors of setup: for clinic admins alone, each parses, calls a service and shows what became of it."""
