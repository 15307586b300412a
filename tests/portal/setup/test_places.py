"""Rooms, devices, closures and policies: what they touch is shown before it is saved."""

import datetime as dt
import re
from typing import Any

import pytest
from django.utils import timezone

from appointments.models import Appointment
from providers.models import Clinic, Closure, Opening, Resource
from providers.services.absences import change_closure
from providers.services.places import change_clinic, change_resource
from tests.factories import AppointmentFactory
from tests.portal.setup.conftest import House, words

pytestmark = pytest.mark.django_db


def visit_of(house: House, **values: Any) -> Appointment:
    return AppointmentFactory.create(
        clinic=house.clinic, provider=house.provider, appointment_type=house.kind, **values
    )


def day_of(visit: Appointment, house: House) -> str:
    return visit.starts_at.astimezone(house.clinic.zone).date().isoformat()


def sure(page: Any) -> str:
    """Return what the button says that saves after a look."""
    found = re.search(r'name="sure" value="(\w+)"', page.content.decode())
    assert found, words(page)
    return found[1]


def open_on(house: House, day: dt.date) -> bool:
    noon = dt.datetime.combine(day, dt.time(12), house.clinic.zone)
    return Opening.objects.filter(resource=house.provider, during__contains=noon).exists()


def test_a_room_and_a_device_come_in(house: House) -> None:
    for kind in ("room", "device"):
        form = {"kind": kind, "name": f"New {kind}", "category": "exam"}
        assert house.post(f"rooms/new/?kind={kind}", form).status_code == 303
        assert Resource.objects.get(name=f"New {kind}").kind == kind
    assert house.post("rooms/new/", {"kind": "provider", "name": "Dr. No"}).status_code == 422
    said = words(house.get("rooms/"))
    assert "New room" in said
    assert "New device" in said


def test_a_room_is_renamed_and_put_out_of_use(house: House) -> None:
    part, form = f"rooms/{house.room.pk}/", {"name": "Blue room", "category": "exam", "version": "1"}
    assert house.post(part, form).status_code == 303
    assert "out of use" in words(house.get("rooms/"))
    assert not Resource.objects.get(pk=house.room.pk).active


def test_a_room_with_visits_to_come_stays_in_use(house: House) -> None:
    visit = visit_of(house, room=house.room)
    page = house.post(f"rooms/{house.room.pk}/", {"name": "Blue room", "category": "exam", "version": "1"})
    assert page.status_code == 409
    assert "Touches 1 visit." in words(page)
    assert f"visits/{visit.pk}/" in page.content.decode()
    assert visit.patient.family_name in words(page)
    assert Resource.objects.get(pk=house.room.pk).active


def test_two_who_change_a_room_are_told(house: House) -> None:
    change_resource(resource_id=house.room.pk, version=1, change={"name": "Green room"})
    page = house.post(
        f"rooms/{house.room.pk}/", {"name": "Blue room", "category": "exam", "active": "on", "version": "1"}
    )
    assert page.status_code == 409
    assert "Green room" in words(page)
    assert "Blue room" in words(page)


def test_a_closure_is_looked_at_then_entered(house: House) -> None:
    page = house.post("closures/new/", {"first_day": "2027-01-13", "last_day": "", "reason": "Repairs"})
    assert page.status_code == 200
    assert "What this changes" in words(page) or "2027" in words(page)
    assert not Closure.objects.exists()


def soon(house: House, days: int = 9) -> dt.date:
    return timezone.now().astimezone(house.clinic.zone).date() + dt.timedelta(days=days)


def test_what_a_closure_closes_is_shown_before_it_is_saved(house: House) -> None:
    day = soon(house)
    form = {"first_day": day.isoformat(), "reason": "Repairs"}
    page = house.post("closures/new/", form)
    assert page.status_code == 200
    assert "Closes 31 starts (8 h)." in words(page)
    assert "Touches no visit." in words(page)
    assert not Closure.objects.exists()
    assert open_on(house, day)
    assert house.post("closures/new/", {**form, "sure": sure(page)}).status_code == 303
    row = Closure.objects.get()
    assert row.ends_at - row.starts_at in (dt.timedelta(hours=23), dt.timedelta(hours=24), dt.timedelta(hours=25))
    assert not open_on(house, day)
    assert "Repairs" in words(house.get("closures/"))


