"""What time off hits, and where the visits that it hits could go instead."""
