"""Patients as the desk works with them: found, registered, changed, invited."""

import datetime as dt
import uuid
from collections.abc import Collection
from typing import Any, ClassVar

from django.http import HttpResponse
from django.utils import timezone

from mediconnect.api.access import DESK, STAFF, Access, AccessTable
from mediconnect.api.answers import HttpAnswer
from mediconnect.api.fields import as_flag, as_text, as_uuid, members, query_words, required
from mediconnect.api.pages import limit_of, page
from mediconnect.api.principal import Principal
from mediconnect.api.requests import ApiRequest
from mediconnect.api.versions import expected_version
from mediconnect.api.views import ApiView
from mediconnect.errors import Invalid, NotFound, NotPermitted
from mediconnect.idempotency.decorator import idempotent
from mediconnect.resilience.transactions import decide
from mediconnect.telemetry.request_id import current_request_id
from patients.accounts import deliverable_contacts, invite
from patients.errors import Merged
from patients.models import Patient, Registration
from patients.queries import best_fits, complete, shown_to, visible_to
from patients.rules.contacts import country_of
from patients.rules.searching import LONGEST_SEARCH, read_search
from patients.services.changes import change_patient
from patients.services.registration import register, register_at
from providers.models import Clinic

from . import reading, rendering, schema

_READ = Access(staff=STAFF)
_WRITE = Access(staff=DESK)


def today() -> dt.date:
    """Return the day as the database counts it (UTC)."""
    return timezone.now().date()


def desks(principal: Principal) -> Collection[uuid.UUID] | None:
    """Return the clinics where the caller may write records; None for a superuser: all of them."""
    if principal.is_superuser:
        return None
    return {clinic for clinic, roles in principal.roles.items() if roles & DESK}


def seen(principal: Principal, patient_id: uuid.UUID) -> Patient:
    """Return the patient if the caller may see it; raises `NotFound`, and `Merged` for a part of another record."""
    patient = visible_to(principal).filter(pk=patient_id).first()
    if patient is None:
        raise NotFound
    return alone(patient)


def alone(patient: Patient) -> Patient:
    """Return the record; raises `Merged`, naming the one it became part of, which every clinic that knew it knows."""
    if patient.merged_into_id is not None:
        raise Merged(merged_into=patient.merged_into_id)
    return patient


def writable(principal: Principal, patient_id: uuid.UUID) -> Patient:
    """Return the patient if the caller may write it; raises `NotFound`, or `NotPermitted` where it may only be read."""
    patient = visible_to(principal, clinic_ids=desks(principal)).filter(pk=patient_id).first()
    if patient is None:
        seen(principal, patient_id)
        raise NotPermitted
    return alone(patient)


def countries_of(principal: Principal, clinic_ids: Collection[uuid.UUID] | None = None) -> list[str]:
    """Return the countries of the caller's clinics, by whose rules phone numbers without a country code are read."""
    clinics = Clinic.objects.order_by("region")
    wanted = clinic_ids if clinic_ids is not None else principal.clinics()
    if clinic_ids is not None or not principal.is_superuser:
        clinics = clinics.filter(pk__in=wanted)
    countries = (country_of(region) for region in clinics.values_list("region", flat=True).distinct())
    return list(dict.fromkeys(country for country in countries if country))


class PatientView(ApiView):
    """An endpoint whose answers speak of one patient."""

    def may_see(self, request: ApiRequest, resource_id: uuid.UUID) -> bool:
        """Return whether the caller may still see the patient of a stored answer."""
        return visible_to(request.principal).filter(pk=resource_id).exists()


class Patients(PatientView):
    """The patients of the caller's clinics."""

    access: ClassVar[AccessTable] = {"GET": _READ, "POST": _WRITE}

    @schema.list_patients
    def get(self, request: ApiRequest) -> HttpResponse:
        """List them by name, or those who fit `q`."""
        query = query_words(request, ("q", "clinic", "limit", "cursor"))
        clinic_ids = _chosen(request.principal, query.get("clinic"))
        text = query.get("q")
        if text is not None:
            return found(request, text, clinic_ids, limit_of(query))
        unmerged = visible_to(request.principal, clinic_ids=clinic_ids).filter(merged_into=None)
        rows = shown_to(request.principal, unmerged.defer("notes"))
        return page(request, rows, rendering.listed, order=("family_name", "given_name", "id"))

    @schema.register_patient
    @idempotent()
    def post(self, request: ApiRequest) -> HttpResponse:
        """Register a new patient at a clinic."""
        body = members(request, reading.REGISTRATION)
        clinic_id = _desk_of(request.principal, body)
        number = body.get("record_number")
        patient = register(
            clinic_id=clinic_id,
            person=reading.new_patient(body),
            record_number=as_text(number, "record_number", longest=160) if number is not None else None,
            among=desks(request.principal),
            confirm_duplicate=as_flag(body.get("confirm_duplicate", False), "confirm_duplicate"),
            today=today(),
        )
        data = rendering.shown(request.principal, patient, today=today())
        location = f"{request.path}{patient.pk}/"
        return HttpAnswer(data, status=201, version=data["version"], location=location, resource_id=patient.pk)


