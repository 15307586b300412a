"""Free starts over many providers and days: openings minus live claims, in one statement whatever is asked for."""

import array
import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from django.db import connection

from appointments.errors import NoSecondProvider
from appointments.models.status import CLAIMING
from appointments.rules.starts import (
    Ranges,
    between,
    blocked_starts,
    common,
    covers,
    free_starts,
    meets,
    merged,
    on_grid,
    outside,
)
from appointments.rules.terms import zone_of
from mediconnect.errors import NotFound

# One row per resource, its times packed as big-endian minutes: unpacking those is far cheaper than 10,000 timestamps.
# Openings shrink to whole minutes and claims grow to them, so that no rounding ever offers a minute that is not free.
_FREE: Final = """
WITH kind AS MATERIALIZED (
    SELECT kind.*, clinic.timezone, clinic.horizon_days,
           coalesce(kind.minimum_notice_minutes, clinic.minimum_notice_minutes) AS notice
    FROM providers_appointmenttype AS kind JOIN providers_clinic AS clinic ON clinic.id = kind.clinic_id AND clinic.active
    WHERE kind.id = %(type)s AND kind.active),
thing AS MATERIALIZED (
    SELECT provider.id, 'provider' AS sort, provider.name, coalesce(%(minutes)s::int, own.duration, kind.duration) AS duration,
           coalesce(own.buffer_before, kind.buffer_before) AS buffer_before,
           coalesce(own.buffer_after, kind.buffer_after) AS buffer_after, true AS has_hours
    FROM kind
    JOIN providers_practitionerrole AS role ON role.clinic_id = kind.clinic_id AND role.active
    JOIN providers_resource AS provider ON provider.id = role.provider_id AND provider.active
    LEFT JOIN providers_typeoverride AS own ON own.provider_id = provider.id AND own.appointment_type_id = kind.id
    WHERE coalesce(own.offered, true) AND (%(providers)s::uuid[] IS NULL OR provider.id = ANY (%(providers)s))
      AND provider.id IS DISTINCT FROM %(second)s
    UNION ALL
    SELECT beside.id, 'second', beside.name, 0, 0, 0, true
    FROM kind
    JOIN providers_practitionerrole AS role ON role.clinic_id = kind.clinic_id AND role.active AND role.provider_id = %(second)s
    JOIN providers_resource AS beside ON beside.id = role.provider_id AND beside.active
    UNION ALL
    SELECT other.id, other.kind, other.name, 0, 0, 0, EXISTS (SELECT FROM providers_workinghours WHERE resource_id = other.id)
    FROM kind JOIN providers_resource AS other ON other.clinic_id = kind.clinic_id AND other.active
    WHERE (other.kind = 'room' AND other.category = kind.room_kind AND kind.room_kind <> '')
       OR (other.kind = 'device' AND other.category = kind.device_kind AND kind.device_kind <> ''))
SELECT thing.sort, thing.id, thing.duration, thing.buffer_before, thing.buffer_after, thing.has_hours, open.lows, open.highs,
       busy.lows, busy.highs,
       CASE WHEN kind.capacity > 1 AND thing.sort = 'provider' THEN ARRAY(
           SELECT ceil(extract(epoch FROM starts_at) / 60)::int FROM appointments_session AS session
           WHERE provider_id = thing.id AND appointment_type_id = kind.id AND starts_at >= %(from)s AND starts_at < %(until)s
             AND session.capacity > (SELECT count(*) FROM appointments_appointment
                                     WHERE session_id = session.id AND status = ANY (%(claiming)s))
                                  + (SELECT count(*) FROM appointments_hold
                                     WHERE session_id = session.id AND expires_at > statement_timestamp())
             AND EXISTS (SELECT FROM appointments_claim WHERE session_id = session.id)) END,
       CASE WHEN kind.daily_limit IS NOT NULL AND thing.sort = 'provider' THEN ARRAY(
           SELECT (starts_at AT TIME ZONE kind.timezone)::date FROM appointments_appointment
           WHERE provider_id = thing.id AND appointment_type_id = kind.id AND status = ANY (%(claiming)s)
             AND starts_at >= %(from)s::timestamptz - interval '1 day' AND starts_at < %(until)s::timestamptz + interval '1 day'
           GROUP BY 1 HAVING count(*) >= kind.daily_limit) END,
       kind.clinic_id, kind.timezone, kind.start_grid, kind.room_kind <> '', kind.device_kind <> '', kind.bookable_online,
       kind.notice, kind.horizon_days, statement_timestamp()
FROM kind CROSS JOIN thing
LEFT JOIN LATERAL (
    SELECT string_agg(int4send(ceil(extract(epoch FROM lower(during)) / 60)::int), '' ORDER BY during) AS lows,
           string_agg(int4send(floor(extract(epoch FROM upper(during)) / 60)::int), '' ORDER BY during) AS highs
    FROM providers_opening
    WHERE resource_id = thing.id AND clinic_id = kind.clinic_id AND during && tstzrange(%(from)s, %(reach)s)
      AND (serves IS NULL OR kind.id = ANY (serves) OR thing.sort NOT IN ('provider', 'second'))) AS open ON true
LEFT JOIN LATERAL (
    SELECT string_agg(int4send(floor(extract(epoch FROM lower(during)) / 60)::int), '' ORDER BY during) AS lows,
           string_agg(int4send(ceil(extract(epoch FROM upper(during)) / 60)::int), '' ORDER BY during) AS highs
    FROM appointments_claim
    WHERE resource_id = thing.id AND lower(during) > %(early)s::timestamptz - interval '12 hours' AND lower(during) < %(reach)s
      AND upper(during) > %(early)s
      AND (expires_at IS NULL OR expires_at > statement_timestamp())) AS busy ON true
ORDER BY thing.sort, thing.name, thing.id
"""

