"""Turn hours into openings: replace only what differs, in one statement, and never from under a visit."""

import datetime as dt
import json
import logging
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from mediconnect.resilience.transactions import constraint
from providers.errors import VisitsInTheWay
from providers.locks import lock_resources
from providers.models import Clinic
from providers.ports import TouchedVisit, time_opened, visits_outside
from providers.queries.plans import Grid, Pair, grids_of, last_openings, openings_of, plans_of
from providers.rules.clock import Span, start_of_day
from providers.rules.hours import Plan
from providers.rules.hours import expand as expanded
from providers.rules.pieces import Piece, compared, cover, joined, starts_in, within

from .editing import Effect, Preview

log = logging.getLogger(__name__)

# Beyond the booking horizon: five weeks, so that a month of missed nights leaves no day unbookable.
MARGIN: Final = dt.timedelta(days=35)
# No visit is longer, so what lies further back is under no visit that still runs.
_LONGEST_VISIT: Final = dt.timedelta(hours=8)
_DAY: Final = dt.timedelta(days=1)

# The old pieces go and the new ones come in one statement: the exclusion constraint and the guard of visits see the end of
# it alone. The count makes the insert wait for the delete.
_REPLACE: Final = """
WITH gone AS (DELETE FROM providers_opening WHERE id = ANY (%(gone)s) RETURNING 1)
INSERT INTO providers_opening (resource_id, clinic_id, during, serves)
SELECT resource, clinic, tstzrange(low, high), serves
FROM jsonb_to_recordset(%(come)s::jsonb) AS piece(resource uuid, clinic uuid, low timestamptz, high timestamptz, serves uuid[])
WHERE (SELECT count(*) FROM gone) >= 0
"""


@dataclass(frozen=True, slots=True)
class _Course:
    """The openings of one pair: what there is (with ids) and what there shall be."""

    pair: Pair
    present: Sequence[tuple[int, Piece]]
    wanted: Sequence[Piece]
    opens: Sequence[Piece]
    closes: Sequence[Piece]
    touched: Sequence[TouchedVisit]


def expand(
    *, resource_id: uuid.UUID, clinic_id: uuid.UUID, since: dt.date | None = None, now: dt.datetime | None = None
) -> Preview:
    """Bring the openings of a resource at a clinic in line with its hours, from now to the horizon; return what changed.

    `since` reaches back to the beginning of that day, for records of the past that are brought in; otherwise the past
    stays as it was. Raises `VisitsInTheWay` rather than close time with a visit in it. Does nothing for an unknown clinic.
    """
    with transaction.atomic():
        lock_resources([resource_id])
        return settle([(resource_id, clinic_id)], since=since, now=now)


def settle(
    pairs: Collection[Pair],
    *,
    dry_run: bool = False,
    spare_visits: bool = False,
    between: Span | None = None,
    since: dt.date | None = None,
    now: dt.datetime | None = None,
) -> Preview:
    """Bring the openings of these resources (which the caller has locked) in line with their hours.

    With `dry_run` nothing is written and visits in the way are part of the preview; else they raise `VisitsInTheWay`.
    With `spare_visits` their time stays open instead, for them alone. `between` says where alone anything can differ:
    a day's closure looks at a day of each provider's calendar, not at half a year.
    """
    now = (now or timezone.now()).replace(second=0, microsecond=0)
    clinics = Clinic.objects.in_bulk({clinic for _, clinic in pairs})
    pairs = [pair for pair in pairs if pair[1] in clinics]
    if not pairs:
        return Preview()
    courses = _courses(
        _frames(pairs, clinics, now=now, since=since, between=between), clinics, spare_visits=spare_visits
    )
    preview = _preview(courses, clinics)
    if not dry_run:
        if preview.touched and not spare_visits:
            raise VisitsInTheWay(touched=preview.touched)
        _replace(courses)
        _tell(courses)
    return preview


def _tell(courses: Sequence[_Course]) -> None:
    for course in courses:
        if course.opens:
            time_opened(*course.pair, [(piece.start, piece.end, piece.serves) for piece in course.opens])


@dataclass(frozen=True, slots=True)
class _Frame:
    """The part of a calendar that is made anew: from `low` up to `high` (None: to its end), of hours that begin on these days.

    `horizon` is the last day that is opened; what is open beyond it, up to `reach`, stays if the hours still say so.
    """

    low: dt.datetime
    high: dt.datetime | None
    horizon: dt.date
    reach: dt.datetime | None
    zone: ZoneInfo

    @property
    def days(self) -> tuple[dt.date, dt.date]:
        """Return the first and the last day whose hours matter."""
        last = self.horizon if self.reach is None else max(self.horizon, self.reach.astimezone(self.zone).date())
        if self.high is not None:
            last = min(last, self.high.astimezone(self.zone).date())
        return self.low.astimezone(self.zone).date(), last

    def wanted(self, plan: Plan) -> list[Piece]:
        """Return the pieces that the plan makes within this frame."""
        first, last = self.days
        pieces = expanded(plan, first, min(last, self.horizon))
        if last > self.horizon:
            beyond = expanded(plan, max(first, self.horizon + _DAY), last)
            pieces = cover([*pieces, *within(beyond, self.low, self.reach)])
        return within(pieces, self.low, self.high)

    def kept(self, pieces: Iterable[Piece]) -> tuple[list[Piece], list[Piece]]:
        """Return what lies before and after this frame and stays as it is."""
        pieces = list(pieces)
        before = [Piece(p.start, min(p.end, self.low), p.serves) for p in pieces if p.start < self.low]
        return before, within(pieces, max(self.low, self.high)) if self.high is not None else []


