"""What callers ask for, read from their requests into the services' own words."""

import uuid
from collections.abc import Mapping
from typing import Any, Final

from appointments.models import Source
from appointments.queries.visits import may_book, may_book_with
from appointments.services.booking import Booking, Caller, Override
from appointments.services.refusing import LONGEST, SHORTEST
from mediconnect.api.fields import as_instant, as_number, as_text, as_uuid, members, required
from mediconnect.api.requests import ApiRequest
from mediconnect.errors import Invalid, NotFound, NotPermitted
from patients.queries import visible_to as patients_visible_to

BOOKING_MEMBERS: Final = frozenset(
    {
        "appointment_type",
        "provider",
        "second_provider",
        "start",
        "patient",
        "hold",
        "reason",
        "patient_note",
        "override",
    }
)


def caller_of(request: ApiRequest) -> Caller:
    """Return the caller as the services know it."""
    principal = request.principal
    if principal.user_id is None:
        raise NotPermitted
    return Caller(principal.user_id, patients_own=principal.kind == "patient")


def patient_of(request: ApiRequest, body: dict[str, Any]) -> uuid.UUID:
    """Return for whom: staff name a patient of theirs, a patient itself or a dependant. Raises `NotFound` for others."""
    principal = request.principal
    if principal.kind == "patient":
        if not principal.patient_ids:
            raise NotPermitted("This account belongs to no patient.")
        patient_id = (
            as_uuid(body["patient"], "patient") if body.get("patient") is not None else principal.patient_ids[0]
        )
        if not principal.speaks_for(patient_id):
            raise NotFound("There is no such patient.")
        return patient_id
    patient_id = as_uuid(required(body, "patient"), "patient")
    if not patients_visible_to(principal).filter(pk=patient_id).exists():
        raise NotFound("There is no such patient.")
    return patient_id


def override_of(request: ApiRequest, body: dict[str, Any]) -> Override | None:
    """Return the override asked for, with its reason. Raises `NotPermitted` for patients and systems."""
    wanted = body.get("override")
    if wanted is None:
        return None
    if request.principal.kind != "staff" or request.principal.user_id is None:
        raise NotPermitted("Only staff may book against the rules.")
    reason = as_text(required(_object(wanted), "reason"), "override.reason", longest=200)
    return Override(request.principal.user_id, required({"override.reason": reason}, "override.reason"))


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict) or set(value) - {"reason"}:
        raise Invalid.field("override", "An override is an object with a reason.")
    return value


def minutes_of(body: dict[str, Any]) -> int | None:
    """Return the length asked for, if one is; the services say which lengths there are and who may ask."""
    if body.get("minutes") is None:
        return None
    return as_number(body["minutes"], "minutes", least=SHORTEST, most=LONGEST)


def what_of(request: ApiRequest, body: dict[str, Any]) -> tuple[uuid.UUID, uuid.UUID]:
    """Return (appointment type, provider); raises `NotFound` where this member of staff may not book them."""
    kind = as_uuid(required(body, "appointment_type"), "appointment_type")
    provider = as_uuid(required(body, "provider"), "provider")
    if request.principal.kind == "staff" and not may_book(
        request.principal, appointment_type_id=kind, provider_id=provider
    ):
        raise NotFound("There is no such type of visit with this provider.")
    return kind, provider


def second_of(request: ApiRequest, words: Mapping[str, Any]) -> uuid.UUID | None:
    """Return the second provider asked for, if one is. Raises `NotPermitted` for patients.

    Raises `NotFound` for one in whose calendar this member of staff may not book; that it works at the clinic is the
    services' to say.
    """
    if words.get("second_provider") is None:
        return None
    principal = request.principal
    if principal.kind != "staff":
        raise NotPermitted("Only staff may book two providers together.")
    second = as_uuid(words["second_provider"], "second_provider")
    if not may_book_with(principal, provider_id=second):
        raise NotFound("There is no such second provider at this clinic.")
    return second


def booking_of(request: ApiRequest) -> Booking:
    """Return the booking that a request asks for."""
    body = members(request, BOOKING_MEMBERS)
    start = as_instant(required(body, "start"), "start")
    reason = as_text(body.get("reason") or "", "reason", longest=1000)
    patient_note = as_text(body.get("patient_note") or "", "patient_note", longest=1000)
    hold = as_uuid(body["hold"], "hold") if body.get("hold") is not None else None
    kind, provider = what_of(request, body)
    return Booking(
        appointment_type_id=kind,
        provider_id=provider,
        patient_id=patient_of(request, body),
        start=start,
        source=Source.PATIENT if request.principal.kind == "patient" else Source.STAFF,
        hold_id=hold,
        reason=reason,
        patient_note=patient_note,
        override=override_of(request, body),
        second_provider_id=second_of(request, body),
    )
