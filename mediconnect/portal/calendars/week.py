"""A week of one provider or room, drawn with the board's own columns: five statements."""

import datetime as dt
import uuid
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from appointments.queries.day import VisitOfDay, busy_besides, visits_of
from appointments.queries.pulse import pulse_of
from mediconnect.errors import NotFound
from mediconnect.portal.board.picture import Column, Geometry, column_of, concerns, hours_of
from mediconnect.portal.desk import Desk
from providers.models import ResourceKind
from providers.queries.day import Calendar, calendars_of

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose week it is; neither leaves the choice to the page."""

    provider: uuid.UUID | None = None
    room: uuid.UUID | None = None

    @property
    def kept(self) -> dict[str, str]:
        """Return what the address keeps."""
        if self.room:
            return {"room": str(self.room)}
        return {"provider": str(self.provider)} if self.provider else {}


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days of one calendar. It answers what the board's fragments ask of a board."""

    calendar: Calendar | None
    monday: dt.date
    columns: list[Column]
    choices: list[Calendar]
    rooms: list[Calendar]
    first: int
    last: int
    version: str
    gone: list[VisitOfDay]
    whose: Whose
    base: str
    today: int | None

    keep = ""
    closures: tuple[Any, ...] = ()

    @property
    def hours(self) -> range:
        """Return the full hours that the gutter names."""
        return range(self.first, self.last)

    @property
    def address(self) -> str:
        """Return the week's own address."""
        return f"{self.base}week/?{urlencode({'date': self.monday.isoformat(), **self.whose.kept})}"

    @property
    def pulse(self) -> str:
        """Return where the page asks whether anything changed."""
        return f"{self.base}pulse/?{urlencode({'date': self.monday.isoformat(), 'days': '7'})}"


def whose_of(words: Any) -> Whose:
    """Return whose week an address asks for; a word that makes no sense is as if it were not there."""

    def identifier(name: str) -> uuid.UUID | None:
        try:
            return uuid.UUID(words.get(name, ""))
        except ValueError:
            return None

    return Whose(identifier("provider"), identifier("room"))


def week_of(desk: Desk, day: dt.date, whose: Whose) -> Week:
    """Return the week that a day lies in, as the clinic's country counts weeks. Raises `NotFound` for a stranger."""
    first_day = desk.habits.week_begins(day)
    start, end = desk.span(first_day, first_day + 6 * _DAY)
    version = pulse_of(desk.clinic.pk, start, end)
    only = desk.only_provider
    providers = calendars_of(desk.clinic.pk, start, end, only=None if only is None else [only])
    rooms = [] if only else calendars_of(desk.clinic.pk, start, end, kind=ResourceKind.ROOM)
    choices, wanted = (rooms, whose.room) if whose.room else (providers, whose.provider or desk.own_provider)
    calendar = next((one for one in choices if wanted in {None, one.id} and (wanted or one.active)), None)
    if calendar is None and wanted is not None and (whose.room or whose.provider):
        raise NotFound
    columns = _columns(desk, calendar, first_day, by_room=bool(whose.room)) if calendar else []
    first, last = hours_of(columns, desk.zone)
    return Week(
        calendar=calendar,
        monday=first_day,
        columns=columns,
        choices=[one for one in providers if one.active],
        rooms=[one for one in rooms if one.active],
        first=first,
        last=last,
        version=version,
        gone=[visit for column in columns for visit in column.gone],
        whose=Whose(room=calendar.id) if calendar and whose.room else Whose(calendar.id if calendar else None),
        base=reverse("portal:board", kwargs={"clinic": desk.clinic.pk}),
        today=next((place for place, column in enumerate(columns) if column.day == desk.today), None),
    )


def _columns(desk: Desk, calendar: Calendar, first_day: dt.date, *, by_room: bool) -> list[Column]:
    start, end = desk.span(first_day, first_day + 6 * _DAY)
    only = desk.only_provider
    visits = visits_of(desk.clinic.pk, start, end, providers=[only] if only else None if by_room else [calendar.id])
    busy = busy_besides(desk.clinic.pk, [calendar.id], start, end)
    columns = []
    for number in range(7):
        day = first_day + number * _DAY
        geometry = Geometry(day, desk.zone)

        def here(one: Any, geometry: Geometry = geometry) -> bool:
            return bool(one.start < geometry.end and one.end > geometry.start)

        since = max(geometry.start, desk.now.replace(second=0, microsecond=0))
        column = column_of(
            calendar,
            [
                one
                for one in visits
                if here(one) and (one.room_id == calendar.id if by_room else one.is_of(calendar.id))
            ],
            [one for one in busy if here(one) and concerns(one, calendar.id, by_room=by_room)],
            geometry,
            free_since=since if day >= desk.today and not by_room else None,
        )
        columns.append(replace(column, name=desk.habits.short_day(day), note="", href=_board(desk, day)))
    return columns


def _board(desk: Desk, day: dt.date) -> str:
    return f"{reverse('portal:board', kwargs={'clinic': desk.clinic.pk})}?date={day.isoformat()}"