def _frames(
    pairs: Collection[Pair],
    clinics: Mapping[uuid.UUID, Clinic],
    *,
    now: dt.datetime,
    since: dt.date | None,
    between: Span | None,
) -> dict[Pair, _Frame]:
    last, frames = last_openings(pairs), dict[Pair, _Frame]()
    for pair in pairs:
        clinic = clinics[pair[1]]
        low = min(now, start_of_day(since, clinic.zone)) if since else now
        horizon = now.astimezone(clinic.zone).date() + dt.timedelta(days=clinic.horizon_days) + MARGIN
        high = None
        if between is not None:
            low, high = max(low, between[0]), max(low, between[1])
        frames[pair] = _Frame(low, high, horizon, last.get(pair), clinic.zone)
    return frames


def _courses(
    frames: Mapping[Pair, _Frame], clinics: Mapping[uuid.UUID, Clinic], *, spare_visits: bool
) -> list[_Course]:
    plans = plans_of(frames, clinics, {pair: frame.days for pair, frame in frames.items()})
    since = min(frame.low for frame in frames.values()) - _LONGEST_VISIT
    ends = [frame.high for frame in frames.values() if frame.high is not None]
    present = openings_of(frames, since, max(ends) + _LONGEST_VISIT if ends else None)
    return [
        _course(pair, present[pair], frame, plans[pair], spare_visits=spare_visits) for pair, frame in frames.items()
    ]


def _course(
    pair: Pair, present: Sequence[tuple[int, Piece]], frame: _Frame, plan: Plan, *, spare_visits: bool
) -> _Course:
    old = [piece for _, piece in present]
    wanted, (before, after) = frame.wanted(plan), frame.kept(old)
    new = joined([*before, *wanted, *after])
    opens, closes = compared(old, new)
    touched = _touched(pair, new, closes)
    if touched and spare_visits:
        spared = [Piece(visit.start, visit.end, frozenset({visit.appointment_type_id})) for visit in touched]
        log.warning("openings of %s at %s keep %d visits outside the hours", *pair, len(touched))
        new = joined([*before, *within(cover([*wanted, *spared]), frame.low, frame.high), *after])
        opens, closes = compared(old, new)
    return _Course(pair, present, new, opens, closes, touched)


def _touched(pair: Pair, new: Sequence[Piece], closes: Sequence[Piece]) -> Sequence[TouchedVisit]:
    if not closes:
        return ()
    pieces = [(piece.start, piece.end, piece.serves) for piece in new]
    return visits_outside(*pair, pieces, closes[0].start, closes[-1].end)


def _preview(courses: Sequence[_Course], clinics: Mapping[uuid.UUID, Clinic]) -> Preview:
    grids = grids_of({course.pair[1] for course in courses})
    return Preview([_effect(course, grids[course.pair[1]], clinics[course.pair[1]]) for course in courses])


def _effect(course: _Course, grid: Grid, clinic: Clinic) -> Effect:
    opened, closed = (
        starts_in(pieces, length=grid.shortest, grid=grid.minutes, zone=clinic.zone)
        for pieces in (course.opens, course.closes)
    )
    return Effect(*course.pair, course.opens, course.closes, opened, closed, course.touched)


def _replace(courses: Sequence[_Course]) -> None:
    gone, come = [], []
    for course in courses:
        wanted = set(course.wanted)
        gone += [pk for pk, piece in course.present if piece not in wanted]
        kept = {piece for _, piece in course.present}
        come += [_row(course.pair, piece) for piece in course.wanted if piece not in kept]
    if not gone and not come:
        return
    try:
        with connection.cursor() as cursor:
            cursor.execute(_REPLACE, {"gone": gone, "come": json.dumps(come)})
    except IntegrityError as error:
        # A visit that the question above did not find, booked by whoever holds no lock: the database has the last word.
        if constraint(error) == "openings_cover_their_visits":
            raise VisitsInTheWay from error
        raise


def _row(pair: Pair, piece: Piece) -> dict[str, object]:
    return {
        "resource": str(pair[0]),
        "clinic": str(pair[1]),
        "low": piece.start.isoformat(),
        "high": piece.end.isoformat(),
        "serves": None if piece.serves is None else [str(kind) for kind in sorted(piece.serves)],
    }
