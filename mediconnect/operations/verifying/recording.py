"""Keep how each self-check went: the nightly one, one asked for by hand, and one of the command.

A run is worked in turns that end well inside the queue's time limit, so that a database of any size is looked at; what a
turn found stands in the row before the next begins, and a worker that dies leaves the rest to another.
"""

import datetime as dt
import time
import uuid
from collections.abc import Iterable
from typing import Any, Final

from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from mediconnect.operations.errors import CheckedJustNow
from mediconnect.operations.models import VerifyRun
from mediconnect.outbox.services.waking import Bell, wake
from mediconnect.resilience.transactions import constraint

from .check import Severity
from .checks import CHECKS
from .running import Outcome, look_at

BELL: Final = Bell("default", "mediconnect.operations.tasks.continue_self_check")

# A check by hand tells something new only once somebody had time to mend something.
PAUSE: Final = dt.timedelta(minutes=5)
KEPT: Final = dt.timedelta(days=400)

# Together inside the queue's 30 seconds, with time to write down what was found.
_TURN_SECONDS: Final = 6.0
_CHECK_SECONDS: Final = 18
_LEASE: Final = dt.timedelta(seconds=60)

_STANDING: Final = "self-check:broken"
_STANDING_SECONDS: Final = 60


def ask(*, by_id: uuid.UUID) -> VerifyRun:
    """Let a self-check begin, asked for by this user, and return it; one that is under way is returned instead.

    Raises `CheckedJustNow` if the last one ended less than five minutes ago.
    """
    under_way = VerifyRun.objects.filter(finished_at=None).first()
    if under_way is not None:
        wake(bell=BELL)
        return under_way
    if VerifyRun.objects.filter(finished_at__gt=timezone.now() - PAUSE).exists():
        raise CheckedJustNow
    return _begin(VerifyRun.How.BY_HAND, by_id)


def begin_nightly() -> VerifyRun:
    """Let the night's self-check begin, and return it, or the one that is under way."""
    return _begin(VerifyRun.How.NIGHTLY, None)


def take_turn() -> bool:
    """Do some of the checks of the run that is under way; return whether some are left for another turn."""
    run = _leased()
    if run is None:
        return False
    stop_at = time.monotonic() + _TURN_SECONDS
    done = {check["name"] for check in run.checks}
    for check in CHECKS:
        if check.name in done:
            continue
        if time.monotonic() >= stop_at:
            VerifyRun.objects.filter(pk=run.pk).update(lease_until=None)
            return True
        run.checks.append(_entry(look_at(check, limit_seconds=_CHECK_SECONDS)))
        VerifyRun.objects.filter(pk=run.pk).update(checks=run.checks, lease_until=timezone.now() + _LEASE)
    _finish(run)
    return False


def record(outcomes: Iterable[Outcome], *, started_at: dt.datetime) -> VerifyRun:
    """Keep a run that a command did from end to end, and return it."""
    checks = [_entry(outcome) for outcome in outcomes]
    with transaction.atomic():
        run = VerifyRun.objects.create(
            how=VerifyRun.How.BY_HAND,
            started_at=started_at,
            finished_at=timezone.now(),
            ok=_verdict(checks),
            checks=checks,
        )
    cache.delete(_STANDING)
    return run


def latest() -> VerifyRun | None:
    """Return the newest run that came to its end."""
    return VerifyRun.objects.filter(finished_at__isnull=False).order_by("-finished_at").first()


def broken_promises() -> int:
    """Return how many promises the latest run found broken, remembered for a minute: each page of an admin asks."""
    known: int | None = cache.get(_STANDING)
    if known is None:
        run = latest()
        known = len(broken_of(run.checks)) if run else 0
        cache.set(_STANDING, known, _STANDING_SECONDS)
    return known


def broken_of(checks: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the entries whose promise is broken; what only does not mend itself (a warning) is not among them."""
    warnings = {check.name for check in CHECKS if check.severity == Severity.WARNING}
    return [entry for entry in checks if entry["held"] is False and entry["name"] not in warnings]


def forget_old() -> int:
    """Delete runs older than 400 days; return how many."""
    return VerifyRun.objects.filter(created_at__lt=timezone.now() - KEPT).delete()[0]


def _begin(how: str, by_id: uuid.UUID | None) -> VerifyRun:
    try:
        with transaction.atomic():
            run = VerifyRun.objects.create(how=how, by_id=by_id)
            wake(bell=BELL)
    except IntegrityError as error:
        if constraint(error) != "one_self_check_runs_at_a_time":
            raise
        return VerifyRun.objects.get(finished_at=None)
    return run


def _leased() -> VerifyRun | None:
    """Return the run under way if no other worker is at it, ours for a minute from now on."""
    free = VerifyRun.objects.filter(Q(lease_until=None) | Q(lease_until__lt=Now()), finished_at=None)
    run = free.first()
    if run is None or not free.filter(pk=run.pk).update(lease_until=timezone.now() + _LEASE):
        return None
    VerifyRun.objects.filter(pk=run.pk, started_at=None).update(started_at=Now())
    run.refresh_from_db()
    return run


def _finish(run: VerifyRun) -> None:
    VerifyRun.objects.filter(pk=run.pk).update(finished_at=timezone.now(), ok=_verdict(run.checks), lease_until=None)
    cache.delete(_STANDING)


def _entry(outcome: Outcome) -> dict[str, Any]:
    held = outcome.found is None if outcome.finished else None
    return {"name": outcome.check.name, "held": held, "count": outcome.found.count if outcome.found else 0}


def _verdict(checks: list[dict[str, Any]]) -> bool:
    return not broken_of(checks) and all(entry["held"] is not None for entry in checks)
