"""Two providers at the desk: booked together, seen in both columns, moved with, to or without the second."""

import datetime as dt
import re
import uuid
from typing import Any

import pytest
from django.test import Client

from appointments.models import Appointment
from appointments.services.booking import Booking, Caller, book_appointment
from mediconnect.accounts.models import User
from tests.browser.clinic_day import ClinicDay, clinic_day

pytestmark = pytest.mark.django_db


@pytest.fixture
def day(db: None) -> ClinicDay:
    return clinic_day()


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def at(day: ClinicDay, hour: int, minute: int = 0) -> dt.datetime:
    return (day.base + dt.timedelta(days=2)).replace(hour=hour, minute=minute)


def booked(
    day: ClinicDay, hour: int = 9, patient: str = "peter", *, first: int = 0, second: int | None = 1
) -> Appointment:
    wish = Booking(
        appointment_type_id=day.consultation.pk,
        provider_id=day.providers[first].pk,
        patient_id=day.patients[patient].pk,
        start=at(day, hour),
        source="staff",
        second_provider_id=day.providers[second].pk if second is not None else None,
    )
    return book_appointment(wish, caller=Caller(day.desk.pk, patients_own=False))[0]


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def key() -> str:
    return f"page-{uuid.uuid4()}"


def test_the_panel_offers_times_at_which_both_are_free_and_books_both(day: ClinicDay) -> None:
    booked(day, 9, "maria", first=1, second=None)
    client = browser(day.desk)
    wish = {
        "type": str(day.consultation.pk),
        "provider": str(day.providers[0].pk),
        "second": str(day.providers[1].pk),
        "patient": str(day.patients["peter"].pk),
        "from": at(day, 9).date().isoformat(),
    }
    page = client.get(day.path("book"), wish).content.decode()
    assert f"{day.providers[0].pk}@{at(day, 9).isoformat(timespec='minutes')}" not in page
    why = text(client.get(day.path("book"), {**wish, "start": at(day, 9).strftime("%Y-%m-%dT%H:%M")}))
    assert f"{day.providers[1].name} is taken until" in why
    slot = f"{day.providers[0].pk}@{at(day, 10).isoformat(timespec='minutes')}"
    held = client.post(day.path("book-hold"), {**wish, "when": slot})
    hold = re.search(r'name="hold" value="([^"]+)"', held.content.decode())
    assert hold is not None
    answer = client.post(day.path("book"), {**wish, "when": slot, "hold": hold[1], "act": "book", "key": key()})
    assert answer.status_code == 303
    made = Appointment.objects.get(patient=day.patients["peter"], starts_at=at(day, 10))
    assert made.second_provider_id == day.providers[1].pk


def test_both_columns_the_week_and_the_sheet_show_it(day: ClinicDay) -> None:
    visit = booked(day)
    words = {"date": at(day, 9).date().isoformat()}
    client = browser(day.desk)
    board = client.get(day.path("board"), words).content.decode()
    assert f'id="v-{visit.pk}"' in board
    assert f'id="v-{visit.pk}-second"' in board
    assert f"with {day.providers[1].name}" in text(client.get(day.path("board"), words))
    week = client.get(day.path("week"), {**words, "provider": str(day.providers[1].pk)}).content.decode()
    assert f'id="v-{visit.pk}-second"' in week
    sheet = text(client.get(day.path("sheet"), {**words, "provider": str(day.providers[1].pk)}))
    assert f"with {day.providers[0].name}" in sheet


def test_the_card_names_both_and_the_history_says_when_that_changed(day: ClinicDay) -> None:
    visit, client = booked(day), browser(day.desk)
    card = text(client.get(day.path("visit", visit=visit.pk)))
    assert f"{day.providers[1].name} as second provider" in card
    form = client.get(day.path("visit-move", visit=visit.pk)).content.decode()
    assert f'<option value="{day.providers[1].pk}" selected>' in form
    sent = {"start": at(day, 9).isoformat(), "version": "1", "second": "", "key": key()}
    assert client.post(day.path("visit-move", visit=visit.pk), sent).status_code == 303
    assert Appointment.objects.get(pk=visit.pk).second_provider_id is None
    assert f"Second provider: before {day.providers[1].name} → none" in text(
        client.get(day.path("visit", visit=visit.pk))
    )


def test_a_drag_keeps_the_second_and_is_told_where_that_one_is_taken(day: ClinicDay) -> None:
    visit, client = booked(day), browser(day.desk)
    booked(day, 11, "maria", first=1, second=None)
    check = client.get(
        day.path("visit-check", visit=visit.pk),
        {"start": at(day, 11).isoformat()},
        headers={"Accept": "application/json"},
    ).json()
    assert check["verdict"] == "warned"
    assert day.providers[1].name in check["words"]
    to_second = client.get(
        day.path("visit-check", visit=visit.pk),
        {"start": at(day, 10).isoformat(), "provider": str(day.providers[1].pk)},
        headers={"Accept": "application/json"},
    ).json()
    assert to_second["verdict"] == "refused"
    sent = {"start": at(day, 10).isoformat(), "version": "1", "key": key()}
    assert client.post(day.path("visit-move", visit=visit.pk), sent).status_code == 303
    assert Appointment.objects.get(pk=visit.pk).second_provider_id == day.providers[1].pk


def test_a_second_provider_sees_the_visit_in_the_own_calendar(day: ClinicDay) -> None:
    visit = booked(day, first=1, second=0)
    client = browser(day.doctor)
    board = client.get(day.path("board"), {"date": at(day, 9).date().isoformat()}).content.decode()
    assert f'id="v-{visit.pk}-second"' in board
    assert client.get(day.path("visit", visit=visit.pk)).status_code == 200