def test_other_values_than_those_that_were_shown_are_shown_first(house: House) -> None:
    page = house.post("closures/new/", {"first_day": soon(house).isoformat()})
    other = house.post("closures/new/", {"first_day": soon(house, 10).isoformat(), "sure": sure(page)})
    assert other.status_code == 200
    assert not Closure.objects.exists()


def test_part_of_a_day_is_closed_by_the_clinics_clock(house: House) -> None:
    form = {"first_day": soon(house).isoformat(), "from_time": "09:00", "until_time": "11:30"}
    page = house.post("closures/new/", form)
    assert "(2 h 30 min)" in words(page)
    assert house.post("closures/new/", {**form, "sure": sure(page)}).status_code == 303
    row = Closure.objects.get()
    assert row.starts_at.astimezone(house.clinic.zone).time() == dt.time(9)
    shown = house.get(f"closures/{row.pk}/").content.decode()
    assert 'value="09:00"' in shown
    assert 'value="11:30"' in shown


def test_visits_that_a_closure_hits_are_listed_before_it_is_saved(house: House) -> None:
    visit = visit_of(house)
    page = house.post("closures/new/", {"first_day": day_of(visit, house)})
    assert page.status_code == 200
    assert "This hits 1 visit" in words(page)
    assert visit.patient.family_name in words(page)
    assert not Closure.objects.exists()


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"first_day": "2030-06-05", "last_day": "2030-06-03"}, "The end lies after the start."),
        ({"first_day": "2030-06-05", "from_time": "12:00", "until_time": "12:00"}, "The end lies after the start."),
        ({"first_day": ""}, "This field is required."),
        ({"first_day": "1066-10-14"}, "Days run from 1990 to 2100."),
        ({"first_day": "9999-12-31"}, "Days run from 1990 to 2100."),
    ],
)
def test_a_closure_that_cannot_be_is_refused_in_words(house: House, form: dict[str, str], sentence: str) -> None:
    page = house.post("closures/new/", form)
    assert page.status_code in (400, 422)
    assert sentence in words(page)


def test_a_closure_is_withdrawn_and_put_back(house: House) -> None:
    closure = house.closure()
    answer = house.post(f"closures/{closure.pk}/withdraw/", {"version": closure.version})
    assert answer.status_code == 303
    listed = house.get("closures/")
    assert "Undo" in words(listed)
    closure.refresh_from_db()
    assert closure.cancelled
    assert house.post(f"closures/{closure.pk}/restore/", {"version": closure.version}).status_code == 303
    closure.refresh_from_db()
    assert not closure.cancelled


def test_a_closure_is_not_put_back_over_visits_that_were_booked_meanwhile(house: House) -> None:
    visit = visit_of(house)
    start = visit.starts_at.replace(hour=0, minute=0)
    closure = Closure.objects.create(
        clinic=house.clinic, starts_at=start, ends_at=start + dt.timedelta(days=2), cancelled=True
    )
    page = house.post(f"closures/{closure.pk}/restore/", {"version": "1"})
    assert page.status_code == 409
    assert "Visits are in the way" in words(page)
    panel = house.post(f"closures/{closure.pk}/restore/", {"version": "1"}, HX_Request="true", HX_Target="panel")
    assert panel.status_code == 409
    assert "<html" not in panel.content.decode()


def test_a_script_that_undoes_is_sent_to_the_whole_page(house: House) -> None:
    closure = house.closure()
    answer = house.post(
        f"closures/{closure.pk}/withdraw/",
        {"version": closure.version},
        HX_Request="true",
        HX_Target="panel",
    )
    assert (answer.status_code, answer["HX-Redirect"]) == (204, house.address("closures/"))
    assert "The closure is withdrawn" in words(house.get("closures/"))


