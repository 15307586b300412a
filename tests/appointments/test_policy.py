"""What a clinic lets patients do alone: said for the clinic, said for one type of visit, and refused in words."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from appointments.models import Appointment
from providers.models import AppointmentType, Clinic, Membership, Role
from tests.appointments.conftest import SmallClinic
from tests.concurrency.racing import wish
from tests.http import Api, code


def another_type(place: SmallClinic, name: str = "Check-up") -> AppointmentType:
    """Return a further type of the clinic's."""
    made: AppointmentType = AppointmentType.objects.create(clinic=place.clinic, name=name, duration=30)
    return made


def booked(place: SmallClinic, hour: int, **changes: Any) -> Any:
    """Let the first patient book alone, and return the answer."""
    return Api.patient(place.users[0]).post("appointments/", wish(place, place.at(hour), **changes))


def cancelled(place: SmallClinic, visit: Any, *, by: Api | None = None) -> Any:
    """Let the first patient cancel the visit, or whoever is named."""
    api = by or Api.patient(place.users[0])
    return api.post(f"appointments/{visit['id']}/cancel/", {"reason": "patient_request", "version": visit["version"]})


def test_a_type_limits_its_own_visits_and_no_others(place: SmallClinic) -> None:
    AppointmentType.objects.filter(pk=place.kind.pk).update(open_bookings_limit=1)
    assert booked(place, 9).status_code == 201
    refused = booked(place, 11)
    assert (refused.status_code, code(refused)) == (422, "booking-limit")
    assert refused.json()["explain"] == {"rule": "booking_limit", "limit": "type", "most": 1}
    assert refused.json()["phone"] == "+12025550100"
    assert "of this type" in refused.json()["detail"]
    assert booked(place, 11, appointment_type=str(another_type(place).pk)).status_code == 201


def test_a_clinic_limits_all_visits_ahead_together(place: SmallClinic) -> None:
    Clinic.objects.filter(pk=place.clinic.pk).update(open_bookings_total=2, open_bookings_limit=9)
    assert booked(place, 9).status_code == 201
    assert booked(place, 10, appointment_type=str(another_type(place).pk)).status_code == 201
    refused = booked(place, 11)
    assert refused.json()["explain"] == {"rule": "booking_limit", "limit": "clinic", "most": 2}
    desk = Api.staff(place.desk)
    by_desk = desk.post("appointments/", wish(place, place.at(11), patient=str(place.patients[0].pk)))
    assert by_desk.status_code == 201


def test_the_limits_are_explained_before_anybody_is_refused(place: SmallClinic) -> None:
    AppointmentType.objects.filter(pk=place.kind.pk).update(open_bookings_limit=1)
    booked(place, 9)
    query = {"appointment_type": place.kind.pk, "provider": place.provider.pk, "start": place.at(11).isoformat()}
    shown = Api.patient(place.users[0]).get("availability/explain/", query).json()
    assert shown["rules"] == [{"rule": "booking_limit", "limit": "type", "most": 1}]


def test_a_type_s_own_cut_offs_come_before_the_clinic_s(place: SmallClinic) -> None:
    visit = booked(place, 9).json()
    AppointmentType.objects.filter(pk=place.kind.pk).update(cancel_cutoff_hours=24 * 9, move_cutoff_hours=24 * 8)
    late = cancelled(place, visit)
    assert (late.status_code, code(late)) == (422, "too-late-to-cancel")
    assert late.json()["explain"] == {"rule": "cancel_cutoff", "hours": 216}
    api = Api.patient(place.users[0])
    moved = api.post(f"appointments/{visit['id']}/reschedule/", {"start": place.at(14).isoformat(), "version": 1})
    assert moved.json()["explain"] == {"rule": "move_cutoff", "hours": 192}
    Clinic.objects.filter(pk=place.clinic.pk).update(cancel_cutoff_hours=24 * 9)
    AppointmentType.objects.filter(pk=place.kind.pk).update(cancel_cutoff_hours=0)
    assert cancelled(place, visit).status_code == 200


def test_a_type_s_own_notice_comes_before_the_clinic_s(place: SmallClinic) -> None:
    AppointmentType.objects.filter(pk=place.kind.pk).update(minimum_notice_minutes=60 * 24 * 5)
    refused = booked(place, 9)
    assert (refused.status_code, code(refused)) == (422, "too-soon")
    assert refused.json()["explain"] == {"rule": "notice", "minutes": 7200}


def test_a_patient_cancels_so_many_visits_a_day_and_then_calls(place: SmallClinic) -> None:
    Clinic.objects.filter(pk=place.clinic.pk).update(cancels_per_day=1)
    visits = [booked(place, hour).json() for hour in (9, 10, 11)]
    assert cancelled(place, visits[0], by=Api.staff(place.desk)).status_code == 200
    assert cancelled(place, visits[1]).status_code == 200
    refused = cancelled(place, visits[2])
    assert (refused.status_code, code(refused)) == (422, "cancel-limit")
    assert refused.json()["explain"] == {"rule": "cancel_limit", "most": 1}
    assert refused.json()["phone"] == "+12025550100"
    assert cancelled(place, visits[2], by=Api.staff(place.desk)).status_code == 200


def test_what_was_taken_back_or_cancelled_on_another_day_does_not_count(place: SmallClinic) -> None:
    Clinic.objects.filter(pk=place.clinic.pk).update(cancels_per_day=1)
    visits = [booked(place, hour).json() for hour in (9, 10, 11)]
    assert cancelled(place, visits[0]).status_code == 200
    undone = Api.staff(place.desk).post(f"appointments/{visits[0]['id']}/undo/", {"version": 2})
    assert undone.status_code == 200
    assert cancelled(place, visits[1]).status_code == 200
    Appointment.objects.filter(pk=visits[1]["id"]).update(ended_at=timezone.now() - dt.timedelta(days=1))
    assert cancelled(place, visits[2]).status_code == 200


@pytest.mark.parametrize("name", ["open_bookings_total", "cancels_per_day"])
def test_limits_of_a_clinic_are_set_and_taken_away(place: SmallClinic, name: str) -> None:
    Membership.objects.create(user=place.desk, clinic=place.clinic, role=Role.CLINIC_ADMIN)
    manager = Api.staff(place.desk)
    path = f"clinics/{place.clinic.pk}/"
    assert manager.patch(path, {name: 4, "version": 1}).json()[name] == 4
    assert manager.patch(path, {name: None, "version": 2}).json()[name] is None
    assert manager.patch(path, {name: 0, "version": 3}).status_code == 400
    assert manager.patch(path, {"cancel_cutoff_hours": None, "version": 3}).status_code == 400
