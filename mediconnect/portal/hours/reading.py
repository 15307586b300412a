"""What a provider's page shows: the day, the hours, time off. All of it at the desk's own clinic."""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from appointments.queries.day import VisitOfDay, visits_of
from mediconnect.errors import NotFound, NotPermitted
from mediconnect.portal.desk import Desk
from mediconnect.portal.setup.reading.closures import Closed, closed
from providers.models import (
    AppointmentType,
    OneOffHours,
    PractitionerRole,
    Provider,
    TimeOff,
    TypeOverride,
    WorkingHours,
)
from providers.queries.day import Calendar, calendars_of

from .rules import said

_NEAR = dt.timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Line:
    """Hours that come back, in words. `over` holds no more, `ahead` not yet."""

    row: WorkingHours
    when: str
    types: list[str]
    over: bool
    ahead: bool


@dataclass(frozen=True, slots=True)
class Weekly:
    """A weekday with its hours; `day` is the name."""

    day: str
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class Page:
    """A provider at this clinic."""

    provider: Provider
    specialty: str
    active: bool
    may_edit: bool
    may_be_sick: bool
    visits: list[VisitOfDay]
    today: Calendar | None
    week: list[Weekly]
    rules: list[Line]
    one_off: list[tuple[OneOffHours, list[str]]]
    time_off: list[Closed]
    differs: list[TypeOverride]

    @property
    def has_hours(self) -> bool:
        """Whether there are hours that come back."""
        return bool(self.rules) or any(day.lines for day in self.week)


@dataclass(frozen=True, slots=True)
class Listed:
    """A provider in the list: who, what, open today, away next."""

    calendar: Calendar
    away: TimeOff | None


def provider_at(desk: Desk, provider_id: uuid.UUID) -> tuple[Provider, PractitionerRole]:
    """Return a provider who works here and what as; raises `NotFound`. A provider alone sees the own page only."""
    role = (
        PractitionerRole.objects.filter(clinic=desk.clinic.pk, provider=provider_id).select_related("provider").first()
    )
    if role is None or desk.only_provider not in {None, provider_id}:
        raise NotFound
    return role.provider, role


def may_edit(desk: Desk, provider_id: uuid.UUID) -> bool:
    """Return whether the person may change this provider's hours: clinic admins, and a provider the own ones."""
    return desk.is_admin or desk.own_provider == provider_id


def editable(desk: Desk, provider_id: uuid.UUID) -> Provider:
    """Return a provider whose hours the person may change; raises `NotFound` and `NotPermitted`."""
    provider, _role = provider_at(desk, provider_id)
    if not may_edit(desk, provider_id):
        raise NotPermitted(_("Hours are changed by clinic admins, and by each provider for the own calendar."))
    return provider


def listed(desk: Desk) -> list[Listed]:
    """Return the providers who work here, by name; two statements."""
    start, end = desk.span(desk.today)
    only = desk.only_provider
    calendars = [
        one for one in calendars_of(desk.clinic.pk, start, end, only=None if only is None else [only]) if one.active
    ]
    away: dict[uuid.UUID, TimeOff] = {}
    rows = TimeOff.objects.filter(
        resource__in=[one.id for one in calendars],
        cancelled=False,
        ends_at__gt=desk.now,
        starts_at__lt=desk.now + _NEAR,
    )
    for row in rows.order_by("starts_at"):
        away.setdefault(row.resource_id, row)
    return [Listed(one, away.get(one.id)) for one in calendars]


def page_of(desk: Desk, provider_id: uuid.UUID) -> Page:
    """Return a provider's page; a fixed number of statements. Raises `NotFound`."""
    provider, role = provider_at(desk, provider_id)
    start, end = desk.span(desk.today)
    names = dict(AppointmentType.objects.filter(clinic=desk.clinic.pk).values_list("pk", "name"))
    hours = WorkingHours.objects.filter(resource=provider_id, clinic=desk.clinic.pk).order_by(
        "weekday", "start_time", "id"
    )
    lines = [_line(desk, row, names) for row in hours]
    current = [line for line in lines if not line.over]
    one_off = OneOffHours.objects.filter(resource=provider_id, clinic=desk.clinic.pk, date__gte=desk.today)
    away = TimeOff.objects.filter(resource=provider_id, cancelled=False, ends_at__gt=desk.now).order_by("starts_at")
    calendars = calendars_of(desk.clinic.pk, start, end, only=[provider_id])
    differs = TypeOverride.objects.filter(provider=provider_id, appointment_type__clinic=desk.clinic.pk)
    return Page(
        provider=provider,
        specialty=role.specialty,
        active=role.active and provider.active,
        may_edit=may_edit(desk, provider_id),
        may_be_sick=desk.may_book(provider_id),
        visits=visits_of(desk.clinic.pk, start, end, providers=[provider_id]),
        today=calendars[0] if calendars else None,
        week=_week(desk, current),
        rules=[line for line in current if line.row.weekday is None],
        one_off=[(row, _names(row.types, names)) for row in one_off.order_by("date", "start_time")],
        time_off=[closed(desk, row) for row in away],
        differs=list(differs.select_related("appointment_type").order_by("appointment_type__name")),
    )


def _week(desk: Desk, lines: Iterable[Line]) -> list[Weekly]:
    found: dict[int, list[Line]] = {number: [] for number in desk.habits.week}
    for line in lines:
        if line.row.weekday is not None:
            found[line.row.weekday].append(line)
    return [Weekly(desk.habits.weekday_names[number], there) for number, there in found.items()]


def _line(desk: Desk, row: WorkingHours, names: dict[uuid.UUID, str]) -> Line:
    when = said(row.rrule, desk.habits) if row.rrule else ""
    over = row.valid_until is not None and row.valid_until < desk.today
    return Line(row, when, _names(row.types, names), over, row.valid_from > desk.today)


def _names(types: Iterable[uuid.UUID], names: dict[uuid.UUID, str]) -> list[str]:
    return sorted(names[one] for one in types if one in names)
