"""The pulse of a day: another one after everything that its board would show, and the same while nothing happened."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from appointments.models import Appointment, Claim, Hold, Priority
from appointments.queries import pulse
from appointments.queries.pulse import pulse_of
from appointments.services.booking import book_appointment
from appointments.services.cancelling import cancel_appointment
from appointments.services.flow import advance_appointment
from appointments.services.holding import place_hold, release_hold
from appointments.services.moving import reschedule_appointment
from appointments.services.noting import note_appointment
from appointments.services.prioritising import prioritise
from mediconnect.api.versions import Expected
from providers.models import Closure, Opening, PractitionerRole, TimeOff
from tests.appointments.conftest import SmallClinic, small_clinic
from tests.appointments.loads import FOUND_BY_START, plan_of, years_of_visits
from tests.concurrency.clinics import second_provider

pytestmark = pytest.mark.django_db


def words(place: SmallClinic, visit: Appointment) -> dict[str, Any]:
    visit.refresh_from_db()
    return {"appointment_id": visit.pk, "expected": Expected(visit.version, by_header=False), "caller": place.staff}


def booked(place: SmallClinic, hour: int, patient: int = 0, *, days: int = 2, **changes: Any) -> Appointment:
    start = place.at(hour, days=days)
    return book_appointment(place.booking(start, patient=patient, **changes), caller=place.staff)[0]


def beat(place: SmallClinic, days: int = 2) -> str:
    return pulse_of(place.clinic.pk, place.at(0, days=days), place.at(0, days=days + 1))


def test_it_is_the_same_until_something_happens_and_one_statement(
    place: SmallClinic, django_assert_num_queries: Any
) -> None:
    empty = beat(place)
    assert beat(place) == empty
    booked(place, 9)
    with django_assert_num_queries(1):
        full = beat(place)
    assert full == beat(place) != empty


Happening = Callable[[SmallClinic, Appointment], object]

HAPPENINGS: dict[str, Happening] = {
    "a booking": lambda place, _visit: booked(place, 14, 1),
    "a step": lambda place, visit: advance_appointment(step="confirm", **words(place, visit)),
    "a note": lambda place, visit: note_appointment(notes={"internal_note": "cane"}, **words(place, visit)),
    "urgency": lambda place, visit: prioritise(priority=Priority.URGENT, **words(place, visit)),
    "a cancellation": lambda place, visit: cancel_appointment(reason="clinic_other", **words(place, visit)),
    "a move on the day": lambda place, visit: reschedule_appointment(start=place.at(16), **words(place, visit)),
    "a move away": lambda place, visit: reschedule_appointment(start=place.at(9, days=5), **words(place, visit)),
    "a length": lambda place, visit: reschedule_appointment(start=place.at(9), minutes=45, **words(place, visit)),
    "a hold": lambda place, _visit: held(place),
    "hours": lambda place, _visit: shorter(place),
    "hours for fewer types": lambda place, _visit: Opening.objects.update(serves=[place.kind.pk]),
    "time off": lambda place, _visit: away(place),
    "a closure": lambda place, _visit: Closure.objects.create(
        clinic=place.clinic, starts_at=place.at(20), ends_at=place.at(22), reason="boiler"
    ),
}


def held(place: SmallClinic, hour: int = 14) -> Hold:
    return place_hold(
        appointment_type_id=place.kind.pk, provider_id=place.provider.pk, start=place.at(hour), caller=place.staff
    )[0]


def shorter(place: SmallClinic) -> None:
    opening = Opening.objects.get()
    opening.during = DateTimeTZRange(opening.during.lower, place.at(22))
    opening.save()


def away(place: SmallClinic) -> TimeOff:
    return TimeOff.objects.create(resource=place.provider, starts_at=place.at(20), ends_at=place.at(22))


@pytest.mark.parametrize("happening", HAPPENINGS)
def test_it_changes_with(place: SmallClinic, happening: str) -> None:
    visit = booked(place, 9)
    before = beat(place)
    HAPPENINGS[happening](place, visit)
    assert beat(place) != before


def test_a_hold_that_is_released_or_runs_out_changes_it_by_itself(place: SmallClinic) -> None:
    empty = beat(place)
    hold = held(place)
    assert beat(place) != empty
    release_hold(hold_id=hold.pk, caller=place.staff)
    assert beat(place) == empty
    held(place)
    Hold.objects.update(expires_at=dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1))
    assert beat(place) == empty


def test_one_leaves_and_another_of_its_version_comes(place: SmallClinic) -> None:
    """What a count, a sum of versions and the last change together would take for the same day."""
    leaving, coming, late = booked(place, 9), booked(place, 9, 1, days=5), booked(place, 16, 2)
    leaving = reschedule_appointment(start=place.at(10), **words(place, leaving))[0]
    before = beat(place)
    reschedule_appointment(start=place.at(9, days=6), **words(place, leaving))
    reschedule_appointment(start=place.at(10), **words(place, coming))
    moments = {Appointment.objects.get(pk=visit.pk).updated_at for visit in (coming, leaving)}
    assert len(moments) == 1  # in one transaction: the last change is no later than it was
    late.refresh_from_db()
    assert beat(place) != before


def test_other_days_and_other_clinics_leave_it_alone(place: SmallClinic) -> None:
    visit = booked(place, 9, days=5)
    elsewhere = small_clinic()
    before = beat(place)
    reschedule_appointment(start=place.at(9, days=6), **words(place, visit))
    booked(elsewhere, 9)
    assert beat(place) == before
    assert beat(place, 5) != beat(place, 6)


def test_what_the_same_people_do_at_another_clinic_shows(place: SmallClinic) -> None:
    elsewhere = small_clinic()
    PractitionerRole.objects.create(provider=elsewhere.provider, clinic=place.clinic)
    before = beat(place)
    visit = booked(elsewhere, 9)
    during = beat(place)
    assert during != before
    cancel_appointment(reason="clinic_other", **words(elsewhere, visit))
    assert beat(place) == before


def test_it_is_read_through_indexes_however_many_years_there_are(place: SmallClinic) -> None:
    second_provider(place)
    years_of_visits(booked(place, 9), visits=6_000)
    parameters = {"clinic": place.clinic.pk, "start": place.at(0), "end": place.at(0, days=3)}
    plan = plan_of(pulse._PULSE, parameters)
    assert FOUND_BY_START.search(plan)
    assert "claims_by_resource_and_start" in plan
    assert "Seq Scan on appointments_appointment" not in plan
    assert "Seq Scan on appointments_claim" not in plan
    assert Claim.objects.count() == 6_001
