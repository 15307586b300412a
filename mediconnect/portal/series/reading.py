"""What the pages of series show, in plain words and values."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from appointments.models import Appointment, Series, Status
from appointments.queries.series.instead import Alternative
from appointments.queries.series.planning import Planned, SeriesPlan
from appointments.queries.series.reading import visible_series
from appointments.services.series.which import is_to_come, pattern_of
from mediconnect.errors import NotFound
from mediconnect.portal.booking.form import Slot
from mediconnect.portal.desk import Desk
from patients.models import Patient
from providers.models import Provider

from .form import AS_PLANNED, OUT
from .words import described, why_not


@dataclass(frozen=True, slots=True)
class Option:
    """One of the times, or nothing, that a visit of a plan may have: the value of its radio, and its words."""

    value: str
    words: str
    detail: str = ""
    checked: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One visit of a plan: when it would be, why not, and what to choose from."""

    number: int
    start: dt.datetime
    provider: str
    free: bool
    skipped: bool
    reasons: Sequence[str]
    options: Sequence[Option]


@dataclass(frozen=True, slots=True)
class Line:
    """One visit of a series, as its page lists it."""

    id: uuid.UUID
    number: int
    start: dt.datetime
    provider: str
    status: str
    version: int
    to_come: bool
    moved: bool


@dataclass(frozen=True, slots=True)
class Whole:
    """A series as its page shows it."""

    series: Series
    patient: Patient
    type: str
    words: str
    time: str
    lines: Sequence[Line]

    @property
    def ahead(self) -> list[Line]:
        """The visits that are still to come."""
        return [line for line in self.lines if line.to_come]

    @property
    def versions(self) -> str:
        """The versions of those, as a form carries them: id:version, joined by commas."""
        return packed({line.id: line.version for line in self.ahead})


def packed(versions: Mapping[Any, int]) -> str:
    """Return versions of visits as one field of a form."""
    return ",".join(f"{visit}:{version}" for visit, version in versions.items())


def unpacked(words: str) -> dict[uuid.UUID, int]:
    """Return the versions that a field holds; what cannot be read is passed over, so that nothing is changed by it."""
    found: dict[uuid.UUID, int] = {}
    for part in words.split(",")[:200]:
        visit, _colon, version = part.partition(":")
        if version.isascii() and version.isdigit() and len(version) < 10:
            try:
                found[uuid.UUID(visit)] = int(version)
            except ValueError:
                continue
    return found


def series_at(desk: Desk, series_id: uuid.UUID) -> Series:
    """Return a series of this clinic that the person may see; raises `NotFound`."""
    series = visible_series(desk.principal, series_id)
    if series.clinic_id != desk.clinic.pk:
        raise NotFound
    return series


def whole(desk: Desk, series_id: uuid.UUID) -> Whole:
    """Return the page of a series. Three statements."""
    series = series_at(desk, series_id)
    visits = list(
        Appointment.objects.filter(series=series.pk)
        .select_related("patient", "provider", "appointment_type")
        .defer("reason", "patient_note", "internal_note")
        .order_by("occurrence")
    )
    pattern = pattern_of(series)
    planned = {one.number: one.start for one in pattern.occurrences(desk.zone)}

    def line(visit: Appointment) -> Line:
        number = visit.occurrence or 0
        usual = (planned.get(number), pattern.provider_at(number, series.provider_id))
        return Line(
            visit.pk,
            number,
            visit.starts_at.astimezone(desk.zone),
            visit.provider.name,
            visit.status,
            visit.version,
            to_come=is_to_come(visit, desk.now),
            moved=(visit.starts_at, visit.provider_id) != usual and visit.status != Status.CANCELLED,
        )

    lines, last = [line(visit) for visit in visits], pattern.occurrences(desk.zone)[-1]
    return Whole(
        series,
        visits[0].patient,
        visits[0].appointment_type.name,
        described(series, desk.habits),
        desk.habits.time(last.start),
        lines,
    )


def names_of(desk: Desk) -> dict[uuid.UUID, str]:
    """Return the providers in whose calendars the person may book here, by name."""
    found: Any = Provider.objects.at([desk.clinic.pk]).filter(active=True).order_by("name", "pk")
    if desk.only_provider is not None:
        found = found.filter(pk=desk.only_provider)
    names: dict[uuid.UUID, str] = dict(found.values_list("pk", "name"))
    return names


def rows_of(
    desk: Desk, plan: SeriesPlan, names: Mapping[uuid.UUID, str], *, picked: Mapping[int, str], may_stay: bool = False
) -> list[Row]:
    """Return the plan as a form shows it. What was picked stays picked where it is still to be had.

    `may_stay` is for a move: a visit that is left out stays where it is.
    """
    out = _("Leave it where it is") if may_stay else _("Leave it out")
    return [_row(desk, one, names, picked.get(one.number, ""), out) for one in plan.visits]


def _row(desk: Desk, one: Planned, names: Mapping[uuid.UUID, str], picked: str, out: str) -> Row:
    provider = names.get(one.asked.provider_id, "")
    values = [AS_PLANNED] if one.free else []
    values += [str(Slot(other.provider_id, other.start.astimezone(desk.zone))) for other in one.alternatives]
    values.append(OUT)
    checked = picked if picked in values else values[0]
    start = one.wish.span.start.astimezone(desk.zone)
    options = [Option(AS_PLANNED, _("As planned"), "", checked == AS_PLANNED)] if one.free else []
    options += [
        _option(desk, other, value, names, one, checked)
        for other, value in zip(one.alternatives, values[len(options) :], strict=False)
    ]
    options.append(Option(OUT, out, "", checked == OUT))
    reasons = why_not(desk, one.blocked, provider, start)
    return Row(one.number, start, provider, one.free, one.asked.skipped, reasons, options)


def _option(
    desk: Desk, other: Alternative, value: str, names: Mapping[uuid.UUID, str], one: Planned, checked: str
) -> Option:
    start, same_day = other.start.astimezone(desk.zone), one.wish.span.start.astimezone(desk.zone).date()
    details = [] if start.date() == same_day else [desk.habits.short_day(start.date())]
    details += [] if other.provider_id == one.asked.provider_id else [names.get(other.provider_id, "")]
    return Option(value, desk.habits.time(start), ", ".join(details), value == checked)


def kept_alternatives(plan: SeriesPlan, lost: SeriesPlan) -> SeriesPlan:
    """Return the plan with what a refused booking met, for those visits that were lost: why, and what is free now."""
    again = {one.number: one for one in lost.conflicts}
    visits = [again.get(one.number, one) for one in plan.visits]
    return SeriesPlan(plan.pattern, plan.terms, visits, plan.left_out, plan.staying)
