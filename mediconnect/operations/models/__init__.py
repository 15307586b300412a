"""What operations remember: how each self-check went, what was imported and what was exported."""

from .exchange import ExchangeKind, ExportRun, ImportRow, ImportRun, Verdict
from .verify_run import VerifyRun

__all__ = ["ExchangeKind", "ExportRun", "ImportRow", "ImportRun", "Verdict", "VerifyRun"]
