"""What requests about clinics and hours may say, read into what services take."""

import datetime as dt
import re
import uuid
from collections.abc import Callable, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.http.request import QueryDict

from mediconnect.api.fields import as_date, as_flag, as_instant, as_number, as_text, as_uuid, query_words, required
from mediconnect.api.requests import ApiRequest
from mediconnect.errors import Invalid
from providers.rules.clock import start_of_day
from providers.services import kinds, places
from providers.services.absences import AbsenceChange
from providers.services.hours import NewOneOffHours, NewWorkingHours, OneOffHoursChange, WorkingHoursChange
from providers.services.kinds import LIMITS
from providers.services.places import POLICY, ResourceChange

HOURS: Final = ("start_time", "end_time", "weekday", "rrule", "valid_from", "valid_until", "types")
ONE_OFF: Final = ("date", "start_time", "end_time", "types")
ABSENCE: Final = ("start", "end", "reason")
RESOURCE: Final = ("name", "category")
KIND: Final = (
    "name", "duration", "buffer_before", "buffer_after", "start_grid", "colour", "bookable_online", "room_kind",
    "device_kind", "daily_limit", "capacity", "minimum_notice_minutes", "cancel_cutoff_hours", "move_cutoff_hours",
    "open_bookings_limit", "active",
)  # fmt: skip
CLINIC: Final = ("name", "timezone", "region", "phone", "address", *POLICY)

_TIME: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?")
_MOST_TYPES: Final = 100
_DAY: Final = dt.timedelta(days=1)


def is_dry_run(request: ApiRequest) -> bool:
    """Return whether `?dry_run=true` asks for a rehearsal; raises `Invalid` for other query words."""
    return as_flag(query_words(request, ("dry_run",)).get("dry_run", "false"), "dry_run")


def as_time(value: Any, name: str) -> dt.time:
    """Return the wall-clock time of HH:MM, or HH:MM:SS; raises `Invalid`."""
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        raise Invalid.field(name, "Write the clinic's own time as in 09:30.")
    return dt.time.fromisoformat(value)


def as_types(value: Any, name: str) -> Sequence[uuid.UUID]:
    """Return the identifiers of appointment types; raises `Invalid`."""
    if not isinstance(value, list) or len(value) > _MOST_TYPES:
        raise Invalid.field(name, f"This is a list of {_MOST_TYPES} appointment types at most.")
    return [as_uuid(item, name) for item in value]


def _text(longest: int) -> Callable[[Any, str], str]:
    return lambda value, name: as_text(value, name, longest=longest)


def _number(least: int, most: int) -> Callable[[Any, str], int]:
    return lambda value, name: as_number(value, name, least=least, most=most)


def _or_null(read: Callable[[Any, str], Any]) -> Callable[[Any, str], Any]:
    return lambda value, name: None if value is None else read(value, name)


_READ: Final[dict[str, Callable[[Any, str], Any]]] = {
    "start_time": as_time,
    "end_time": as_time,
    "weekday": _or_null(_number(0, 6)),
    "rrule": _text(200),
    "valid_from": as_date,
    "valid_until": _or_null(as_date),
    "types": as_types,
    "date": as_date,
    "reason": _text(200),
    "cancelled": as_flag,
    "active": as_flag,
    "category": _text(40),
    **{name: _number(*limits) for name, limits in (*LIMITS.items(), *POLICY.items())},
    # Of a clinic some of these must be said, of a type none: the services know which.
    **{
        name: _or_null(_number(*limits))
        for name, limits in (*LIMITS.items(), *POLICY.items())
        if name in kinds.OPEN_ENDED | places.OPEN_ENDED
    },
    "start_grid": _number(5, 60),
    "colour": _text(7),
    "bookable_online": as_flag,
    "room_kind": _text(40),
    "device_kind": _text(40),
    "name": _text(120),
    "timezone": _text(64),
    "region": _text(8),
    "phone": _text(20),
    "address": _text(250),
}


def values_of(body: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """Return those of the members that the body has, read by their kind; raises `Invalid`, for null too unless it means none."""
    return {name: _READ[name](body[name], name) for name in names if name in body}


def new_working_hours(body: dict[str, Any]) -> NewWorkingHours:
    """Return the hours that a POST describes."""
    for name in ("start_time", "end_time"):
        required(body, name)
    return NewWorkingHours(**values_of(body, HOURS))


def working_hours_change(body: dict[str, Any]) -> WorkingHoursChange:
    """Return what a PATCH changes."""
    change: WorkingHoursChange = values_of(body, HOURS)  # type: ignore[assignment]  # its names are the keys
    return change


def new_one_off_hours(body: dict[str, Any]) -> NewOneOffHours:
    """Return the hours of one date that a POST describes."""
    for name in ("date", "start_time", "end_time"):
        required(body, name)
    return NewOneOffHours(**values_of(body, ONE_OFF))


def one_off_hours_change(body: dict[str, Any]) -> OneOffHoursChange:
    """Return what a PATCH changes."""
    change: OneOffHoursChange = values_of(body, ONE_OFF)  # type: ignore[assignment]  # its names are the keys
    return change


def resource_change(body: dict[str, Any]) -> ResourceChange:
    """Return what a PATCH changes about a room or device."""
    change: ResourceChange = values_of(body, (*RESOURCE, "active"))  # type: ignore[assignment]  # its names are the keys
    return change


def absence_start(value: Any, zone: Callable[[], ZoneInfo]) -> dt.datetime:
    """Return when time off or a closure begins: an instant, or a date for its first moment in the zone."""
    return start_of_day(as_date(value, "start"), zone()) if _is_date(value) else as_instant(value, "start")


def absence_end(value: Any, zone: Callable[[], ZoneInfo]) -> dt.datetime:
    """Return when time off or a closure ends: an instant, or a date for the end of that day in the zone."""
    if not _is_date(value):
        return as_instant(value, "end")
    day = as_date(value, "end")
    if day >= dt.date(2200, 1, 1):
        raise Invalid.field("end", "Years run from 1900 to 2200.")
    return start_of_day(day + _DAY, zone())


def _is_date(value: Any) -> bool:
    return isinstance(value, str) and len(value) == 10


def absence_change(body: dict[str, Any], zone: Callable[[], ZoneInfo]) -> AbsenceChange:
    """Return what a PATCH changes about time off or a closure."""
    change: AbsenceChange = values_of(body, ("reason", "cancelled"))  # type: ignore[assignment]  # its names are the keys
    if "start" in body:
        change["starts_at"] = absence_start(body["start"], zone)
    if "end" in body:
        change["ends_at"] = absence_end(body["end"], zone)
    return change


def searched(query: QueryDict) -> dict[str, Any]:
    """Return what a directory is searched for: clinic, specialty, words of the name, type of visit."""
    clinic, kind = query.get("clinic"), query.get("appointment_type")
    return {
        "clinic": as_uuid(clinic, "clinic") if clinic else None,
        "specialty": as_text(query.get("specialty", ""), "specialty", longest=120),
        "q": as_text(query.get("q", ""), "q", longest=120),
        "kind": as_uuid(kind, "appointment_type") if kind else None,
    }
