"""A clinic in mid-day, and its front desk signed in."""

from tests.portal.people.conftest import day, desk

__all__ = ["day", "desk"]
