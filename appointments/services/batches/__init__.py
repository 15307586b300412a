"""Many visits at once: each worked in a transaction of its own, and ticked in it."""
