"""Hours, closures and rooms in the admin: openings follow at once, and visits in the way are named."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from appointments.services.booking import book_appointment
from mediconnect.accounts.models import User
from providers.models import (
    AppointmentType,
    Clinic,
    Closure,
    OneOffHours,
    Opening,
    PractitionerRole,
    Provider,
    Room,
    TimeOff,
    TypeOverride,
    WorkingHours,
)
from tests.admin.test_every_page import path_of
from tests.admin.test_writing import act, errors_of, form_of
from tests.appointments.conftest import NEW_YORK, SmallClinic, small_clinic

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(db: None) -> SmallClinic:
    """A clinic whose openings come from hours that were entered in the admin, as the test says."""
    place = small_clinic()
    Opening.objects.all().delete()
    return place


def enter_hours(client: Client, place: SmallClinic, **changes: str) -> WorkingHours:
    """Enter hours for the weekday of the day after tomorrow, nine to five."""
    day = place.at(9).date()
    values = {
        "resource": str(place.provider.pk),
        "clinic": str(place.clinic.pk),
        "weekday": str(day.weekday()),
        "start_time": "09:00",
        "end_time": "17:00",
        "valid_from": timezone.now().astimezone(NEW_YORK).date().isoformat(),
    }
    answer = client.post(path_of(WorkingHours, "add"), values | changes)
    assert answer.status_code == 302, errors_of(answer)
    return WorkingHours.objects.latest("created_at")


def test_openings_follow_from_hours(client: Client, boss: User, place: SmallClinic) -> None:
    hours = enter_hours(client, place, types=str(place.kind.pk))
    assert hours.types == [place.kind.pk]
    opening = Opening.objects.order_by("during").first()
    assert opening is not None
    assert (opening.during.lower, opening.serves) == (place.at(9), [place.kind.pk])
    path = path_of(WorkingHours, "change", hours.pk)
    assert client.post(path, form_of(client, path) | {"start_time": "10:00"}).status_code == 302
    opening = Opening.objects.order_by("during").first()
    assert opening is not None
    assert opening.during.lower == place.at(10)


def test_visits_in_the_way_are_named(client: Client, boss: User, place: SmallClinic) -> None:
    hours = enter_hours(client, place)
    visit, _ = book_appointment(place.booking(place.at(9)), caller=place.staff)
    path = path_of(WorkingHours, "change", hours.pk)
    said = errors_of(client.post(path, form_of(client, path) | {"start_time": "10:00"}))
    assert "One visit is in the way" in said
    assert str(visit.pk) in said
    assert "09:00 E" in said
    hours.refresh_from_db()
    assert hours.start_time == dt.time(9)
    assert "One visit is in the way" in act(client, WorkingHours, "end", [hours])[0]
    day = f"{place.at(9):%Y-%m-%d}"
    closed = {"clinic": place.clinic.pk, "start_0": day, "start_1": "08:00", "end_0": day, "end_1": "12:00"}
    assert "One visit is in the way" in errors_of(client.post(path_of(Closure, "add"), closed))
    assert not Closure.objects.exists()


def test_hours_are_ended_from_the_list(client: Client, boss: User, place: SmallClinic) -> None:
    hours = enter_hours(client, place)
    assert act(client, WorkingHours, "end", [hours], seen=[f"{hours.pk}:7"])[0].startswith("1: Somebody else")
    assert act(client, WorkingHours, "end", [hours]) == ["1: ended."]
    assert not Opening.objects.filter(during__startswith__gt=timezone.now()).exists()


def test_one_off_hours_come_and_go(client: Client, boss: User, place: SmallClinic) -> None:
    values = {"resource": place.provider.pk, "clinic": place.clinic.pk, "date": place.at(9, days=5).date()}
    values |= {"start_time": "18:00", "end_time": "20:00"}
    assert client.post(path_of(OneOffHours, "add"), values).status_code == 302
    assert Opening.objects.get().during.lower == place.at(18, days=5)
    hours = OneOffHours.objects.get()
    assert act(client, OneOffHours, "take_away", [hours]) == ["1: taken away."]
    assert not Opening.objects.exists()


def test_absences_are_told_by_the_clinics_clock(client: Client, boss: User, place: SmallClinic) -> None:
    enter_hours(client, place)
    day = f"{place.at(9):%Y-%m-%d}"
    values = {"resource": place.provider.pk, "start_0": day, "start_1": "12:00", "end_0": day, "end_1": "13:00"}
    assert client.post(path_of(TimeOff, "add"), values).status_code == 302
    away = TimeOff.objects.get()
    assert (away.starts_at, away.ends_at) == (place.at(12), place.at(13))
    assert not Opening.objects.filter(during__overlap=(away.starts_at, away.ends_at)).exists()
    path = path_of(TimeOff, "change", away.pk)
    shown = form_of(client, path)
    assert (shown["start_1"], shown["end_1"]) == ("12:00:00", "13:00:00")
    assert client.post(path, shown | {"cancelled": "on"}).status_code == 302
    assert Opening.objects.filter(during__overlap=(away.starts_at, away.ends_at)).exists()
    backwards = values | {"end_1": "11:00"}
    assert "The end lies after the start" in errors_of(client.post(path_of(TimeOff, "add"), backwards))


def test_a_time_that_the_clock_skips_is_refused(client: Client, boss: User, place: SmallClinic) -> None:
    values = {
        "clinic": place.clinic.pk,
        "start_0": "2027-03-14",
        "start_1": "02:30",
        "end_0": "2027-03-14",
        "end_1": "05:00",
    }
    assert "skips this time" in errors_of(client.post(path_of(Closure, "add"), values))


def test_a_clinic_its_people_rooms_and_types_are_made_and_changed(
    client: Client, boss: User, place: SmallClinic
) -> None:
    fresh = form_of(client, path_of(Clinic, "add")) | {"name": "Lakeside", "timezone": "Europe/London"}
    assert client.post(path_of(Clinic, "add"), fresh).status_code == 302
    clinic = Clinic.objects.get(name="Lakeside")
    assert "There is one of this name already" in errors_of(client.post(path_of(Clinic, "add"), fresh))
    path = path_of(Clinic, "change", clinic.pk)
    assert "horizon" not in errors_of(client.post(path, form_of(client, path) | {"region": "XX-YY"}))
    assert client.post(path, form_of(client, path) | {"horizon_days": "90"}).status_code == 302
    made = client.post(
        path_of(Provider, "add"), {"name": "Dr. Ines Prado", "clinic": clinic.pk, "specialty": "Cardiology"}
    )
    assert made.status_code == 302
    provider = Provider.objects.get(name="Dr. Ines Prado")
    assert PractitionerRole.objects.get(provider=provider).specialty == "Cardiology"
    path = path_of(Provider, "change", provider.pk)
    assert (
        client.post(path, form_of(client, path) | {"user": place.desk.pk, "name": "Dr. Ines Prado Lima"}).status_code
        == 302
    )
    provider.refresh_from_db()
    assert (provider.user_id, provider.name) == (place.desk.pk, "Dr. Ines Prado Lima")
    assert (
        client.post(path_of(Room, "add"), {"name": "Room 9", "category": "exam", "clinic": clinic.pk}).status_code
        == 302
    )
    kind = form_of(client, path_of(AppointmentType, "add")) | {"clinic": clinic.pk, "name": "Check-up"}
    assert client.post(path_of(AppointmentType, "add"), kind).status_code == 302
    offered = AppointmentType.objects.get(name="Check-up")
    differs = {"provider": provider.pk, "appointment_type": offered.pk, "offered": "on", "duration": "45"}
    assert client.post(path_of(TypeOverride, "add"), differs).status_code == 302
    assert TypeOverride.objects.get().duration == 45
