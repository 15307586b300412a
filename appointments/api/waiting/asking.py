"""What callers wish for, read from their requests into the services' own words."""

import datetime as dt
import re
import uuid
from collections.abc import Callable, Collection, Sequence
from typing import Any, Final

from appointments.api.asking import patient_of
from appointments.models import Source, WaitlistEntry
from appointments.queries.waitlist.seeing import require_writable
from appointments.services.waitlist.joining import Wishing
from mediconnect.api.fields import as_date, as_number, as_text, as_uuid, members, required
from mediconnect.api.requests import ApiRequest
from mediconnect.errors import Invalid, NotFound
from providers.models import AppointmentType
from providers.queries.directory import clinics_visible_to

_WISH: Final = frozenset(
    {
        "providers",
        "weekdays",
        "earliest_time",
        "latest_time",
        "from_date",
        "until_date",
        "notice_minutes",
        "priority",
        "note",
    }
)
_JOINING: Final = _WISH | {"appointment_type", "patient", "appointment"}
_CLOCK: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d(:00)?")
_MOST_PROVIDERS: Final = 50


def wishing_of(request: ApiRequest) -> Wishing:
    """Return the wish that a request asks to keep. Raises `NotFound` for a type of a clinic that staff do not work at."""
    body = members(request, _JOINING)
    kind = as_uuid(required(body, "appointment_type"), "appointment_type")
    patient = patient_of(request, body)
    values = _values(body, _WISH & body.keys())
    until = values.pop("until_date", None)
    if until is None:
        required(body, "until_date")
    staff = request.principal.kind == "staff"
    if staff:
        _check_clinic(request, kind, values.get("providers", ()))
    return Wishing(
        patient_id=patient,
        appointment_type_id=kind,
        until_date=until or dt.date.max,
        appointment_id=as_uuid(body["appointment"], "appointment") if body.get("appointment") is not None else None,
        source=Source.STAFF if staff else Source.PATIENT,
        **values,
    )


def change_of(request: ApiRequest) -> dict[str, Any]:
    """Return what a wish shall say from now on, by column; raises `Invalid` for members that are none of it."""
    body = members(request, _WISH | {"version"})
    return _values(body, _WISH & body.keys())


def leaves(request: ApiRequest) -> bool:
    """Return whether a no to an offer takes the wish off the list as well."""
    body = members(request, {"leave"})
    leave = body.get("leave", False)
    if not isinstance(leave, bool):
        raise Invalid.field("leave", "This is true or false.")
    return leave


def _check_clinic(request: ApiRequest, kind_id: uuid.UUID, providers: Sequence[uuid.UUID]) -> None:
    clinic = AppointmentType.objects.filter(pk=kind_id).values_list("clinic", flat=True).first()
    if clinic is None or not clinics_visible_to(request.principal).filter(pk=clinic).exists():
        raise NotFound("There is no such type of visit.")
    require_writable(request.principal, clinic, providers)


def _values(body: dict[str, Any], names: Collection[str]) -> dict[str, Any]:
    readers: dict[str, Callable[[Any, str], Any]] = {
        "providers": _providers,
        "weekdays": _weekdays,
        "earliest_time": _clock,
        "latest_time": _clock,
        "from_date": as_date,
        "until_date": as_date,
        "notice_minutes": lambda value, name: as_number(value, name, least=0, most=30 * 24 * 60),
        "priority": lambda value, name: as_number(value, name, least=0, most=max(WaitlistEntry.Priority.values)),
        "note": lambda value, name: as_text(value or "", name, longest=1000),
    }
    return {name: readers[name](body[name], name) for name in sorted(names)}


def _providers(value: Any, name: str) -> list[uuid.UUID]:
    return [as_uuid(one, name) for one in _list(value, name, most=_MOST_PROVIDERS)]


def _weekdays(value: Any, name: str) -> list[int]:
    return [as_number(one, name, least=0, most=6) for one in _list(value, name, most=7)]


def _list(value: Any, name: str, *, most: int) -> list[Any]:
    if not isinstance(value, list) or len(value) > most:
        raise Invalid.field(name, f"This is a list of {most} at most; empty means any.")
    return value


def _clock(value: Any, name: str) -> dt.time | None:
    if value is None:
        return None
    if not isinstance(value, str) or not _CLOCK.fullmatch(value):
        raise Invalid.field(name, "Write the time of day as in 09:30, or null for any.")
    return dt.time.fromisoformat(value)
