"""The verbs of series: plan and book them, cancel them, move what follows, take a cancellation back."""
