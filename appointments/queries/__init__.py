"""What is known about visits and time."""
