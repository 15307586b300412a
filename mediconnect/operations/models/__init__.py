"""What operations remember: how each self-check went."""

from .verify_run import VerifyRun

__all__ = ["VerifyRun"]
