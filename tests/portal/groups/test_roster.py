"""A group at the desk: seats, each person's own steps, and what is done with one or with all."""

import datetime as dt
import re
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from appointments.models import Appointment, Batch, Session
from appointments.services.booking import Booking, Caller, book_appointment
from appointments.services.holding import place_hold
from mediconnect.accounts.models import User
from mediconnect.outbox.services.relaying import relay
from providers.models import AppointmentType
from tests.browser.clinic_day import ClinicDay, clinic_day

pytestmark = pytest.mark.django_db


@pytest.fixture
def day(db: None) -> ClinicDay:
    return clinic_day()


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def class_of(day: ClinicDay, capacity: int = 4) -> AppointmentType:
    kind: AppointmentType = AppointmentType.objects.create(
        clinic=day.clinic, name="Back class", duration=60, capacity=capacity
    )
    return kind


def join(day: ClinicDay, kind: AppointmentType, *names: str, hour: int = 15, days: int = 2) -> list[Appointment]:
    start = (day.base + dt.timedelta(days=days)).replace(hour=hour, minute=0)
    return [
        book_appointment(
            Booking(
                appointment_type_id=kind.pk,
                provider_id=day.providers[0].pk,
                patient_id=day.patients[name].pk,
                start=start,
                source="staff",
            ),
            caller=Caller(day.desk.pk, patients_own=False),
        )[0]
        for name in names
    ]


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_the_day_lists_groups_with_seats_taken_held_and_free(day: ClinicDay) -> None:
    kind = class_of(day)
    visits = join(day, kind, "peter", "maria")
    place_hold(
        appointment_type_id=kind.pk,
        provider_id=day.providers[0].pk,
        start=visits[0].starts_at,
        caller=Caller(day.desk.pk, patients_own=False),
    )
    words = {"date": visits[0].starts_at.astimezone(day.clinic.zone).date().isoformat()}
    page = text(browser(day.desk).get(day.path("groups"), words))
    assert "Back class" in page
    assert "2 of 4 seats taken · 1 held · 1 free" in page
    assert "No group meets on this day" in text(browser(day.desk).get(day.path("groups")))


def test_each_person_takes_steps_of_their_own(day: ClinicDay) -> None:
    one, two = join(day, class_of(day), "peter", "maria", days=0, hour=18)
    here, client = day.path("group", session=one.session_id), browser(day.desk)
    assert "Patient arrived" in text(client.get(here))
    sent = {"step": "arrive", "version": "1", "key": f"page-{uuid.uuid4()}", "next": here}
    answer = client.post(day.path("visit-step", visit=one.pk), sent)
    assert (answer.status_code, answer["Location"]) == (303, here)
    assert [Appointment.objects.get(pk=visit.pk).status for visit in (one, two)] == ["arrived", "booked"]


def test_one_person_is_moved_to_another_meeting_and_one_leaves(day: ClinicDay) -> None:
    kind = class_of(day)
    (one, two), (other,) = join(day, kind, "peter", "maria"), join(day, kind, "aisha", days=3)
    here, client = day.path("group", session=one.session_id), browser(day.desk)
    page = client.get(here).content.decode()
    option = re.search(r'<option value="([^"]+)">[^<]*, Dr', page)
    assert option is not None
    sent = {"to": option[1], "version": "1", "key": f"page-{uuid.uuid4()}", "next": here}
    assert client.post(day.path("visit-move", visit=one.pk), sent).status_code == 303
    assert Appointment.objects.get(pk=one.pk).session_id == other.session_id
    gone = {"reason": "patient_request", "version": "1", "key": f"page-{uuid.uuid4()}", "next": here}
    assert client.post(day.path("visit-cancel", visit=two.pk), gone).status_code == 303
    page = text(client.get(here))
    assert "Nobody comes to this group" in page
    assert re.search(r"Gave the seat back .*Santos, Maria", page)
    assert "0 of 4 seats taken · 4 free · nobody comes any more" in page


def test_the_whole_group_is_cancelled_through_a_look_at_it(day: ClinicDay) -> None:
    visits = join(day, class_of(day), "peter", "maria", "aisha")
    client = browser(day.desk)
    page = client.get(day.path("group", session=visits[0].session_id)).content.decode()
    chosen = re.findall(r'name="visit" value="([^"]+)"', page)
    assert len(chosen) == 3
    sent = {"visit": chosen, "act": "cancel", "reason": "provider_unavailable"}
    assert "Cancel 3 visits?" in text(client.post(day.path("batch-preview"), sent))
    client.post(day.path("batch-start"), {**sent, "key": f"page-{uuid.uuid4()}"})
    relay()
    assert set(Batch.objects.get().items.values_list("state", flat=True)) == {"done"}
    assert not Session.objects.get().appointments.filter(status="booked").exists()


def test_a_group_of_another_calendar_is_not_a_providers_to_see(day: ClinicDay) -> None:
    (visit,) = join(day, class_of(day), "peter")
    here = day.path("group", session=visit.session_id)
    assert browser(day.doctor).get(here).status_code == 200
    day.providers[0].user, day.providers[1].user = None, day.doctor
    day.providers[0].save()
    day.providers[1].save()
    assert browser(day.doctor).get(here).status_code == 404


def test_the_board_leads_to_the_group(day: ClinicDay) -> None:
    (visit,) = join(day, class_of(day), "peter")
    words = {"date": visit.starts_at.astimezone(day.clinic.zone).date().isoformat()}
    assert (
        day.path("group", session=visit.session_id) in browser(day.desk).get(day.path("board"), words).content.decode()
    )


def test_a_full_group_costs_as_many_statements_as_a_small_one(day: ClinicDay) -> None:
    kind, client = class_of(day, 10), browser(day.desk)
    here = day.path("group", session=join(day, kind, "peter", "maria")[0].session_id)

    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(here)
        return len(captured)

    statements()
    few = statements()
    join(day, kind, "aisha", "tomas", "kofi", "olga", "james")
    assert statements() == few
