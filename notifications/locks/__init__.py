"""The only place that locks messages and reminders."""
