"""How hours become time: pure, without a database and without a clock."""