class PatientSearch(ApiView):
    """The search whose words stand in the body, where no log and no history of a browser keeps them."""

    access: ClassVar[AccessTable] = {"POST": _READ}

    @schema.search_patients
    def post(self, request: ApiRequest) -> HttpResponse:
        """Return those who fit, best first. A read: it is the same however often it is sent, so no key is needed."""
        body = members(request, ("q", "clinic", "limit"))
        text = as_text(required(body, "q"), "q", longest=LONGEST_SEARCH)
        limit = body.get("limit", 20)
        if isinstance(limit, bool) or not isinstance(limit, int) or not 1 <= limit <= 200:
            raise Invalid.field("limit", "A limit is a whole number from 1 to 200.")
        return found(request, text, _chosen(request.principal, body.get("clinic")), limit)


def found(request: ApiRequest, text: str, clinic_ids: Collection[uuid.UUID] | None, limit: int) -> HttpResponse:
    """Answer a search: a statement for those who fit, two for what is shown of them, one for how phones are read."""
    principal = request.principal
    own = clinic_ids if clinic_ids is not None or principal.is_superuser else principal.clinics()
    language = request.headers.get("Accept-Language", "en").partition(",")[0].partition(";")[0].strip()
    sought = read_search(text, language=language, countries=countries_of(principal, clinic_ids))
    patients = best_fits(sought, clinic_ids=own, limit=limit)
    complete(principal, patients)
    return HttpAnswer({"next": None, "previous": None, "results": [rendering.listed(patient) for patient in patients]})


def _chosen(principal: Principal, text: Any) -> Collection[uuid.UUID] | None:
    """Return the clinic that a filter names; None without one. Raises `NotFound` for one that is not the caller's."""
    if text is None:
        return None
    clinic_id = as_uuid(text, "clinic")
    if not principal.is_superuser and clinic_id not in principal.clinics():
        raise NotFound
    return {clinic_id}


def _desk_of(principal: Principal, body: dict[str, Any]) -> uuid.UUID:
    """Return the clinic to register at, which must be named by whoever works at several desks."""
    own = desks(principal)
    if body.get("clinic") is None and own is not None and len(own) == 1:
        return next(iter(own))
    clinic_id = as_uuid(required(body, "clinic"), "clinic")
    if own is not None and clinic_id not in own:
        if clinic_id in principal.clinics():
            raise NotPermitted
        raise NotFound
    return clinic_id


class PatientDetail(ApiView):
    """One patient."""

    access: ClassVar[AccessTable] = {"GET": _READ, "PATCH": _WRITE}

    @schema.read_patient
    def get(self, request: ApiRequest, patient_id: uuid.UUID) -> HttpResponse:
        """Show all that the desk knows."""
        data = rendering.shown(request.principal, seen(request.principal, patient_id), today=today())
        return HttpAnswer(data, version=data["version"])

    @schema.change_patient
    def patch(self, request: ApiRequest, patient_id: uuid.UUID) -> HttpResponse:
        """Change what is written about the person."""
        change = reading.patient_change(members(request, reading.CHANGE))
        writable(request.principal, patient_id)
        expected = expected_version(request)
        with rendering.conflicts(request.principal, expected, today=today()):
            patient = decide(
                lambda: change_patient(patient_id=patient_id, version=expected.version, change=change, today=today()),
                actor_id=request.principal.user_id,
                request_id=current_request_id(),
            )
        data = rendering.shown(request.principal, patient, today=today())
        return HttpAnswer(data, version=data["version"])


class PatientRegistrations(PatientView):
    """Registrations of a patient at further clinics."""

    access: ClassVar[AccessTable] = {"POST": _WRITE}

    @schema.register_further
    @idempotent()
    def post(self, request: ApiRequest, patient_id: uuid.UUID) -> HttpResponse:
        """Register a patient of one of the caller's clinics at another of them."""
        body = members(request, ("clinic", "record_number"))
        writable(request.principal, patient_id)
        clinic_id = _desk_of(request.principal, {"clinic": required(body, "clinic")})
        if not Clinic.objects.filter(pk=clinic_id, active=True).exists():
            raise NotFound
        number = body.get("record_number")
        row: Registration = register_at(
            patient_id=patient_id,
            clinic_id=clinic_id,
            record_number=as_text(number, "record_number", longest=160) if number is not None else None,
        )
        data = {"clinic": row.clinic_id, "record_number": row.record_number, "patient": row.patient_id}
        return HttpAnswer(data, status=201, resource_id=patient_id)


class PatientInvitation(PatientView):
    """The invitation to open an account."""

    access: ClassVar[AccessTable] = {"POST": _WRITE}

    @schema.invite_patient
    @idempotent()
    def post(self, request: ApiRequest, patient_id: uuid.UUID) -> HttpResponse:
        """Send the patient a link; an earlier one ends."""
        members(request, ())
        writable(request.principal, patient_id)
        invitation = invite(patient_id=patient_id, by=request.principal.user_id)
        hints = [{"kind": hint.kind, "masked": hint.masked} for hint in deliverable_contacts(patient_id)]
        data = {"id": invitation.pk, "patient": patient_id, "expires_at": invitation.expires_at, "contacts": hints}
        return HttpAnswer(data, status=201, resource_id=patient_id)
