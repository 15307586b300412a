"""A day as columns of blocks: pure arithmetic from what was read to what is shown."""

import datetime as dt
import uuid
import zoneinfo
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from appointments.queries.day import Busy, VisitOfDay
from providers.queries.day import Calendar

# What a day shows where nobody works and nothing is booked, in hours.
_USUAL: Final = (8, 18)
_LANES: Final = 8
_NO_MEASURE: Final = frozenset({"away", "closed", "elsewhere"})
# Shorter gaps cannot be booked: no visit lasts less (a constraint says so).
_SHORTEST: Final = dt.timedelta(minutes=5)

Stretch = tuple[dt.datetime, dt.datetime]


@dataclass(frozen=True, slots=True)
class Item:
    """One block of a column: what it is, where it lies (classes of clock.css), when, and what it shows."""

    kind: str
    classes: str
    start: dt.datetime
    end: dt.datetime
    visit: VisitOfDay | None = None
    members: Sequence[VisitOfDay] = ()
    words: str = ""
    until: dt.datetime | None = None

    @property
    def template(self) -> str:
        """Return the fragment that shows it."""
        return f"portal/board/_{self.kind}.html"

    @property
    def minutes(self) -> int:
        """Return its length."""
        return int((self.end - self.start).total_seconds() // 60)


@dataclass(slots=True)
class Column:
    """A provider's (or room's) day, headed by a name that may lead somewhere, and today to what a sick provider leaves."""

    id: uuid.UUID
    day: dt.date
    name: str
    note: str
    href: str = ""
    sick: str = ""
    opens: list[Item] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    gone: list[VisitOfDay] = field(default_factory=list)
    booked: int = 0


class Geometry:
    """Turns instants of one day into the classes that place a block, by the clinic's wall clock."""

    def __init__(self, day: dt.date, zone: zoneinfo.ZoneInfo) -> None:
        """Take the day and the clock."""
        self.zone = zone
        self.start = dt.datetime.combine(day, dt.time(), zone)
        self.end = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), zone)

    def minute(self, moment: dt.datetime) -> int:
        """Return the minute of the day, 0 to 1440; what lies before or after the day is at its edge."""
        if moment <= self.start:
            return 0
        if moment >= self.end:
            return 1440
        local = moment.astimezone(self.zone)
        return local.hour * 60 + local.minute

    def classes(self, start: dt.datetime, end: dt.datetime) -> str:
        """Return the classes of a block between two instants; it is five minutes long at least."""
        first = self.minute(start)
        last = max(self.minute(end), min(first + 5, 1440))
        return f"h{first // 60} m{first % 60} eh{last // 60} em{last % 60}"


