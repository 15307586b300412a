"""The kinds of table that come in and go out."""

from typing import Final

from mediconnect.operations.models import ExchangeKind

from . import hours, patients, providers, visits
from .kind import Chosen, Kind, Order

KINDS: Final[dict[str, Kind]] = {
    ExchangeKind.PATIENTS: patients.KIND,
    ExchangeKind.PROVIDERS: providers.KIND,
    ExchangeKind.HOURS: hours.KIND,
    ExchangeKind.VISITS: visits.KIND,
}

__all__ = ["KINDS", "Chosen", "Kind", "Order"]
