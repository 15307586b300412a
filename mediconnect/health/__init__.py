"""Health: whether this process lives, whether it should be sent requests, whether the queue moves."""
