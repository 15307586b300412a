"""The doors of the day board, the week and the month."""

import datetime as dt

import pytest
from django.test import Client

from providers.models import Clinic
from tests.browser.clinic_day import ClinicDay, clinic_day
from tests.factories import ClinicFactory, MembershipFactory

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def day(db: None) -> ClinicDay:
    return clinic_day()


def signed_in(user: object) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)  # type: ignore[arg-type]  # a user of ours
    return client


@pytest.fixture
def desk(day: ClinicDay) -> Client:
    return signed_in(day.desk)


def test_the_home_of_staff_is_the_day(day: ClinicDay, desk: Client) -> None:
    page = desk.get("/").content.decode()
    assert 'id="board"' in page
    assert "Santos, Maria" in page


def test_a_clinic_that_closed_for_good_does_not_shut_the_way_in(day: ClinicDay) -> None:
    """The session remembers the clinic looked at last; there is another, or there is none and a page says so."""
    other = ClinicFactory.create(name="Zenith", active=True)
    for clinic in (day.clinic, other):
        MembershipFactory.create(clinic=clinic, user=day.doctor, role="front_desk")
    client = signed_in(day.doctor)
    assert client.get(f"/clinics/{other.pk}/").status_code == 200
    assert "Zenith" in client.get("/").content.decode()
    Clinic.objects.filter(pk=other.pk).update(active=False)
    assert 'id="board"' in client.get("/").content.decode()
    Clinic.objects.filter(pk=day.clinic.pk).update(active=False)
    assert client.get("/").status_code == 404


def test_visitors_are_told_what_this_is_and_asked_to_sign_in_elsewhere(day: ClinicDay) -> None:
    assert b"A time is sold once" in Client().get("/").content
    response = Client().get(day.path("board"))
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/sign-in/")
    assert response["Cache-Control"] == "private, no-store"


def test_a_fragment_brings_the_board_alone(day: ClinicDay, desk: Client) -> None:
    page = desk.get(day.path("board"), headers={"HX-Request": "true", "HX-Target": "board"}).content.decode()
    assert page.lstrip().startswith('<div id="board"')
    assert "<html" not in page


def test_the_address_holds_the_view(day: ClinicDay, desk: Client) -> None:
    one = day.providers[0]
    tomorrow = (day.base.date() + dt.timedelta(days=1)).isoformat()
    page = desk.get(day.path("board"), {"date": tomorrow, "who": str(one.pk)}).content.decode()
    assert page.count('class="column"') == 1
    assert f"date={tomorrow}&amp;who={one.pk}" in page


def test_rooms_are_columns_too(day: ClinicDay, desk: Client) -> None:
    page = desk.get(day.path("board"), {"by": "room"}).content.decode()
    assert page.count('class="column"') == len(day.rooms)
    assert 'class="block free' not in page


def test_words_that_make_no_sense_are_as_if_they_were_not_there(day: ClinicDay, desk: Client) -> None:
    response = desk.get(day.path("board"), {"date": "the day before", "who": "everybody", "by": "floor"})
    assert response.status_code == 200
    assert 'id="board"' in response.content.decode()


def test_a_day_without_anybody_says_what_to_do(day: ClinicDay, desk: Client) -> None:
    page = desk.get(day.path("board"), {"date": "2099-01-08"}).content.decode()
    assert "Nobody works on this day" in page


def test_a_provider_sees_the_own_calendar_alone(day: ClinicDay) -> None:
    page = signed_in(day.doctor).get(day.path("board")).content.decode()
    assert page.count('class="column"') == 1
    other = signed_in(day.doctor).get(day.path("board"), {"who": str(day.providers[1].pk)}).content.decode()
    assert 'class="column"' not in other


def test_the_pulse_is_304_until_something_changes(day: ClinicDay, desk: Client) -> None:
    first = desk.get(day.path("pulse"))
    again = desk.get(day.path("pulse"), headers={"If-None-Match": first["ETag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    day.hold(0, 300)
    assert desk.get(day.path("pulse"), headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_the_pulse_keeps_nobody_signed_in(day: ClinicDay, desk: Client) -> None:
    session = day.desk.sessions.get()
    type(session).objects.filter(pk=session.pk).update(last_seen_at=day.base - dt.timedelta(minutes=10))
    desk.get(day.path("pulse"), headers={"X-Background": "1"})
    session.refresh_from_db()
    assert session.last_seen_at == day.base - dt.timedelta(minutes=10)


def test_next_free_goes_to_the_booking_form_of_that_time(day: ClinicDay, desk: Client) -> None:
    response = desk.get(day.path("next-free"), {"type": str(day.consultation.pk)})
    assert response.status_code == 302
    assert f"book/?date={day.base.date().isoformat()}" in response["Location"]


def test_next_free_of_a_strange_type_is_nothing(day: ClinicDay, desk: Client) -> None:
    assert desk.get(day.path("next-free"), {"type": "soon"}).status_code == 404


def test_a_week_shows_one_provider_and_no_stranger(day: ClinicDay, desk: Client) -> None:
    page = desk.get(day.path("week"), {"provider": str(day.providers[0].pk)}).content.decode()
    assert page.count('class="column"') == 7
    assert desk.get(day.path("week"), {"provider": str(day.clinic.pk)}).status_code == 404
    assert desk.get(day.path("week"), {"room": str(day.rooms[0].pk)}).status_code == 200


def test_a_month_shows_how_full_each_day_is(day: ClinicDay, desk: Client) -> None:
    page = desk.get(day.path("month")).content.decode()
    assert 'aria-current="date"' in page
    assert "visits" in page
    assert desk.get(day.path("month"), {"provider": str(day.clinic.pk)}).status_code == 404


@pytest.mark.parametrize("name", ["board", "pulse", "week", "month", "next-free"])
def test_staff_of_another_clinic_find_nothing(day: ClinicDay, name: str) -> None:
    stranger = MembershipFactory.create().user
    assert signed_in(stranger).get(day.path(name)).status_code == 404


def test_a_public_holiday_is_named_on_the_board_and_in_the_month(day: ClinicDay, desk: Client) -> None:
    type(day.clinic).objects.filter(pk=day.clinic.pk).update(region="US-NY")
    assert "Christmas Day" in desk.get(day.path("board"), {"date": "2099-12-25"}).content.decode()
    assert "Christmas Day" in desk.get(day.path("month"), {"date": "2099-12-01"}).content.decode()


def test_a_refreshed_board_brings_its_counts_along(day: ClinicDay, desk: Client) -> None:
    fragment = desk.get(day.path("board"), headers={"HX-Request": "true", "HX-Target": "board"}).content.decode()
    assert 'id="board-counts" class="muted counts" hx-swap-oob="true"' in fragment
    assert "hx-swap-oob" not in desk.get(day.path("board")).content.decode()
