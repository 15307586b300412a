"""What the house says about itself: request ids, logs, error reports."""
