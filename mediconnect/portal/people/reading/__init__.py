"""What the pages of patients show, as plain values."""