def hours_of(columns: Iterable[Column], zone: zoneinfo.ZoneInfo) -> tuple[int, int]:
    """Return the first and last full hour between which all open, booked and held time lies; absences stretch no day."""
    marks = []
    for column in columns:
        geometry = Geometry(column.day, zone)
        items = [item for item in [*column.opens, *column.items] if item.kind not in _NO_MEASURE]
        marks += [(geometry.minute(item.start), geometry.minute(item.end)) for item in items]
    if not marks:
        return _USUAL
    first = min(low for low, _ in marks) // 60
    return first, max(-(-max(high for _, high in marks) // 60), first + 1)


def lanes(visits: Sequence[VisitOfDay]) -> dict[uuid.UUID, tuple[int, int]]:
    """Return for each visit its lane and how many lanes its neighbours need: (nth, of), both 1 where nothing overlaps."""
    placed: dict[uuid.UUID, tuple[int, int]] = {}
    cluster: list[tuple[VisitOfDay, int]] = []
    ends: list[dt.datetime] = []

    def close() -> None:
        for visit, lane in cluster:
            placed[visit.id] = (min(lane, _LANES), min(len(ends), _LANES))
        cluster.clear()
        ends.clear()

    for visit in sorted(visits, key=lambda one: (one.start, one.end)):
        if ends and visit.start >= max(ends):
            close()
        lane = next((place for place, end in enumerate(ends) if end <= visit.start), len(ends))
        ends[lane : lane + 1] = [visit.end]
        cluster.append((visit, lane + 1))
    close()
    return placed


def free_between(opens: Sequence[Stretch], taken: Iterable[Stretch], since: dt.datetime) -> list[Stretch]:
    """Return what is open from `since` on and not taken, in order; shorter than any visit is left out."""
    free = [(max(start, since), end) for start, end in opens if end > since]
    for low, high in sorted(taken):
        free = [piece for start, end in free for piece in ((start, min(end, low)), (max(start, high), end))]
        free = [(start, end) for start, end in free if end > start]
    return [(start, end) for start, end in free if end - start >= _SHORTEST]


def buffered(visit: VisitOfDay) -> Stretch:
    """Return the time that a visit takes from its provider, buffers included."""
    return (
        visit.start - dt.timedelta(minutes=visit.buffer_before),
        visit.end + dt.timedelta(minutes=visit.buffer_after),
    )


def draw(
    calendars: Sequence[Calendar],
    visits: Sequence[VisitOfDay],
    busy: Sequence[Busy],
    geometry: Geometry,
    *,
    by_room: bool,
    free_since: dt.datetime | None,
) -> list[Column]:
    """Return the columns of a day, those alone where somebody works, is expected or is away.

    `free_since` is the moment from which free time is offered; None offers none (a past day, or rooms).
    """
    columns = []
    for calendar in calendars:
        own = [visit for visit in visits if (visit.room_id == calendar.id if by_room else visit.is_of(calendar.id))]
        others = [one for one in busy if concerns(one, calendar.id, by_room=by_room)]
        at_work = calendar.opens or own or any(one.kind != "closed" for one in others)
        if at_work or (by_room and calendar.active):
            columns.append(column_of(calendar, own, others, geometry, free_since=free_since))
    return columns


def concerns(one: Busy, calendar_id: uuid.UUID, *, by_room: bool) -> bool:
    """Return whether it lies on this calendar: a closure on each, a hold on its provider's and on its room's."""
    return one.kind == "closed" or (one.room_id if by_room else one.resource_id) == calendar_id


def column_of(
    calendar: Calendar,
    own: Sequence[VisitOfDay],
    others: Sequence[Busy],
    geometry: Geometry,
    *,
    free_since: dt.datetime | None,
) -> Column:
    """Return one calendar's day from all that lies on it, visits that gave their time back apart."""
    here = [visit for visit in own if visit.claims]
    column = Column(calendar.id, geometry.start.date(), calendar.name, calendar.note)
    column.gone = [visit for visit in own if not visit.claims]
    column.booked = len(here)
    opens = [piece for piece in calendar.opens if piece[0] < geometry.end and piece[1] > geometry.start]
    column.opens = [Item("open", geometry.classes(*piece), *piece) for piece in opens]
    items = [*_visits(here, geometry), *_others(others, geometry)]
    if free_since is not None:
        occupied = [buffered(visit) for visit in here] + [(one.start, one.end) for one in others if one.takes]
        free = free_between(opens, occupied, free_since)
        items += [Item("free", geometry.classes(*piece), *piece) for piece in free]
    column.items = sorted(items, key=lambda item: (item.start, item.end))
    return column


def _visits(visits: Sequence[VisitOfDay], geometry: Geometry) -> Iterator[Item]:
    groups: dict[uuid.UUID, list[VisitOfDay]] = {}
    for visit in visits:
        if visit.session_id:
            groups.setdefault(visit.session_id, []).append(visit)
    heads = [visit for visit in visits if visit.session_id is None] + [members[0] for members in groups.values()]
    where = lanes(heads)
    for visit in heads:
        nth, of = where[visit.id]
        beside = f" nth-{nth} of-{of}" if of > 1 else ""
        classes = geometry.classes(visit.start, visit.end) + beside
        members = groups.get(visit.session_id, []) if visit.session_id else []
        yield Item("group" if members else "visit", classes, visit.start, visit.end, visit, members)
        before, after = buffered(visit)
        for start, end in ((before, visit.start), (visit.end, after)):
            if end > start:
                yield Item("buffer", geometry.classes(start, end) + beside, start, end)


def _others(others: Sequence[Busy], geometry: Geometry) -> Iterator[Item]:
    for one in others:
        start, end = max(one.start, geometry.start), min(one.end, geometry.end)
        yield Item(one.kind, geometry.classes(start, end), start, end, words=one.words, until=one.until)


def counted(visits: Iterable[VisitOfDay]) -> dict[str, Any]:
    """Return how many visits stand where: booked in all, here now, done, gone."""
    found = {"all": 0, "here": 0, "done": 0, "gone": 0}
    for visit in visits:
        found["all"] += visit.claims
        found["here"] += visit.status in {"arrived", "roomed", "in_progress"}
        found["done"] += visit.status == "completed"
        found["gone"] += not visit.claims
    return found
