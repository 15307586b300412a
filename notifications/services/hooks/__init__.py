"""Webhooks: addresses that clinics give, calls to them in the shape Send, tests and repeats by hand."""
