"""Servers on this machine that stand for those outside: the vendors' own descriptions, and every way to go wrong."""
