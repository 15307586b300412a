"""Read a day of the clinic: four statements, however full it is, one for who was not reached, and one for their numbers."""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from appointments.queries.day import Busy, VisitOfDay, busy_besides, visits_of
from appointments.queries.pulse import pulse_of
from mediconnect.portal.desk import Desk
from mediconnect.portal.holidays import holidays_in_words
from mediconnect.portal.messages.words import channel_word
from patients.queries import phones_of
from providers.models import ResourceKind
from providers.queries.day import calendars_of

from .picture import Column, Geometry, counted, draw, hours_of


@dataclass(frozen=True, slots=True)
class View:
    """Which day one looks at, and how: by provider or by room, all or some of them. The address says it all."""

    day: dt.date
    by_room: bool = False
    who: tuple[uuid.UUID, ...] = ()

    @property
    def kept(self) -> dict[str, str]:
        """Return what the address keeps from day to day."""
        kept = {"by": "room"} if self.by_room else {}
        return kept | ({"who": ",".join(str(one) for one in self.who)} if self.who else {})

    def query(self, **more: str) -> str:
        """Return the address's query for this view, with more words or a day of its own."""
        return urlencode({"date": self.day.isoformat(), **self.kept, **more})


@dataclass(frozen=True, slots=True)
class Task:
    """Somebody to call: a message about this visit reached nobody. `message` is what is done with when it is done."""

    message: uuid.UUID
    channel: str
    visit: VisitOfDay
    phone: str


@dataclass(frozen=True, slots=True)
class Board:
    """A day, drawn."""

    view: View
    columns: list[Column]
    names: list[tuple[uuid.UUID, str, bool]]
    first: int
    last: int
    version: str
    counts: dict[str, Any]
    gone: list[VisitOfDay]
    closures: list[Busy]
    holiday: str
    now: str
    base: str
    tasks: list[Task]
    displaced: int = 0

    @property
    def hours(self) -> range:
        """Return the full hours that the gutter names."""
        return range(self.first, self.last)

    @property
    def address(self) -> str:
        """Return the board's own address."""
        return f"{self.base}?{self.view.query()}"

    @property
    def pulse(self) -> str:
        """Return where a page asks whether anything changed."""
        return f"{self.base}pulse/?{self.view.query()}"

    @property
    def keep(self) -> str:
        """Return what links to cards and forms keep of the view, as the end of an address that has a query."""
        return f"&{urlencode(self.view.kept)}" if self.view.kept else ""

    @property
    def empty(self) -> bool:
        """Whether nobody works on this day and nobody is expected."""
        return not self.columns


def view_of(desk: Desk, words: Any, day: dt.date | None = None) -> View:
    """Return the view that an address's words describe; words that make no sense are as if they were not there."""
    who = []
    for word in words.getlist("who"):
        for part in word.split(","):
            try:
                who.append(uuid.UUID(part))
            except ValueError:
                continue
    return View(day or desk.day(words.get("date")), words.get("by") == "room", tuple(dict.fromkeys(who)))


def board_of(desk: Desk, view: View) -> Board:
    """Return the day as the view asks for it: four statements, and the one that counts what is to do. A provider who is no desk sees the own calendar alone."""
    start, end = desk.span(view.day)
    # First the version, then what it stands for: a change in between is found by the next look.
    version = pulse_of(desk.clinic.pk, start, end)
    only = desk.only_provider
    kind = ResourceKind.ROOM if view.by_room else ResourceKind.PROVIDER
    calendars = calendars_of(
        desk.clinic.pk, start, end, kind=kind, only=None if only is None or view.by_room else [only]
    )
    visits = visits_of(desk.clinic.pk, start, end, providers=None if only is None else [only])
    things = [one.id for one in calendars]
    busy = busy_besides(desk.clinic.pk, things, start, end)
    shown = [one for one in calendars if not view.who or one.id in view.who]
    geometry = Geometry(view.day, desk.zone)
    ahead = view.day >= desk.today and not view.by_room
    now = desk.now.replace(minute=desk.now.minute // 5 * 5, second=0, microsecond=0)
    columns = draw(shown, visits, busy, geometry, by_room=view.by_room, free_since=max(start, now) if ahead else None)
    if not view.by_room:
        for column in columns:
            where = {"clinic": desk.clinic.pk, "provider": column.id}
            column.href = reverse("portal:provider", kwargs=where)
            if view.day == desk.today and desk.may_book(column.id):
                column.sick = f"{reverse('portal:displace-provider', kwargs=where)}?sick=now"
    first, last = hours_of(columns, desk.zone)
    inside = view.day == desk.today and first * 60 <= geometry.minute(desk.now) < last * 60
    return Board(
        view=view,
        columns=columns,
        names=[(one.id, one.name, one.id in view.who) for one in calendars if one.active],
        first=first,
        last=last,
        version=version,
        counts=counted(visits),
        gone=[visit for visit in visits if not visit.claims],
        closures=[one for one in busy if one.kind == "closed"],
        holiday="; ".join(name for _, name in holidays_in_words(desk.clinic.region, view.day, view.day)),
        now=geometry.classes(desk.now, desk.now) if inside else "",
        base=reverse("portal:board", kwargs={"clinic": desk.clinic.pk}),
        tasks=_tasks(desk, visits),
        displaced=sum(visit.displaced and visit.active for visit in visits),
    )


def _tasks(desk: Desk, visits: Iterable[VisitOfDay]) -> list[Task]:
    """Return who is to be called because of these visits, soonest first: one task for each message."""
    here = {visit.id: visit for visit in visits}
    failed = [
        (alert, here[min(alert.visits & here.keys())]) for alert in desk.alerts.messages if alert.visits & here.keys()
    ]
    phones = phones_of({visit.patient_id for _, visit in failed})
    return [
        Task(alert.id, channel_word(alert.channel), visit, phones.get(visit.patient_id, "")) for alert, visit in failed
    ]
