"""Read the groups of a day, and one group's roster with what can be done for each person."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.urls import reverse
from django.utils.http import urlencode

from appointments.models import Appointment, Session
from appointments.models.status import CLAIMING, MOVABLE
from appointments.queries.groups import Group, groups_of
from mediconnect.errors import NotFound
from mediconnect.portal.batches.form import value_of
from mediconnect.portal.desk import Desk
from mediconnect.portal.visits.reading import CANCELLABLE
from mediconnect.portal.visits.steps import Button, possible
from patients.queries import phones_of

# Where somebody of a group could go instead: further ahead one books anew.
_AHEAD: Final = dt.timedelta(days=28)
_BACK: Final = dt.timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Person:
    """One participant: seat, status and steps are this person's own, whatever the others do."""

    visit: Appointment
    seat: int | None
    name: str
    phone: str
    steps: Sequence[Button]
    can_move: bool
    can_cancel: bool
    is_gone: bool

    @property
    def value(self) -> str:
        """Return how a form of many names the visit."""
        return value_of(self.visit)


@dataclass(frozen=True, slots=True)
class Roster:
    """One group: who comes, who gave the seat back, and the other meetings of it with free seats."""

    group: Group
    people: Sequence[Person]
    gone: Sequence[Person]
    others: Sequence[Group]
    day: dt.date
    movable: int

    @property
    def room_for(self) -> range:
        """Return the numbers of lines left to write on, on paper."""
        return range(self.group.free)


def day_of(desk: Desk, day: dt.date) -> list[Group]:
    """Return the day's groups, of the own calendar for whoever is no desk. One statement."""
    return groups_of(desk.clinic.pk, *desk.span(day), provider_id=desk.only_provider)


def roster_of(desk: Desk, session_id: uuid.UUID) -> Roster:
    """Return a group's roster: four statements. Raises `NotFound` for another clinic's, or another calendar's."""
    session = Session.objects.filter(pk=session_id, clinic=desk.clinic.pk).first()
    if session is None or not desk.may_book(session.provider_id):
        raise NotFound
    near = groups_of(
        desk.clinic.pk,
        min(session.starts_at, desk.now - _BACK),
        max(session.starts_at, desk.now + _AHEAD) + dt.timedelta(minutes=1),
        provider_id=desk.only_provider,
        type_id=session.appointment_type_id,
    )
    group = next(one for one in near if one.id == session_id)
    visits = list(
        desk.visits()
        .filter(session=session_id)
        .select_related("patient", "room", "provider")
        .defer("reason", "patient_note", "internal_note", "patient__notes")
        .order_by("patient__family_name", "patient__given_name", "seat")
    )
    phones = phones_of({visit.patient_id for visit in visits})
    day = session.starts_at.astimezone(desk.zone).date()
    people = [_person(desk, visit, phones.get(visit.patient_id, ""), ahead=day > desk.today) for visit in visits]
    return Roster(
        group,
        [person for person in people if not person.is_gone],
        [person for person in people if person.is_gone],
        [one for one in near if one.id != session_id and one.free and one.start > desk.now],
        day,
        sum(person.can_move for person in people),
    )


def _person(desk: Desk, visit: Appointment, phone: str, *, ahead: bool) -> Person:
    patient = visit.patient
    return Person(
        visit,
        visit.seat,
        ", ".join(part for part in (patient.family_name, patient.given_name) if part),
        phone,
        possible(visit, now=desk.now, ahead=ahead),
        visit.status in MOVABLE,
        visit.status in CANCELLABLE,
        visit.status not in CLAIMING,
    )


def days_around(desk: Desk, day: dt.date) -> dict[str, Any]:
    """Return the way from day to day."""
    here, habits = reverse("portal:groups", kwargs={"clinic": desk.clinic.pk}), desk.habits
    before, after = day - dt.timedelta(days=1), day + dt.timedelta(days=1)
    return {
        "address": here,
        "day": day,
        "keep": {},
        "previous": f"{here}?{urlencode({'date': before.isoformat()})}",
        "next": f"{here}?{urlencode({'date': after.isoformat()})}",
        "today": here,
        "previous_label": habits.day_and_date(before),
        "next_label": habits.day_and_date(after),
    }
