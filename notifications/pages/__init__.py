"""What the link in a message opens: pages for people who did not sign in."""
