"""What is done with the waitlist: join, change, leave; offer what was freed, answer, end, and repair any gap."""