def test_a_closure_that_moved_on_clashes(house: House) -> None:
    closure = house.closure()
    change_closure(closure_id=closure.pk, version=1, change={"reason": "Flood"})
    form = {"first_day": "2030-06-03", "reason": "Fire", "version": "1"}
    page = house.post(f"closures/{closure.pk}/", form)
    assert page.status_code == 409
    assert "– → Flood" in words(page)
    assert "Fire" in words(page)
    assert house.post(f"closures/{closure.pk}/withdraw/", {"version": "1"}).status_code == 409


def policy_form(house: House, **changes: Any) -> dict[str, Any]:
    clinic = Clinic.objects.get(pk=house.clinic.pk)
    names = (
        "name", "phone", "address", "timezone", "region", "minimum_notice_minutes", "horizon_days",
        "cancel_cutoff_hours", "move_cutoff_hours", "open_bookings_limit", "hold_minutes", "version",
    )  # fmt: skip
    return {name: getattr(clinic, name) for name in names} | changes


def test_policies_are_saved_at_once_where_they_move_no_opening(house: House) -> None:
    form = policy_form(house, phone="(212) 555-0199", region="us", cancel_cutoff_hours="48", second_factor_for_all="on")
    clinic = Clinic.objects.get(pk=house.clinic.pk)
    assert house.post("policies/", {**form, "region": ""}).status_code == 422  # a number of which country?
    answer = house.post("policies/", {**form, "phone": "+1 212 555 0199", "region": ""})
    assert answer.status_code == 303
    clinic.refresh_from_db()
    assert (clinic.phone, clinic.cancel_cutoff_hours, clinic.second_factor_for_all) == ("+12125550199", 48, True)
    assert "(212) 555-0199" in house.get("policies/").content.decode()


def test_limits_of_what_patients_do_alone_are_set_and_emptied(house: House) -> None:
    form = policy_form(house, phone="", region="", open_bookings_total="4", cancels_per_day="2")
    assert house.post("policies/", form).status_code == 303
    clinic = Clinic.objects.get(pk=house.clinic.pk)
    assert (clinic.open_bookings_total, clinic.cancels_per_day) == (4, 2)
    form = policy_form(house, phone="", region="", open_bookings_total="", cancels_per_day="")
    assert house.post("policies/", form).status_code == 303
    clinic.refresh_from_db()
    assert (clinic.open_bookings_total, clinic.cancels_per_day) == (None, None)
    assert house.post("policies/", policy_form(house, phone="", region="", cancels_per_day="0")).status_code == 422


def test_a_new_region_shows_what_it_closes_first(house: House) -> None:
    form = policy_form(house, region="us-ny", phone="(212) 555-0199")
    page = house.post("policies/", form)
    assert page.status_code == 200
    assert "Closes" in words(page)
    assert Clinic.objects.get(pk=house.clinic.pk).region == ""
    assert house.post("policies/", {**form, "sure": sure(page)}).status_code == 303
    assert Clinic.objects.get(pk=house.clinic.pk).region == "US-NY"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"timezone": "Mars/Olympus"}, "This is no time zone"),
        ({"region": "XX-YY"}, "No public holidays are known for it"),
        ({"horizon_days": "0"}, "greater than or equal to 1"),
        ({"hold_minutes": "61"}, "less than or equal to 60"),
        ({"phone": "call me"}, "This is no phone number"),
    ],
)
def test_policies_that_cannot_be_are_refused_at_their_field(
    house: House, changes: dict[str, str], sentence: str
) -> None:
    page = house.post("policies/", policy_form(house, **changes))
    assert page.status_code == 422
    assert sentence in words(page)


def test_two_who_change_policies_are_told(house: House) -> None:
    form = policy_form(house, hold_minutes="15")
    change_clinic(clinic_id=house.clinic.pk, version=house.clinic.version, values={"open_bookings_limit": 5})
    page = house.post("policies/", form)
    assert page.status_code == 409
    assert "Visits ahead with one provider 3 → 5" in words(page)
    assert "A time is held for, in minutes 15" in words(page)
