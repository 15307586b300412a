"""Who is expected today, who waits and since when: one statement, and the rest is arithmetic."""

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter, itemgetter
from typing import Final

from django.utils.translation import gettext as _

from appointments.models import Appointment, Priority, Status
from mediconnect.portal.desk import Desk
from mediconnect.portal.people.ages import age_on
from mediconnect.portal.visits.steps import Button, possible

COLUMNS: Final[Mapping[str, tuple[Status, ...]]] = {
    "expected": (Status.BOOKED, Status.CONFIRMED),
    "arrived": (Status.ARRIVED,),
    "roomed": (Status.ROOMED,),
    "in_progress": (Status.IN_PROGRESS,),
    "completed": (Status.COMPLETED,),
    "missed": (Status.NO_SHOW, Status.CANCELLED),
}
# What is over stands below, folded: it is looked up, not watched.
FOLDED: Final = frozenset({"completed", "missed"})
# Whoever has come is served in the order of coming; everybody else stands in the order of the day.
_BY_ARRIVAL: Final = frozenset({"arrived", "roomed", "in_progress"})

# Whoever is expected later than this stands folded below the next few: a desk looks at the next hour.
_SOON: Final = dt.timedelta(minutes=60)
_AT_LEAST: Final = 8

_FIELDS: Final = (
    "id", "version", "status", "priority", "starts_at", "arrived_at", "clinic_id", "provider__name", "room__name", "room__kind",
    "appointment_type__name", "ticket__number", "patient__given_name", "patient__family_name", "patient__birth_date",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a row names."""

    given_name: str
    family_name: str
    birth_date: dt.date | None
    age: int | None


@dataclass(frozen=True, slots=True)
class Row:
    """One visit of the day. `late` and `waiting` are whole minutes, None where there is nothing to count.

    `number` is the one that the call screens show, None in a clinic without them.
    """

    id: uuid.UUID
    version: int
    status: str
    urgent: bool
    starts_at: dt.datetime
    arrived_at: dt.datetime | None
    person: Person
    kind: str
    provider: str
    room: str
    late: int | None
    waiting: int | None
    number: int | None
    steps: Sequence[Button]

    @property
    def arrived_first(self) -> tuple[bool, dt.datetime, dt.datetime]:
        """The order of those who have come: urgent first, then by arrival."""
        return not self.urgent, self.arrived_at or self.starts_at, self.starts_at

    @property
    def by_time(self) -> tuple[dt.datetime, bool]:
        """The order of the day."""
        return self.starts_at, not self.urgent


@dataclass(frozen=True, slots=True)
class Column:
    """The rows that stand at one point of the way through the clinic; `later` are those of another hour, folded."""

    key: str
    title: str
    nothing: str
    rows: Sequence[Row]
    later: Sequence[Row] = ()

    @property
    def count(self) -> int:
        """How many stand here, those of later included."""
        return len(self.rows) + len(self.later)


@dataclass(frozen=True, slots=True)
class Flow:
    """Today at a clinic. `longest` is the longest wait in minutes; `providers` are those who see somebody today."""

    columns: Sequence[Column]
    folded: Sequence[Column]
    expected: int
    waiting: int
    longest: int | None
    providers: Sequence[tuple[str, str]]
    who: str
    anybody: bool


def flow_of(desk: Desk, who: str = "") -> Flow:
    """Return today's flow, of one provider where `who` is the id of one. One statement."""
    start, end = desk.span(desk.today)
    visits = desk.visits().filter(starts_at__gte=start, starts_at__lt=end).order_by("starts_at", "id")
    found = list(visits.select_related("provider", "room", "appointment_type", "patient", "ticket").only(*_FIELDS))
    providers = sorted({(str(visit.provider_id), visit.provider.name) for visit in found}, key=itemgetter(1, 0))
    who = who if any(who == key for key, _name in providers) else ""
    rows = [_row(visit, desk.now) for visit in found if not who or str(visit.provider_id) == who]
    columns = [_column(key, rows, desk.now) for key in COLUMNS]
    waits = [row.waiting for row in rows if row.status == Status.ARRIVED and row.waiting is not None]
    counted = Counter(row.status for row in rows)
    return Flow(
        columns=[column for column in columns if column.key not in FOLDED],
        folded=[column for column in columns if column.key in FOLDED],
        expected=counted[Status.BOOKED] + counted[Status.CONFIRMED],
        waiting=len(waits),
        longest=max(waits, default=None),
        providers=providers,
        who=who,
        anybody=bool(found),
    )


def _row(visit: Appointment, now: dt.datetime) -> Row:
    patient, born = visit.patient, visit.patient.birth_date
    overdue = _minutes(visit.starts_at, now)
    still_waits = visit.status in {Status.ARRIVED, Status.ROOMED}
    return Row(
        id=visit.pk,
        version=visit.version,
        status=visit.status,
        urgent=visit.priority == Priority.URGENT,
        starts_at=visit.starts_at,
        arrived_at=visit.arrived_at,
        person=Person(patient.given_name, patient.family_name, born, age_on(now.date(), born) if born else None),
        kind=visit.appointment_type.name,
        provider=visit.provider.name,
        room=visit.room.name if visit.room else "",
        late=overdue if visit.status in COLUMNS["expected"] and overdue > 0 else None,
        waiting=_minutes(visit.arrived_at, now) if still_waits and visit.arrived_at else None,
        number=visit.ticket.number if hasattr(visit, "ticket") else None,
        steps=_usual(possible(visit, now=now, ahead=False)),
    )


def _usual(buttons: Sequence[Button]) -> list[Button]:
    """Return the step that comes next, and the no-show where it may be said; all others are on the card."""
    return [button for button in buttons if button.primary or button.step == "no-show"]


def _column(key: str, rows: Iterable[Row], now: dt.datetime) -> Column:
    own = [row for row in rows if row.status in COLUMNS[key]]
    own.sort(key=attrgetter("arrived_first" if key in _BY_ARRIVAL else "by_time"))
    shown = len(own) if key != "expected" else max(_AT_LEAST, sum(row.starts_at <= now + _SOON for row in own))
    title, nothing = _words()[key]
    return Column(key, title, nothing, own[:shown], own[shown:])


def _words() -> Mapping[str, tuple[str, str]]:
    return {
        "expected": (_("Expected"), _("Nobody else is expected today.")),
        "arrived": (_("Arrived"), _("Nobody is waiting.")),
        "roomed": (_("In a room"), _("No room is taken.")),
        "in_progress": (_("With provider"), _("Nobody is with a provider.")),
        "completed": (_("Completed"), _("No visit is completed yet.")),
        "missed": (_("No-show and cancelled"), _("Nobody stayed away.")),
    }


def _minutes(since: dt.datetime, now: dt.datetime) -> int:
    return int((now - since).total_seconds() // 60)
