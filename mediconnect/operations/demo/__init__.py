"""A small world to look at: three clinics, their people, and four weeks of visits around today."""

from .filling import Filled, fill

__all__ = ["Filled", "fill"]
