"""What decides about messages: pure, without a database and without a clock inside."""
