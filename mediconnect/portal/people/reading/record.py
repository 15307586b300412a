"""One patient's page: who it is, how to reach them, who acts for whom, visits, account; a fixed number of statements."""

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Q

from appointments.models import ACTIVE
from mediconnect.accounts.models import Invitation
from mediconnect.errors import NotFound
from mediconnect.portal.desk import Desk
from mediconnect.portal.messages.standing import Standing, standings_of
from mediconnect.portal.people.ages import age_on
from mediconnect.portal.people.languages import language_name
from patients.errors import Merged
from patients.models import ContactPoint, Dependant, Patient, Registration
from patients.queries import in_care_of, suspects, visible_to

PAST_ON_A_PAGE: Final = 10
_UPCOMING: Final = 20


@dataclass(frozen=True, slots=True)
class Contact:
    """A way to reach the patient. `preferred` is tried first among those of its kind, of which there may be `several`."""

    id: uuid.UUID
    version: int
    system: str
    value: str
    consent: bool
    verified: bool
    preferred: bool
    several: bool
    standing: Standing | None = None


@dataclass(frozen=True, slots=True)
class Kin:
    """Somebody who acts for the patient, or for whom the patient acts; a patient of this clinic, too."""

    id: uuid.UUID
    given_name: str
    family_name: str
    birth_date: dt.date | None
    relationship: str
    ends_on: dt.date | None


@dataclass(frozen=True, slots=True)
class Visit:
    """A line of the list of visits."""

    id: uuid.UUID
    starts_at: dt.datetime
    status: str
    kind: str
    provider: str


@dataclass(frozen=True, slots=True)
class Visits:
    """Those to come, soonest first, and a page of those gone by, latest first."""

    upcoming: Sequence[Visit]
    past: Sequence[Visit]
    page: int
    more: bool


@dataclass(frozen=True, slots=True)
class Account:
    """Whether the patient signs in, or is invited to. `missing` is what an invitation lacks: birth_date, contact."""

    has_one: bool
    sent_at: dt.datetime | None
    expires_at: dt.datetime | None
    open: bool
    missing: Sequence[str]


@dataclass(frozen=True, slots=True)
class Record:
    """All that the desk sees of one patient at this clinic."""

    id: uuid.UUID
    version: int
    given_name: str
    family_name: str
    birth_date: dt.date | None
    age: int | None
    language: str
    language_name: str
    notes: str
    active: bool
    numbers: Sequence[tuple[str, str]]
    number: str
    former_numbers: Sequence[str]
    contacts: Sequence[Contact]
    dependants: Sequence[Kin]
    guardians: Sequence[Kin]
    visits: Visits
    account: Account
    suspects: Sequence[Mapping[str, Any]]


def patient_of(desk: Desk, patient_id: uuid.UUID) -> Patient:
    """Return a patient of this clinic.

    Raises `NotFound` for anybody else, and `Merged`, naming the one that stays, for a record that became part of another.
    """
    patient = visible_to(desk.principal, clinic_ids={desk.clinic.pk}).filter(pk=patient_id).first()
    if patient is None:
        raise NotFound
    if patient.merged_into_id is not None:
        raise Merged(merged_into=patient.merged_into_id)
    return patient


def record_of(desk: Desk, patient: Patient, *, page: int = 1) -> Record:
    """Return what the page shows; `page` counts the pages of past visits from 1."""
    own = {clinic.pk for clinic in desk.clinics}
    known = Q(patient=patient, clinic__in=own) | Q(patient__merged_into=patient.pk, clinic=desk.clinic.pk)
    rows = list(Registration.objects.filter(known).select_related("clinic").order_by("clinic__name", "record_number"))
    registrations = [row for row in rows if row.patient_id == patient.pk]
    points = list(ContactPoint.objects.active().filter(patient=patient).order_by("system", "rank", "id"))
    like = suspects(patient, contacts=points, clinic_ids=[desk.clinic.pk])
    return Record(
        id=patient.pk,
        version=patient.version,
        given_name=patient.given_name,
        family_name=patient.family_name,
        birth_date=patient.birth_date,
        age=age_on(desk.today, patient.birth_date) if patient.birth_date else None,
        language=patient.language,
        language_name=language_name(patient.language),
        notes=patient.notes,
        active=patient.active,
        numbers=[(row.clinic.name, row.record_number) for row in registrations if row.clinic_id != desk.clinic.pk],
        former_numbers=[row.record_number for row in rows if row.patient_id != patient.pk],
        number=next((row.record_number for row in registrations if row.clinic_id == desk.clinic.pk), ""),
        contacts=_contacts(points, standings_of(desk, points)),
        dependants=_dependants(desk, patient),
        guardians=_guardians(desk, patient),
        visits=_visits(desk, patient, page),
        account=_account(desk, patient, points),
        suspects=[suspect.shown() for suspect in like if suspect.patient_id != patient.pk],
    )


def _contacts(points: Sequence[ContactPoint], standings: Mapping[uuid.UUID, Standing]) -> list[Contact]:
    first = {point.system: point.pk for point in reversed(points)}
    several = {system for system, count in Counter(point.system for point in points).items() if count > 1}
    return [
        Contact(
            point.pk,
            point.version,
            point.system,
            point.value,
            point.consent,
            point.verified_at is not None,
            first[point.system] == point.pk,
            point.system in several,
            standings.get(point.pk),
        )
        for point in points
    ]


def _dependants(desk: Desk, patient: Patient) -> list[Kin]:
    here = visible_to(desk.principal, clinic_ids={desk.clinic.pk})
    return [_kin(right.patient, right) for right in in_care_of(patient.pk, today=desk.today, among=here)]


def _guardians(desk: Desk, patient: Patient) -> list[Kin]:
    here = visible_to(desk.principal, clinic_ids={desk.clinic.pk})
    rights = Dependant.objects.on(desk.today).filter(patient=patient, guardian__in=here.values("pk"))
    ordered = rights.select_related("guardian").order_by("guardian__family_name", "guardian__given_name", "id")
    return [_kin(right.guardian, right) for right in ordered]


def _kin(person: Patient, right: Dependant) -> Kin:
    return Kin(person.pk, person.given_name, person.family_name, person.birth_date, right.relationship, right.ends_on)


def _visits(desk: Desk, patient: Patient, page: int) -> Visits:
    visits = desk.visits().filter(patient=patient)
    to_come = Q(ends_at__gte=desk.now, status__in=ACTIVE)
    start = (page - 1) * PAST_ON_A_PAGE
    past = _lines(visits.exclude(to_come).order_by("-starts_at", "-id")[start : start + PAST_ON_A_PAGE + 1])
    upcoming = _lines(visits.filter(to_come).order_by("starts_at", "id")[:_UPCOMING])
    return Visits(upcoming, past[:PAST_ON_A_PAGE], page, more=len(past) > PAST_ON_A_PAGE)


def _lines(visits: Any) -> list[Visit]:
    columns = ("pk", "starts_at", "status", "appointment_type__name", "provider__name")
    return [Visit(*row) for row in visits.values_list(*columns)]


def _account(desk: Desk, patient: Patient, points: Sequence[ContactPoint]) -> Account:
    last = Invitation.objects.filter(subject_id=patient.pk, revoked_at=None).order_by("-created_at").first()
    missing = [] if patient.birth_date else ["birth_date"]
    missing += [] if any(point.consent for point in points) else ["contact"]
    return Account(
        has_one=patient.user_id is not None,
        sent_at=last.created_at if last else None,
        expires_at=last.expires_at if last else None,
        open=last is not None and last.used_at is None and last.expires_at > desk.now,
        missing=missing,
    )
