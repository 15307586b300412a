"""The doors of messages, by what they are about."""
