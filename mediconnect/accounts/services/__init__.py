"""What can be done with accounts: each module is one subject, each function one verb."""
