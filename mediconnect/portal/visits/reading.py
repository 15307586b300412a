"""Read all that a visit's card shows, in four statements, into plain words and values."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from appointments.models import Appointment, CancellationReason, Priority, Status
from appointments.models.appointment import Source
from appointments.models.status import MOVABLE, TRANSITIONS
from mediconnect.errors import NotFound
from mediconnect.portal.desk import Desk
from mediconnect.portal.people.ages import age_on
from mediconnect.portal.series.words import described
from mediconnect.records.models import Change
from patients.models import ContactPoint, ContactSystem, Registration
from providers.models import Provider

from .history import Entry, Teller
from .steps import Back, Button, back_from, possible

# How much of the history the card shows unasked.
RECENT: Final = 5

CANCELLABLE: Final = frozenset(status for status, targets in TRANSITIONS.items() if Status.CANCELLED in targets)


@dataclass(frozen=True, slots=True)
class Person:
    """The patient, as far as a card needs."""

    id: uuid.UUID
    given_name: str
    family_name: str
    birth_date: dt.date | None
    age: str
    record_number: str
    phone: str
    has_notes: bool


@dataclass(frozen=True, slots=True)
class InSeries:
    """Which visit of which series it is: the third of eight, every second Tuesday."""

    id: uuid.UUID
    occurrence: int
    of: int
    words: str


@dataclass(frozen=True, slots=True)
class Card:
    """A visit as its card shows it, and what may be done to it now."""

    id: uuid.UUID
    version: int
    status: str
    patient: Person
    provider_id: uuid.UUID
    provider: str
    second_provider_id: uuid.UUID | None
    second_provider: str
    room: str
    device: str
    type_id: uuid.UUID
    type: str
    start: dt.datetime
    end: dt.datetime
    day: dt.date
    minutes: int
    source: str
    booked_at: dt.datetime
    reason: str
    patient_note: str
    internal_note: str
    cancellation: str
    override_reason: str
    overridden_by: str
    series: "InSeries | None"
    moments: Sequence[tuple[str, dt.datetime]]
    is_urgent: bool
    is_today: bool
    can_move: bool
    can_cancel: bool
    is_over: bool
    steps: Sequence[Button] = ()
    back: Back | None = None
    history: Sequence[Entry] = ()
    earlier: int = 0


def visit_at(desk: Desk, visit_id: uuid.UUID) -> Appointment:
    """Return a visit that the person may see here, with what its card names; raises `NotFound`.

    One statement. `record_number` and `phone` (the first that is tried) come along as attributes.
    """
    here = Registration.objects.filter(patient=OuterRef("patient"), clinic=desk.clinic.pk)
    phones = ContactPoint.objects.active().filter(patient=OuterRef("patient"), system=ContactSystem.PHONE)
    found = (
        desk.visits()
        .filter(pk=visit_id)
        .select_related(
            "patient", "provider", "second_provider", "room", "device", "appointment_type", "overridden_by", "series"
        )
        .annotate(
            record_number=Subquery(here.values("record_number")[:1]),
            phone=Subquery(phones.order_by("rank", "id").values("value")[:1]),
        )
        .first()
    )
    if found is None:
        raise NotFound
    visit: Appointment = found
    return visit


def visit_and_target(desk: Desk, visit_id: uuid.UUID, provider_id: uuid.UUID | None) -> tuple[Appointment, str]:
    """Return a visit without its notes, and the name of the provider whom it might go to: its own where none is named.

    One statement; the name is empty where nobody of that id works here. Raises `NotFound`.
    """
    target = Provider.objects.at({desk.clinic.pk}).filter(pk=provider_id).values("name")[:1]
    seen = desk.visits().filter(pk=visit_id).select_related("provider")
    found = seen.defer("reason", "patient_note", "internal_note").annotate(target=Subquery(target)).first()
    if found is None:
        raise NotFound
    name = found.target if provider_id else found.provider.name
    return found, name or ""


def name_of(desk: Desk, provider_id: uuid.UUID) -> str:
    """Return the name of a provider of this clinic, or nothing."""
    found: str | None = (
        Provider.objects.at({desk.clinic.pk}).filter(pk=provider_id).values_list("name", flat=True).first()
    )
    return found or ""


def card_of(desk: Desk, visit: Appointment, *, whole_history: bool = False) -> Card:
    """Return the card of a visit from `visit_at`: three statements more, for its history and the names in it."""
    changes = list(Change.objects.of(visit))
    told = Teller.of(desk, visit, changes).tell(changes)
    history = told if whole_history else told[:RECENT]
    ahead = visit.starts_at.astimezone(desk.zone).date() > desk.today
    return Card(
        **plain(desk, visit),
        steps=possible(visit, now=desk.now, ahead=ahead),
        back=back_from(visit, changes, now=desk.now),
        history=history,
        earlier=len(told) - len(history),
    )


def sketch_of(desk: Desk, visit: Appointment) -> Card:
    """Return the card without its steps and history, for the forms that need none: no statement."""
    return Card(**plain(desk, visit))


def plain(desk: Desk, visit: Appointment) -> dict[str, Any]:
    """Return what the card reads off the visit itself."""
    status, start = Status(visit.status), visit.starts_at.astimezone(desk.zone)
    person = visit.overridden_by
    return {
        "id": visit.pk,
        "version": visit.version,
        "status": visit.status,
        "patient": _person(desk, visit),
        "provider_id": visit.provider_id,
        "provider": visit.provider.name,
        "second_provider_id": visit.second_provider_id,
        "second_provider": visit.second_provider.name if visit.second_provider else "",
        "room": visit.room.name if visit.room else "",
        "device": visit.device.name if visit.device else "",
        "type_id": visit.appointment_type_id,
        "type": visit.appointment_type.name,
        "start": start,
        "end": visit.ends_at.astimezone(desk.zone),
        "day": start.date(),
        "minutes": (visit.ends_at - visit.starts_at) // dt.timedelta(minutes=1),
        "source": _source(visit.source),
        "booked_at": visit.created_at,
        "reason": visit.reason,
        "patient_note": visit.patient_note,
        "internal_note": visit.internal_note,
        "cancellation": _(CancellationReason(visit.cancellation_reason).label) if visit.cancellation_reason else "",
        "override_reason": visit.override_reason,
        "overridden_by": (person.display_name or person.email) if person else "",
        "series": _in_series(desk, visit),
        "moments": _moments(visit),
        "is_urgent": visit.priority == Priority.URGENT,
        "is_today": start.date() == desk.today,
        "can_move": status in MOVABLE,
        "can_cancel": status in CANCELLABLE,
        "is_over": status in {Status.CANCELLED, Status.NO_SHOW, Status.COMPLETED} or visit.ends_at < desk.now,
    }


def _in_series(desk: Desk, visit: Appointment) -> InSeries | None:
    series, number = visit.series, visit.occurrence or 0
    return InSeries(series.pk, number, series.size, described(series, desk.habits, number=number)) if series else None


def _source(source: str) -> str:
    """Return how a visit was booked."""
    words = {
        Source.PATIENT: _("by the patient"),
        Source.STAFF: _("at the front desk"),
        Source.IMPORTED: _("imported"),
        Source.SYSTEM: _("by another system"),
    }
    return words[Source(source)]


def _person(desk: Desk, visit: Appointment) -> Person:
    patient: Any = visit.patient
    found: Any = visit
    return Person(
        id=patient.pk,
        given_name=patient.given_name,
        family_name=patient.family_name,
        birth_date=patient.birth_date,
        age=_age(patient.birth_date, desk.today) if patient.birth_date else "",
        record_number=found.record_number or "",
        phone=found.phone or "",
        has_notes=bool(patient.notes),
    )


def _age(born: dt.date, today: dt.date) -> str:
    years = age_on(today, born)
    if years >= 2:  # below, months are what a paediatrician counts
        return ngettext("%(count)d year", "%(count)d years", years) % {"count": years}
    months = (today.year - born.year) * 12 + today.month - born.month - (today.day < born.day)
    return ngettext("%(count)d month", "%(count)d months", months) % {"count": months}


def _moments(visit: Appointment) -> list[tuple[str, dt.datetime]]:
    """Return the moments of the day that were noted, in their order."""
    ended = {
        Status.COMPLETED: pgettext("moment", "completed"),
        Status.CANCELLED: pgettext("moment", "cancelled"),
        Status.NO_SHOW: pgettext("moment", "marked as a no-show"),
    }
    noted = (
        (pgettext("moment", "arrived"), visit.arrived_at),
        (pgettext("moment", "in a room"), visit.roomed_at),
        (pgettext("moment", "with the provider"), visit.started_at),
        (ended.get(Status(visit.status), pgettext("moment", "ended")), visit.ended_at),
    )
    return [(word, moment) for word, moment in noted if moment is not None]
