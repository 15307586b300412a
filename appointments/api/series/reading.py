"""What callers ask of series, read from their requests into the services' own words."""

import datetime as dt
import re
import uuid
from collections.abc import Mapping
from typing import Any, Final

from appointments.api.asking import minutes_of, patient_of, second_of, what_of
from appointments.models import Series
from appointments.queries.visits import may_book
from appointments.rules.series import MOST, Scope
from appointments.services.series.booking import Choice, SeriesBooking
from appointments.services.series.targets import SeriesMove
from mediconnect.api.fields import (
    as_choice,
    as_date,
    as_flag,
    as_instant,
    as_number,
    as_text,
    as_uuid,
    members,
    query_words,
    required,
)
from mediconnect.api.principal import Principal
from mediconnect.api.requests import ApiRequest
from mediconnect.errors import Invalid, NotFound, VersionRequired

_BOOKING: Final = frozenset(
    {
        "appointment_type", "provider", "second_provider", "patient", "rrule", "starts_on", "start_time", "minutes", "reason",
        "patient_note", "choices",
    }
)  # fmt: skip
MOVE: Final = frozenset({"scope", "occurrence", "start_time", "days", "provider", "strays", "choices", "versions"})
_CHOICE: Final = frozenset({"occurrence", "start", "provider", "leave_out"})
_TIME: Final = re.compile(r"\d\d:\d\d(:00)?")
_LONGEST_RULE: Final = 200


def is_dry_run(request: ApiRequest) -> bool:
    """Return whether `?dry_run=true` asks for the plan alone; raises `Invalid` for other query words."""
    return as_flag(query_words(request, {"dry_run"}).get("dry_run", "false"), "dry_run")


def series_booking_of(request: ApiRequest) -> SeriesBooking:
    """Return the series that a request asks for. Raises `NotFound` for calendars that are not the caller's to book in."""
    body = members(request, _BOOKING)
    kind, provider = what_of(request, body)
    choices = _choices(body)
    for choice in choices.values():
        _require_calendar(request.principal, kind, choice.provider_id)
    return SeriesBooking(
        appointment_type_id=kind,
        provider_id=provider,
        second_provider_id=second_of(request, body),
        patient_id=patient_of(request, body),
        rrule=as_text(required(body, "rrule"), "rrule", longest=_LONGEST_RULE),
        starts_on=as_date(required(body, "starts_on"), "starts_on"),
        start_time=_time(required(body, "start_time")),
        minutes=minutes_of(body),
        reason=as_text(body.get("reason") or "", "reason", longest=1000),
        patient_note=as_text(body.get("patient_note") or "", "patient_note", longest=1000),
        choices=choices,
    )


def series_move_of(request: ApiRequest, series: Series) -> SeriesMove:
    """Return the move of a series that a request asks for."""
    body = members(request, MOVE)
    provider = as_uuid(body["provider"], "provider") if body.get("provider") is not None else None
    choices = _choices(body)
    for one in (provider, *(choice.provider_id for choice in choices.values())):
        _require_calendar(request.principal, series.appointment_type_id, one)
    scope, seen_from = scope_of(body)
    return SeriesMove(
        scope=scope,
        seen_from=seen_from,
        time=_time(body["start_time"]) if body.get("start_time") is not None else None,
        days=as_number(body.get("days") or 0, "days", least=-6, most=6),
        provider_id=provider,
        strays=frozenset(as_uuid(one, "strays") for one in _list(body, "strays")),
        choices=choices,
    )


def scope_of(body: Mapping[str, Any]) -> tuple[Scope, int]:
    """Return (scope, number of the visit that it is seen from); `all` needs none."""
    scope = Scope(as_choice(required(dict(body), "scope"), "scope", [str(one) for one in Scope]))
    if scope == Scope.ALL and body.get("occurrence") is None:
        return scope, 1
    return scope, as_number(required(dict(body), "occurrence"), "occurrence", least=1, most=2 * MOST)


def versions_of(body: Mapping[str, Any]) -> dict[uuid.UUID, int]:
    """Return the versions of the visits that the caller saw, by their ids. Raises `VersionRequired` where there are none."""
    versions = body.get("versions")
    if versions is None:
        raise VersionRequired("Send the versions of the visits that you last saw, as “versions”: {id: version}.")
    if not isinstance(versions, dict) or not 0 < len(versions) <= 2 * MOST:
        raise Invalid.field("versions", "Versions are an object: the id of each visit, and its version.")
    return {
        as_uuid(visit, "versions"): as_number(version, "versions", least=1, most=999_999_999)
        for visit, version in versions.items()
    }


def _require_calendar(principal: Principal, kind: uuid.UUID, provider: uuid.UUID | None) -> None:
    if provider is not None and not may_book(principal, appointment_type_id=kind, provider_id=provider):
        raise NotFound("There is no such type of visit with this provider.")


def _choices(body: Mapping[str, Any]) -> dict[int, Choice]:
    found: dict[int, Choice] = {}
    for one in _list(body, "choices"):
        if not isinstance(one, dict) or set(one) - _CHOICE:
            raise Invalid.field("choices", "A choice is an object with occurrence, and start, provider or leave_out.")
        number = as_number(one.get("occurrence"), "choices", least=1, most=2 * MOST)
        if number in found:
            raise Invalid.field("choices", "There is one choice for each occurrence.")
        found[number] = Choice(
            start=as_instant(one["start"], "choices") if one.get("start") is not None else None,
            provider_id=as_uuid(one["provider"], "choices") if one.get("provider") is not None else None,
            leave_out=as_flag(one.get("leave_out", False), "choices"),
        )
    return found


def _list(body: Mapping[str, Any], name: str) -> list[Any]:
    found = body.get(name)
    if found is None:
        return []
    if not isinstance(found, list) or len(found) > 2 * MOST:
        raise Invalid.field(name, f"This is a list of {2 * MOST} at most.")
    return found


def _time(value: Any) -> dt.time:
    if isinstance(value, str) and _TIME.fullmatch(value):
        try:
            return dt.time.fromisoformat(value)
        except ValueError:
            pass
    raise Invalid.field("start_time", "Write the time on the clinic's wall as in 09:30.")
