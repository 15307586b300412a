"""The doors of webhooks."""
