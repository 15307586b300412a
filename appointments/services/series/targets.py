"""Where each visit of a series goes when the series is moved, and which stay."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from django.utils import timezone

from appointments.models import Appointment, Series
from appointments.queries.series.planning import People, WhyStaying
from appointments.rules.series import Occurrence, Scope, Shift
from appointments.services.booking import Caller
from appointments.services.refusing import malformed_start
from mediconnect.errors import Invalid, NotPermitted

from .booking import Choice
from .which import is_to_come, pattern_of

# A weekday is at most six days away; more would be another week, and so another series.
_DAYS: Final = 6


@dataclass(frozen=True, slots=True)
class SeriesMove:
    """What is asked for: which visits, seen from which, and what becomes of their time; None and 0 where that stays.

    Visits that were moved by hand before stay where they are, unless they are named in `strays`. `choices` are for numbers
    that shall go elsewhere than the rest, or, left out, stay.
    """

    scope: Scope
    seen_from: int
    time: dt.time | None = None
    days: int = 0
    provider_id: uuid.UUID | None = None
    strays: frozenset[uuid.UUID] = frozenset()
    choices: Mapping[int, Choice] = field(default_factory=dict)

    @property
    def shift(self) -> Shift:
        """Return it as the series remembers it."""
        return Shift(1 if self.scope == Scope.ALL else self.seen_from, self.days, self.time, self.provider_id)


def check_move(wanted: SeriesMove, caller: Caller) -> None:
    """Raise `NotPermitted` for patients, `Invalid` for a move that changes nothing or that no calendar shows."""
    if caller.patients_own:
        raise NotPermitted("The clinic changes series; a patient changes one visit at a time.")
    if not (wanted.time or wanted.days or wanted.provider_id or wanted.choices):
        raise Invalid.field("start_time", "Say what changes: the time of day, the day, or the provider.")
    if not -_DAYS <= wanted.days <= _DAYS:
        raise Invalid.field("days", f"A series moves by {_DAYS} days at most.")
    if wanted.time and (wanted.time.second or wanted.time.microsecond):
        raise Invalid.field("start_time", "A visit starts at a whole minute.")
    for choice in wanted.choices.values():
        if choice.start is not None:
            malformed_start(choice.start)


@dataclass(frozen=True, slots=True)
class Target:
    """Where a visit goes; `why` says why it stays, and is empty for one that goes."""

    visit: Appointment
    start: dt.datetime
    provider_id: uuid.UUID
    skipped: bool
    why: WhyStaying | None

    @property
    def people(self) -> People:
        """Return who is there: the provider, and the second one, who stays."""
        return self.provider_id, self.visit.second_provider_id


def targets_of(series: Series, visits: Sequence[Appointment], wanted: SeriesMove) -> list[Target]:
    """Return where each of the visits goes by the move, in their order.

    A visit is a stray where it is not at the time or with the provider that its series says: somebody moved it by hand.
    """
    zone, pattern, now = series.clinic.zone, pattern_of(series), timezone.now()
    before = {one.number: one for one in pattern.occurrences(zone)}
    after = {one.number: one for one in pattern.shifted(wanted.shift).occurrences(zone)}

    def target(visit: Appointment) -> Target:
        number = visit.occurrence or 0
        expected = (before[number].start, pattern.provider_at(number, series.provider_id))
        goes = _goes(visit, after[number], wanted)
        here = (visit.starts_at, visit.provider_id)
        stays = _stays(visit, wanted, is_stray=here != expected, is_there=here == (goes.start, goes.provider_id))
        return replace(goes, why=stays if is_to_come(visit, now) else "over")

    return [target(visit) for visit in visits]


def _goes(visit: Appointment, after: Occurrence, wanted: SeriesMove) -> Target:
    choice = wanted.choices.get(after.number, Choice())
    return Target(
        visit,
        choice.start or after.start,
        choice.provider_id or wanted.provider_id or visit.provider_id,
        after.skipped and choice.start is None,
        None,
    )


def _stays(visit: Appointment, wanted: SeriesMove, *, is_stray: bool, is_there: bool) -> WhyStaying | None:
    choice = wanted.choices.get(visit.occurrence or 0)
    if choice is not None and choice.leave_out:
        return "chosen"
    if is_stray and choice is None and wanted.scope != Scope.THIS and visit.pk not in wanted.strays:
        return "stray"
    return "there" if is_there else None
