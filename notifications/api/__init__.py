"""The doors of messages for programs: the API, and what services tell us."""
