"""The day on paper: who comes when to whom, for the desk's printer and for the hours in which nothing else works."""
