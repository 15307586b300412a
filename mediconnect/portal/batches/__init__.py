"""Many visits at once: chosen, looked at beforehand, worked, and told who was reached."""
