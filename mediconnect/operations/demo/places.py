"""Build the clinics: rooms, types of visit, providers and their hours."""

import datetime as dt
import uuid
import zoneinfo
from collections.abc import Iterable, Iterator
from typing import Final

from providers.locks import lock_resources
from providers.models import (
    AppointmentType,
    Clinic,
    OneOffHours,
    PractitionerRole,
    Resource,
    ResourceKind,
    TypeOverride,
    WorkingHours,
)
from providers.rules.holidays import public_holidays
from providers.services.openings import settle

from .cast import DOCTORS, EVENING, KINDS, OWN_PACE, PLACES, ROOMS, Doctor, Kind, Place, Week, identifier

# The demo's visits begin two weeks back; hours are said to hold a little longer.
_HOURS_SINCE: Final = dt.timedelta(days=30)


def build_places(*, now: dt.datetime, first_day: dt.date) -> list[Clinic]:
    """Write the clinics with all that belongs to them, open from `first_day` to their horizon, and return them."""
    today = now.date()
    clinics = Clinic.objects.bulk_create(_clinics())
    Resource.objects.bulk_create(_rooms())
    Resource.objects.bulk_create(_providers())
    AppointmentType.objects.bulk_create(_types())
    PractitionerRole.objects.bulk_create(_roles())
    TypeOverride.objects.bulk_create(_overrides())
    WorkingHours.objects.bulk_create(_hours(today - _HOURS_SINCE))
    OneOffHours.objects.bulk_create(_hours_on_a_holiday(now))
    pairs = [(doctor.id, place.id) for doctor, place in _stays()]
    lock_resources({resource for resource, _ in pairs})
    settle(pairs, since=first_day, now=now)
    return clinics


def type_id(place: str, name: str) -> uuid.UUID:
    """Return the identifier of a type of visit at a clinic."""
    return identifier("type", place, name)


def kinds_at(place: str, doctor: Doctor) -> list[Kind]:
    """Return the types that a provider offers at a clinic."""
    return [kind for kind in KINDS if place in kind.places and (not kind.only or doctor.number in kind.only)]


def _clinics() -> Iterator[Clinic]:
    for place in PLACES:
        yield Clinic(
            id=place.id,
            name=place.name,
            timezone=place.timezone,
            region=place.region,
            phone=place.phone,
            address=place.address,
            source_identifier=f"demo|{place.key}",
            minimum_notice_minutes=60,
        )


def _rooms() -> Iterator[Resource]:
    for place in PLACES:
        for name, category in ROOMS:
            yield Resource(
                id=identifier("room", place.key, name),
                kind=ResourceKind.ROOM,
                name=name,
                clinic_id=place.id,
                category=category,
            )
        yield Resource(
            id=identifier("device", place.key),
            kind=ResourceKind.DEVICE,
            name="Ultrasound scanner",
            clinic_id=place.id,
            category="ultrasound",
        )


def _providers() -> Iterator[Resource]:
    for doctor in DOCTORS:
        yield Resource(
            id=doctor.id,
            kind=ResourceKind.PROVIDER,
            name=doctor.name,
            user_id=identifier("user", f"dr{doctor.number}"),
        )


def _types() -> Iterator[AppointmentType]:
    for place in PLACES:
        for kind in KINDS:
            if place.key in kind.places:
                yield AppointmentType(
                    id=type_id(place.key, kind.name),
                    clinic_id=place.id,
                    name=kind.name,
                    duration=kind.duration,
                    buffer_before=kind.buffer_before,
                    buffer_after=kind.buffer_after,
                    start_grid=kind.start_grid,
                    colour=kind.colour,
                    bookable_online=kind.bookable_online,
                    room_kind=kind.room_kind,
                    device_kind=kind.device_kind,
                    daily_limit=kind.daily_limit,
                    capacity=kind.capacity,
                )


def _stays() -> Iterator[tuple[Doctor, Place]]:
    for place in PLACES:
        for doctor in DOCTORS:
            if place.key in doctor.weeks:
                yield doctor, place


def _roles() -> Iterator[PractitionerRole]:
    for doctor, place in _stays():
        yield PractitionerRole(
            id=identifier("role", doctor.number, place.key),
            provider_id=doctor.id,
            clinic_id=place.id,
            specialty=doctor.specialty,
        )


def _overrides() -> Iterator[TypeOverride]:
    paces = {(number, name): minutes for number, name, minutes in OWN_PACE}
    for doctor, place in _stays():
        for kind in KINDS:
            offered = not kind.only or doctor.number in kind.only
            minutes = paces.get((doctor.number, kind.name))
            if place.key in kind.places and (minutes or not offered):
                yield TypeOverride(
                    id=identifier("override", doctor.number, place.key, kind.name),
                    provider_id=doctor.id,
                    appointment_type_id=type_id(place.key, kind.name),
                    offered=offered,
                    duration=minutes,
                )


def _hours(valid_from: dt.date) -> Iterator[WorkingHours]:
    for doctor, place in _stays():
        for day, start, end in _stretches(doctor.weeks[place.key]):
            yield WorkingHours(
                id=identifier("hours", doctor.number, place.key, day, start),
                resource_id=doctor.id,
                clinic_id=place.id,
                weekday=day,
                start_time=start,
                end_time=end,
                valid_from=valid_from,
            )
    number, key, rule, start, end = EVENING
    yield WorkingHours(
        id=identifier("hours", number, key, rule),
        resource_id=identifier("provider", number),
        clinic_id=identifier("clinic", key),
        rrule=rule,
        start_time=start,
        end_time=end,
        valid_from=valid_from,
    )


def _hours_on_a_holiday(now: dt.datetime) -> Iterator[OneOffHours]:
    """Yield hours for a clinic whose today is a public holiday: the day on which a demo is shown is a working day."""
    for doctor, place in _stays():
        day = now.astimezone(zoneinfo.ZoneInfo(place.timezone)).date()
        if day not in public_holidays(place.region, day, day):
            continue
        for weekday, start, end in _stretches(doctor.weeks[place.key]):
            if weekday == day.weekday():
                yield OneOffHours(
                    id=identifier("holiday", doctor.number, place.key, day, start),
                    resource_id=doctor.id,
                    clinic_id=place.id,
                    date=day,
                    start_time=start,
                    end_time=end,
                )


def _stretches(weeks: Iterable[Week]) -> Iterator[tuple[int, dt.time, dt.time]]:
    for week in weeks:
        for day in week.days:
            for start, end in week.stretches:
                yield day, dt.time.fromisoformat(start), dt.time.fromisoformat(end)
