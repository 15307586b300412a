"""What the page of reliability shows: how the last self-checks went, each promise of the last one, and what is under way."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from mediconnect.operations.models import VerifyRun
from mediconnect.operations.verifying import CHECKS, Severity
from mediconnect.operations.verifying.recording import PAUSE, broken_of

from .words import advice, promise_in_words

_SHOWN: Final = 14  # two weeks of nights

# A night without an answer is a fault of its own: the job did not run.
_STALE: Final = dt.timedelta(hours=30)


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise as the last run found it: `state` is held, broken, waits (a warning) or unknown (not done in time)."""

    sentence: str
    state: str
    state_words: str
    advice: str


@dataclass(frozen=True, slots=True)
class Past:
    """A run in one line."""

    at: dt.datetime
    how: str
    by: str
    verdict: str
    ok: bool


@dataclass(frozen=True, slots=True)
class UnderWay:
    """The run that goes on, and how far it is."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Standing:
    """All that the page shows. `last` is None where nothing was ever checked."""

    last: Past | None
    stale: bool
    trouble: Sequence[Promise]
    promises: Sequence[Promise]
    past: Sequence[Past]
    under_way: UnderWay | None
    may_ask: bool


def standing() -> Standing:
    """Return how things stand; two statements."""
    runs = list(VerifyRun.objects.select_related("by").order_by("-created_at")[: _SHOWN + 1])
    ended = [run for run in runs if run.finished_at is not None]
    going = next((run for run in runs if run.finished_at is None), None)
    newest = max(ended, key=_end_of, default=None)
    promises = [_promise(entry) for entry in newest.checks] if newest else []
    return Standing(
        last=_past(newest) if newest else None,
        stale=newest is not None and _end_of(newest) < timezone.now() - _STALE,
        trouble=sorted((one for one in promises if one.state != "held"), key=lambda one: one.state != "broken"),
        promises=promises,
        past=[_past(run) for run in ended[:_SHOWN]],
        under_way=UnderWay(len(going.checks), len(CHECKS)) if going else None,
        may_ask=going is None and (newest is None or _end_of(newest) < timezone.now() - PAUSE),
    )


def _end_of(run: VerifyRun) -> dt.datetime:
    return run.finished_at or run.created_at


def _promise(entry: dict[str, Any]) -> Promise:
    name, count = entry["name"], entry["count"]
    if entry["held"]:
        state, words = "held", pgettext("promise", "held")
    elif entry["held"] is None:
        state, words = "unknown", _("not known: the look took too long")
    elif name in {check.name for check in CHECKS if check.severity == Severity.WARNING}:
        state, words = "waits", ngettext("waits: %(count)d", "wait: %(count)d", count) % {"count": count}
    else:
        state, words = "broken", _("broken: %(count)d") % {"count": count}
    return Promise(promise_in_words(name), state, words, advice(name) if state != "held" else "")


def _past(run: VerifyRun) -> Past:
    how = _("nightly") if run.how == VerifyRun.How.NIGHTLY else _("by hand")
    return Past(_end_of(run), how, run.by.display_name or run.by.email if run.by else "", _verdict(run), bool(run.ok))


def _verdict(run: VerifyRun) -> str:
    count, unknown = len(broken_of(run.checks)), sum(entry["held"] is None for entry in run.checks)
    if count:
        return ngettext("%(count)d promise is broken", "%(count)d promises are broken", count) % {"count": count}
    if unknown:
        words = ngettext("%(count)d could not be looked at", "%(count)d could not be looked at", unknown)
        return words % {"count": unknown}
    total = len(run.checks)
    return ngettext("%(count)d promise holds", "all %(count)d promises hold", total) % {"count": total}
