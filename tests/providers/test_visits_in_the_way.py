"""Edits of hours meet real visits: the provider's, the room's, those put outside the hours on purpose."""

import datetime as dt

import pytest

from appointments.models import Appointment
from mediconnect.resilience.transactions import constraint
from providers.errors import VisitsInTheWay
from providers.models import Opening, Room, WorkingHours
from providers.services import openings as openings_module
from providers.services.absences import enter_closure, enter_time_off
from providers.services.hours import change_working_hours
from providers.services.places import change_resource
from tests.factories import AppointmentFactory, RoomFactory, UserFactory, WorkingHoursFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit() -> Appointment:
    made: Appointment = AppointmentFactory.create()
    return made


def test_time_off_over_a_visit_names_it(visit: Appointment) -> None:
    with pytest.raises(VisitsInTheWay) as refused:
        enter_time_off(resource_id=visit.provider_id, starts_at=visit.starts_at, ends_at=visit.ends_at)
    ((clinic_id, touched),) = refused.value.touched
    assert (clinic_id, touched.id, touched.start) == (visit.clinic_id, visit.pk, visit.starts_at)


def test_time_off_beside_a_visit_is_entered(visit: Appointment) -> None:
    enter_time_off(
        resource_id=visit.provider_id, starts_at=visit.ends_at, ends_at=visit.ends_at + dt.timedelta(minutes=30)
    )
    assert not Opening.objects.filter(resource=visit.provider_id, during__contains=visit.ends_at).exists()


def test_a_cancelled_visit_is_in_nobodys_way(visit: Appointment) -> None:
    Appointment.objects.filter(pk=visit.pk).update(status="cancelled", cancellation_reason="patient_request")
    enter_closure(clinic_id=visit.clinic_id, starts_at=visit.starts_at, ends_at=visit.ends_at)


def test_a_visit_outside_the_hours_on_purpose_is_in_nobodys_way(visit: Appointment) -> None:
    Appointment.objects.filter(pk=visit.pk).update(override_reason="as agreed", overridden_by=UserFactory.create())
    enter_closure(clinic_id=visit.clinic_id, starts_at=visit.starts_at, ends_at=visit.ends_at)


def test_hours_for_other_types_leave_no_room_for_a_visit(visit: Appointment) -> None:
    local = visit.starts_at.astimezone(visit.clinic.zone)
    row = WorkingHours.objects.get(resource=visit.provider_id, weekday=local.weekday())
    other = type(visit.appointment_type).objects.create(clinic=visit.clinic, name="Vaccination")
    with pytest.raises(VisitsInTheWay):
        change_working_hours(hours_id=row.pk, version=1, change={"types": [other.pk]})
    change_working_hours(hours_id=row.pk, version=1, change={"types": [other.pk, visit.appointment_type_id]})


def test_a_room_is_not_put_out_of_use_under_a_visit(visit: Appointment) -> None:
    room: Room = RoomFactory.create(clinic=visit.clinic)
    Appointment.objects.filter(pk=visit.pk).update(room=room)
    with pytest.raises(VisitsInTheWay):
        change_resource(resource_id=room.pk, version=1, change={"active": False})


def test_a_rooms_own_hours_do_not_end_under_a_visit(visit: Appointment) -> None:
    room: Room = RoomFactory.create(clinic=visit.clinic)
    local = visit.starts_at.astimezone(visit.clinic.zone)
    hours = WorkingHoursFactory.create(
        resource=room, clinic=visit.clinic, weekday=local.weekday(), start_time=dt.time(0), end_time=dt.time(0)
    )
    openings_module.expand(resource_id=room.pk, clinic_id=visit.clinic_id)
    Appointment.objects.filter(pk=visit.pk).update(room=room)
    with pytest.raises(VisitsInTheWay):
        change_working_hours(hours_id=hours.pk, version=1, change={"end_time": dt.time(0, 5)})


def test_the_database_has_the_last_word_where_the_question_found_nothing(
    visit: Appointment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openings_module, "visits_outside", lambda *_: [])
    with pytest.raises(VisitsInTheWay) as refused:
        enter_closure(clinic_id=visit.clinic_id, starts_at=visit.starts_at, ends_at=visit.ends_at)
    assert refused.value.__cause__ is not None
    assert constraint(refused.value.__cause__) == "openings_cover_their_visits"
