"""Make up a clinic's visits on a day: pure, and the same whenever the same day is asked for."""

import datetime as dt
import random
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final
from zoneinfo import ZoneInfo

from .cast import DOCTORS, OWN_PACE, REASONS, ROOMS, SEED, Doctor, Kind, identifier
from .places import kinds_at, type_id

Span = tuple[dt.datetime, dt.datetime]

_MINUTE: Final = dt.timedelta(minutes=1)
_PAUSE: Final = dt.timedelta(minutes=30)
_TRIES: Final = 6
_PACES: Final = {(number, name): minutes for number, name, minutes in OWN_PACE}
_GROUP: Final = (3, 6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One visit that somebody might have booked."""

    place: str
    doctor: Doctor
    kind: Kind
    patient: int
    start: dt.datetime
    end: dt.datetime
    room_id: uuid.UUID | None
    device_id: uuid.UUID | None
    seat: int | None
    source: str
    reason: str

    @property
    def id(self) -> uuid.UUID:
        """The visit's identifier where it is written without the services."""
        return identifier("visit", self.place, self.doctor.number, self.start.isoformat(), self.seat or 0)

    @property
    def session_id(self) -> uuid.UUID | None:
        """The identifier of its group."""
        return identifier("session", self.place, self.doctor.number, self.start.isoformat()) if self.seat else None

    @property
    def type_id(self) -> uuid.UUID:
        """The identifier of its type."""
        return type_id(self.place, self.kind.name)


@dataclass(slots=True)
class Day:
    """A clinic's day while it is planned: who and what is taken when, and how often a limited type was used."""

    place: str
    zone: ZoneInfo
    fill: float
    patients: Sequence[int]
    dice: random.Random
    taken: defaultdict[object, list[Span]] = field(default_factory=lambda: defaultdict(list))
    used: Counter[tuple[int, str]] = field(default_factory=Counter)

    def is_free(self, thing: object, span: Span) -> bool:
        """Return whether nothing that was planned meets the span."""
        return all(span[1] <= low or high <= span[0] for low, high in self.taken[thing])


def plan_day(
    *,
    place: str,
    day: dt.date,
    zone: ZoneInfo,
    fill: float,
    patients: Sequence[int],
    openings: Iterable[tuple[int, Span]],
) -> list[Planned]:
    """Return the visits of one clinic and day, inside `openings` (provider's number, span). `fill` is the share of time used."""
    dice = random.Random(f"{SEED}/{place}/{day}")  # noqa: S311 - the same day each time, which is the point
    state = Day(place, zone, fill, patients, dice)
    doctors = {doctor.number: doctor for doctor in DOCTORS}
    return [visit for number, span in sorted(openings) for visit in _in_opening(state, doctors[number], span)]


def _in_opening(day: Day, doctor: Doctor, opening: Span) -> Iterator[Planned]:
    cursor, until = opening
    kinds = kinds_at(day.place, doctor)
    while cursor < until:
        kind = day.dice.choices(kinds, [kind.share for kind in kinds])[0]
        start = _on_grid(cursor + kind.buffer_before * _MINUTE, kind.start_grid, day.zone)
        end = start + _PACES.get((doctor.number, kind.name), kind.duration) * _MINUTE
        if day.dice.random() > day.fill or end > until:
            cursor += _PAUSE
            continue
        visits = list(_visits(day, doctor, kind, (start, end)))
        yield from visits
        cursor = end + kind.buffer_after * _MINUTE if visits else cursor + _PAUSE


def _visits(day: Day, doctor: Doctor, kind: Kind, span: Span) -> Iterator[Planned]:
    occupied = (span[0] - kind.buffer_before * _MINUTE, span[1] + kind.buffer_after * _MINUTE)
    room = _room(day, kind, occupied)
    device = identifier("device", day.place) if kind.device_kind else None
    within_limit = kind.daily_limit is None or day.used[doctor.number, kind.name] < kind.daily_limit
    if (kind.room_kind and room is None) or (device and not day.is_free(device, occupied)) or not within_limit:
        return
    people = _patients(day, span, 1 if kind.capacity == 1 else day.dice.randint(*_GROUP))
    if not people:
        return
    day.used[doctor.number, kind.name] += 1
    for thing in filter(None, (room, device)):
        day.taken[thing].append(occupied)
    for seat, patient in enumerate(people, start=1):
        yield Planned(
            place=day.place,
            doctor=doctor,
            kind=kind,
            patient=patient,
            start=span[0],
            end=span[1],
            room_id=room,
            device_id=device,
            seat=seat if kind.capacity > 1 else None,
            source=day.dice.choice(("patient", "staff")) if kind.bookable_online else "staff",
            reason=day.dice.choice(REASONS) if kind.capacity == 1 else "",
        )


def _room(day: Day, kind: Kind, occupied: Span) -> uuid.UUID | None:
    rooms = (identifier("room", day.place, name) for name, category in ROOMS if category == kind.room_kind)
    return next((room for room in rooms if day.is_free(room, occupied)), None)


def _patients(day: Day, span: Span, wanted: int) -> list[int]:
    found: list[int] = []
    for _ in range(wanted + _TRIES):
        patient = day.dice.choice(day.patients)
        if len(found) < wanted and day.is_free(patient, span):
            day.taken[patient].append(span)
            found.append(patient)
    return found


def _on_grid(instant: dt.datetime, grid: int, zone: ZoneInfo) -> dt.datetime:
    """Return the first time from `instant` on at which the clinic's clock shows a multiple of `grid` minutes."""
    past = instant.astimezone(zone).minute % grid
    return instant + (-past % grid) * _MINUTE