# The longest visit and the longest buffer: what begins before the end of the range reaches at most this far beyond it.
_REACH: Final = dt.timedelta(minutes=480 + 120)
_BUFFER: Final = dt.timedelta(minutes=120)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to look for: a type of visit, in a range of time, with these providers or (None) with any.

    `minutes` looks for visits of another length than the usual one, `second_provider_id` for times at which that one is
    there as well.
    """

    appointment_type_id: uuid.UUID
    start: dt.datetime
    end: dt.datetime
    providers: Sequence[uuid.UUID] | None = None
    by_patient: bool = False
    minutes: int | None = None
    second_provider_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Free:
    """The answer: for each start in order (minute, provider's place, room or None), and what they have in common."""

    clinic_id: uuid.UUID
    timezone: str
    bookable_online: bool
    providers: Sequence[uuid.UUID]
    durations: Sequence[int]
    starts: Sequence[tuple[int, int, uuid.UUID | None]]


@dataclass(frozen=True, slots=True)
class Thing:
    """A provider, room or device: how long the visit lasts with it, what is open and what is taken. In minutes since 1970."""

    id: uuid.UUID
    duration: int
    before: int
    after: int
    has_hours: bool
    opens: Ranges
    busy: Ranges
    sessions: Sequence[int]
    full_days: frozenset[dt.date]


@dataclass(frozen=True, slots=True)
class Calendars:
    """All that one type of visit could be booked in: who offers it, and the rooms and devices of its kind (None: none needed)."""

    clinic_id: uuid.UUID
    timezone: str
    grid: int
    providers: Sequence[Thing]
    rooms: Sequence[Thing] | None
    devices: Sequence[Thing] | None
    second: Thing | None = None


def calendars_for(wanted: Wanted) -> Calendars:
    """Return the calendars between `start` and `end` as they are now, for who weighs many visits at once. One statement.

    Raises `NotFound` for a type that is not there, or that nobody of those asked for offers.
    """
    rows, things = _things(wanted)
    clinic_id, timezone, grid, needs_room, needs_device = rows[0][12:17]
    return Calendars(
        clinic_id,
        timezone,
        grid,
        things["provider"],
        things["room"] if needs_room else None,
        things["device"] if needs_device else None,
        next(iter(things["second"]), None),
    )


def _pairs(lows: bytes | None, highs: bytes | None) -> Ranges:
    if not lows or not highs:
        return []
    low, high = array.array("i"), array.array("i")
    low.frombytes(lows)
    high.frombytes(highs)
    low.byteswap()
    high.byteswap()
    return list(zip(low, high, strict=True))


def _minutes(instant: dt.datetime, *, up: bool = False) -> int:
    seconds = instant.timestamp()
    return -int(-seconds // 60) if up else int(seconds // 60)


def free_time(wanted: Wanted, *, limit: int | None = None) -> Free:
    """Return the free starts from `start` up to `end`, in order, `limit` of them at most.

    One statement. Raises `NotFound` for a type or a second provider that is not there, `NoSecondProvider` for a group with
    two. A patient's own policy (notice, horizon) applies where `by_patient` says so.
    """
    rows, things = _things(wanted)
    clinic_id, timezone, grid, needs_room, needs_device, online, notice, horizon, now = rows[0][12:]
    window = (_minutes(wanted.start, up=True), _minutes(wanted.end, up=True))
    if wanted.by_patient:
        window = (
            max(window[0], _minutes(now + dt.timedelta(minutes=notice), up=True)),
            min(window[1], _minutes(now + dt.timedelta(days=horizon)) + 1),
        )
    else:
        window = (max(window[0], _minutes(now)), window[1])
    needed = ([things["room"]] if needs_room else []) + ([things["device"]] if needs_device else [])
    needed += [things["second"]] if wanted.second_provider_id else []
    starts = _starts(things["provider"], needed, window, grid=grid, timezone=timezone)
    rooms, providers = (things["room"] if needs_room else []), things["provider"]
    return Free(
        clinic_id,
        timezone,
        online,
        [provider.id for provider in providers],
        [provider.duration for provider in providers],
        [
            (minute, place, _room(rooms, providers[place], minute) if rooms else None)
            for minute, place in starts[:limit]
        ],
    )


def _things(wanted: Wanted) -> tuple[list[Any], dict[str, list[Thing]]]:
    """Return the rows, and the calendars in them by whose they are."""
    rows = _read(wanted)
    if not rows:
        raise NotFound("There is no such type of visit, or nobody offers it.")
    things: dict[str, list[Thing]] = {"provider": [], "room": [], "device": [], "second": []}
    for row in rows:
        things[row[0]].append(_thing(row))
    if wanted.second_provider_id is not None:
        if not things["second"]:
            raise NotFound("There is no such second provider at this clinic.")
        if any(row[0] == "provider" and row[10] is not None for row in rows):  # a group, and its sessions
            raise NoSecondProvider
    return rows, things


def _thing(row: Sequence[Any]) -> Thing:
    _sort, identifier, duration, before, after, has_hours, open_lows, open_highs, lows, highs, sessions, full = row[:12]
    opens, busy = merged(_pairs(open_lows, open_highs)), merged(_pairs(lows, highs))
    return Thing(identifier, duration, before, after, has_hours, opens, busy, sessions or (), frozenset(full or ()))


def _read(wanted: Wanted) -> list[Any]:
    parameters = {
        "type": wanted.appointment_type_id,
        "minutes": wanted.minutes,
        "providers": list(wanted.providers) if wanted.providers is not None else None,
        "second": wanted.second_provider_id,
        "from": wanted.start,
        "until": wanted.end,
        "early": wanted.start - _BUFFER,
        "reach": wanted.end + _REACH,
        "claiming": [str(status) for status in CLAIMING],
    }
    with connection.cursor() as cursor:
        cursor.execute(_FREE, parameters)
        rows: list[Any] = cursor.fetchall()
    return rows


def _starts(
    providers: Sequence[Thing],
    needed: Sequence[Sequence[Thing]],
    window: tuple[int, int],
    *,
    grid: int,
    timezone: str,
) -> list[tuple[int, int]]:
    """Return (minute, provider's place) of every free start, in order of time and then of the provider's place."""
    if window[0] >= window[1]:
        return []
    zone = zone_of(timezone)
    things_blocked: dict[tuple[int, int, int], list[Ranges]] = {}
    found: list[tuple[int, int]] = []
    for place, provider in enumerate(providers):
        shape = (provider.before, provider.duration, provider.after)
        if shape not in things_blocked:
            things_blocked[shape] = [
                common([starts_blocked_by(thing, shape, window) for thing in group]) if group else [window]
                for group in needed
            ]
        blocked = [
            blocked_starts(provider.busy, before=provider.before, length=provider.duration, after=provider.after),
            *things_blocked[shape],
        ]
        free = common([free_starts(provider.opens, blocked, length=provider.duration), [window]])
        minutes: Any = on_grid(free, grid=grid, zone=zone)
        if provider.sessions:
            minutes = sorted({*minutes, *_seats(provider, window)})
        if provider.full_days:
            minutes = [m for m in minutes if dt.datetime.fromtimestamp(m * 60, zone).date() not in provider.full_days]
        found.extend((minute, place) for minute in minutes)
    found.sort()
    return found


def starts_between(calendars: Calendars, start: dt.datetime, end: dt.datetime) -> list[tuple[int, Thing]]:
    """Return each free start (its minute, with whom) from `start` up to `end`, a part of what was read. No statement."""
    window = (_minutes(start, up=True), _minutes(end, up=True))
    reach = _REACH // dt.timedelta(minutes=1)

    def near(things: Sequence[Thing]) -> list[Thing]:
        low, high = window[0] - reach, window[1] + reach
        return [replace(one, opens=between(one.opens, low, high), busy=between(one.busy, low, high)) for one in things]

    providers = near(calendars.providers)
    needed = [near(group) for group in (calendars.rooms, calendars.devices) if group is not None]
    starts = _starts(providers, needed, window, grid=calendars.grid, timezone=calendars.timezone)
    return [(minute, providers[place]) for minute, place in starts]


def _seats(provider: Thing, window: tuple[int, int]) -> list[int]:
    """Return when the provider's groups with a free seat begin, where the hours are still open."""
    opens = provider.opens
    return [m for m in provider.sessions if window[0] <= m < window[1] and covers(opens, m, m + provider.duration)]


def starts_blocked_by(thing: Thing, shape: tuple[int, int, int], window: tuple[int, int]) -> Ranges:
    """Return when a visit of this shape may not begin because of one room or device."""
    before, length, after = shape
    blocked = blocked_starts(thing.busy, before=before, length=length, after=after)
    if thing.has_hours:
        blocked = merged([*blocked, *outside(free_starts(thing.opens, [], length=length), window)])
    return blocked


def _room(rooms: Sequence[Thing], provider: Thing, minute: int) -> uuid.UUID | None:
    """Return the first room that would take the visit; None where none is needed or a group has one already."""
    low, high = minute - provider.before, minute + provider.duration + provider.after
    for room in rooms:
        if not meets(room.busy, low, high) and (
            not room.has_hours or covers(room.opens, minute, minute + provider.duration)
        ):
            return room.id
    return None
