"""What is right about names, contacts, dates and searches: pure, without a database or a clock."""
