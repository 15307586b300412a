"""The doors of free time: what is free, and why a time is not."""

import datetime as dt
import hashlib
import json
import uuid
from dataclasses import replace
from typing import ClassVar, Final

from django.http import HttpResponse
from django.utils import timezone

from appointments.errors import NotBookableOnline
from appointments.queries.availability import Free, Wanted, free_time
from appointments.queries.explaining import explain
from appointments.rules.admission import Blocked
from appointments.rules.starts import local_text
from appointments.rules.terms import zone_of
from mediconnect.api.access import STAFF, Access, AccessTable
from mediconnect.api.answers import HttpAnswer
from mediconnect.api.fields import as_date, as_instant, as_number, as_uuid, query_words, required
from mediconnect.api.requests import ApiRequest
from mediconnect.api.views import ApiView
from mediconnect.errors import Invalid, NotFound
from providers.models import AppointmentType

from . import schema
from .asking import patient_of, second_of

READ: Final = Access(patient="appointments:read", staff=STAFF)
LONGEST: Final = dt.timedelta(days=31, hours=2)  # 31 days of any clock, one change of it included
_FURTHEST: Final = dt.timedelta(days=731)
_COARSE: Final = {
    "time_off": "hours",
    "closure": "hours",
    "buffer": "booked",
    "held": "booked",
    "room": "booked",
    "daily_limit": "booked",
}


class AvailabilityView(ApiView):
    """Free starts."""

    access: ClassVar[AccessTable] = {"GET": READ}

    @schema.availability
    def get(self, request: ApiRequest) -> HttpResponse:
        """List the free starts of a type of visit, in order; name the next one where there is none."""
        query = query_words(
            request, {"appointment_type", "clinic", "provider", "second_provider", "from", "to", "limit"}
        )
        kind = as_uuid(required(query, "appointment_type"), "appointment_type")
        start, end = _range(kind, required(query, "from"), required(query, "to"))
        names = [name for value in query.getlist("provider") for name in value.split(",") if name]
        limit = as_number(query["limit"], "limit", least=1, most=20_000) if query.get("limit") else None
        wanted = Wanted(
            kind,
            start,
            end,
            [as_uuid(name, "provider") for name in names] or None,
            by_patient=request.principal.kind == "patient",
            second_provider_id=second_of(request, query),
        )
        free = free_time(wanted, limit=limit)
        if query.get("clinic") and as_uuid(query["clinic"], "clinic") != free.clinic_id:
            raise NotFound("This type of visit is not offered at that clinic.")
        if wanted.by_patient and not free.bookable_online:
            raise NotBookableOnline
        return _answer(request, wanted, free)


def _range(kind: uuid.UUID, low: str, high: str) -> tuple[dt.datetime, dt.datetime]:
    """Return the range asked for: instants, or dates of the clinic's own calendar, the last one included."""
    if len(low) == 10 and len(high) == 10:
        zone_name = AppointmentType.objects.filter(pk=kind).values_list("clinic__timezone", flat=True).first()
        if zone_name is None:
            raise NotFound("There is no such type of visit.")
        zone = zone_of(zone_name)
        first, last = as_date(low, "from"), as_date(high, "to")
        if not 1900 < first.year < 2200 or not 1900 < last.year < 2200:
            raise Invalid.field("from", "Years run from 1900 to 2200.")
        start = dt.datetime.combine(first, dt.time(), zone)
        end = dt.datetime.combine(last + dt.timedelta(days=1), dt.time(), zone)
    else:  # a plus sign that was not escaped arrives as a space
        start, end = as_instant(low.replace(" ", "+"), "from"), as_instant(high.replace(" ", "+"), "to")
    if end <= start:
        raise Invalid.field("to", "The range ends before it begins.")
    if end.astimezone(dt.UTC) - start.astimezone(dt.UTC) > LONGEST:
        raise Invalid.field("to", "A range has 31 days at most.")
    return start, end


def _answer(request: ApiRequest, wanted: Wanted, free: Free) -> HttpResponse:
    next_available = None if free.starts else _next(wanted)
    body = "".join(
        [
            f'{{"clinic":"{free.clinic_id}","timezone":{json.dumps(free.timezone)},"next_available":{json.dumps(next_available)},"results":[',
            _results(free),
            "]}",
        ]
    )
    etag = f'"{hashlib.blake2b(body.encode(), digest_size=12).hexdigest()}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    if request.headers.get("If-None-Match") == etag:
        return HttpResponse(status=304, headers=headers)
    return HttpResponse(body, content_type="application/json", headers=headers)


def _results(free: Free) -> str:
    """Return the starts as JSON, written by hand: ten thousand rows of five members are most of the work."""
    zone = zone_of(free.timezone)
    heads = [f'{{"provider":"{provider}","clinic":"{free.clinic_id}","room":' for provider in free.providers]
    durations = free.durations
    return ",".join(
        [
            f'{heads[place]}{_quoted(room)},"start":"{local_text(minute, zone)}","end":"{local_text(minute + durations[place], zone)}"}}'
            for minute, place, room in free.starts
        ]
    )


def _quoted(identifier: uuid.UUID | None) -> str:
    return f'"{identifier}"' if identifier else "null"


def _next(wanted: Wanted) -> str | None:
    """Return the first free start after the range, however far ahead the calendar is open; one more statement."""
    later = replace(wanted, start=wanted.end, end=timezone.now() + _FURTHEST)
    free = free_time(later, limit=1) if later.end > later.start else None
    if free is None or not free.starts:
        return None
    return local_text(free.starts[0][0], zone_of(free.timezone))


class ExplainView(ApiView):
    """Why a time is not free."""

    access: ClassVar[AccessTable] = {"GET": READ}

    @schema.explain
    def get(self, request: ApiRequest) -> HttpResponse:
        """Name the rules that block a time; patients hear the coarse reason."""
        query = query_words(request, {"appointment_type", "provider", "second_provider", "start", "patient"})
        start = as_instant(required(query, "start").replace(" ", "+"), "start")
        by_patient = request.principal.kind == "patient"
        known = by_patient or bool(query.get("patient"))
        terms, blocked = explain(
            appointment_type_id=as_uuid(required(query, "appointment_type"), "appointment_type"),
            provider_id=as_uuid(required(query, "provider"), "provider"),
            start=start,
            patient_id=patient_of(request, dict(query.items())) if known else None,
            by_patient=by_patient,
            second_provider_id=second_of(request, query),
        )
        rules = [_shown(rule, terms.zone, coarse=by_patient) for rule in blocked]
        if by_patient:
            rules = [dict(rule) for rule in dict.fromkeys(tuple(rule.items()) for rule in rules)]
        return HttpAnswer(
            {
                "free": not rules,
                "rule": rules[0]["rule"] if rules else None,
                "until": rules[0].get("until") if rules else None,
                "rules": rules,
                "start": start.astimezone(terms.zone).isoformat(),
                "timezone": terms.timezone,
            }
        )


def _shown(blocked: Blocked, zone: dt.tzinfo, *, coarse: bool) -> dict[str, str | int | None]:
    if coarse and blocked.rule in _COARSE:
        return {"rule": _COARSE[blocked.rule]}
    if coarse:
        return {"rule": blocked.rule, **blocked.says}
    until = blocked.until.astimezone(zone).isoformat() if blocked.until else None
    second = {"second_provider": str(blocked.second_provider_id)} if blocked.second_provider_id else {}
    return {"rule": blocked.rule, "until": until, **second, **blocked.says}
