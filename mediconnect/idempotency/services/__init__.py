"""Answer a key once, and forget old keys."""
