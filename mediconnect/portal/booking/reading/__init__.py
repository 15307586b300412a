"""What the booking panel shows, looked up into plain values: no lazy query reaches a template."""
