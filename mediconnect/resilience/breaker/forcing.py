"""The verb of whoever overrules a breaker: one row, one line in the log, at once known to the fleet."""

import uuid
from typing import Final, Literal

import structlog
from django.utils import timezone

from mediconnect.records.acting import acting
from mediconnect.resilience.errors import ReasonMissing
from mediconnect.resilience.models import BreakerOverride
from mediconnect.telemetry import counting
from mediconnect.telemetry.request_id import current_request_id

from .forced import known_force, mirror_overrides
from .rules import checked_name

log: Final = structlog.get_logger(__name__)


def decide_by_hand(
    name: str,
    state: Literal["forced_open", "forced_closed", "automatic"],
    *,
    reason: str,
    by_id: uuid.UUID | None,
) -> BreakerOverride:
    """Force the breaker, or end that, and return the row that says so. Kept with its history.

    Raises `ReasonMissing` for a reason without words and `ValueError` for a name that is none. While Redis is away the
    other processes hear of it when they next mirror the table (each minute, and whenever one starts).
    """
    checked_name(name)
    if not reason.strip():
        raise ReasonMissing
    before = known_force(name) or "automatic"
    with acting(actor_id=by_id, request_id=current_request_id(), reason=reason.strip()[:200]):
        row, _ = BreakerOverride.objects.update_or_create(
            name=name,
            defaults={"state": state, "reason": reason.strip()[:200], "by_id": by_id, "at": timezone.now()},
        )
    mirror_overrides()
    counting.breaker_transitions.labels(name, before, state).inc()
    # Neither who nor why: the row has both.
    log.warning("breaker overruled", breaker=name, old=before, new=state)
    return row


def decided() -> set[str]:
    """Return the names of the breakers that somebody decided about by hand."""
    return set(BreakerOverride.objects.values_list("name", flat=True))
