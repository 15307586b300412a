"""Pages and answers that need several apps at once."""
