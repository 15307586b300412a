"""Many at once at the desk: chosen, looked at, begun once, watched, stopped, tried again and taken back."""

import datetime as dt
import re
import uuid
from typing import Any, get_args

import pytest
from django.test import Client
from django.urls import reverse

from appointments import errors
from appointments.models import Appointment, Batch
from appointments.queries.foreseeing import Problem
from mediconnect.accounts.models import User
from mediconnect.errors import DomainError
from mediconnect.outbox.services.relaying import relay
from mediconnect.portal.batches.words import ACTS, PROBLEMS, REFUSALS, state_word
from notifications.models import Message
from patients.models import ContactPoint
from tests.browser.clinic_day import ClinicDay, clinic_day
from tests.factories import AppointmentFactory

pytestmark = pytest.mark.django_db

_OF_A_MOVE = {
    "slot-taken", "patient-overlap", "outside-availability", "daily-limit", "group-length", "invalid-transition",
    "no-second-provider", "other-day", "nothing-to-move",
}  # fmt: skip
_OF_OTHERS = {"version-conflict", "not-found", "visit-changed", "words-refused"}


@pytest.fixture
def day(db: None) -> ClinicDay:
    made = clinic_day()
    ContactPoint.objects.filter(patient=made.patients["olga"]).update(consent=False)
    return made


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def tomorrow(day: ClinicDay, *names: str, provider: int = 0, days: int = 1) -> list[Appointment]:
    """Book these people tomorrow morning, or so many days ahead, half an hour each."""
    first = (day.base + dt.timedelta(days=days)).replace(hour=9, minute=0)
    return [
        AppointmentFactory.create(
            clinic=day.clinic,
            provider=day.providers[provider],
            appointment_type=day.consultation,
            patient=day.patients[name],
            starts_at=first + dt.timedelta(minutes=30 * number),
            ends_at=first + dt.timedelta(minutes=30 * number + 30),
        )
        for number, name in enumerate(names)
    ]


def form(visits: list[Appointment], **fields: str) -> dict[str, Any]:
    return {"visit": [f"{visit.pk}.{visit.version}" for visit in visits], "key": f"page-{uuid.uuid4()}", **fields}


def began(client: Client, day: ClinicDay, visits: list[Appointment], **fields: str) -> Batch:
    answer = client.post(day.path("batch-start"), form(visits, **fields))
    assert answer.status_code == 303, answer.content
    relay()
    return Batch.objects.get(pk=answer["Location"].rstrip("/").rpartition("/")[2])


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_the_list_shows_the_day_and_what_can_be_chosen(day: ClinicDay) -> None:
    client, here = browser(day.desk), day.path("batches")
    page = client.get(here, {"date": day.base.date().isoformat()}).content.decode()
    booked, arrived = day.visits["booked"], day.visits["arrived"]
    assert f'value="{booked.pk}.{booked.version}"' in page
    assert str(arrived.pk) not in page
    assert "checked" not in page
    chosen = client.get(here, {"date": day.base.date().isoformat(), "all": "1"}).content.decode()
    assert chosen.count(" checked") == page.count('name="visit"')


def test_the_list_narrows_to_a_provider_a_type_and_a_group(day: ClinicDay) -> None:
    one, two = tomorrow(day, "peter"), tomorrow(day, "maria", provider=1)
    words = {"date": (day.base + dt.timedelta(days=1)).date().isoformat()}
    page = browser(day.desk).get(day.path("batches"), {**words, "provider": str(day.providers[1].pk)}).content.decode()
    assert str(two[0].pk) in page
    assert str(one[0].pk) not in page
    nothing = browser(day.desk).get(day.path("batches"), {**words, "type": str(uuid.uuid4())}).content.decode()
    assert "No visit on this day" in nothing


def test_a_provider_chooses_and_acts_in_the_own_calendar_alone(day: ClinicDay) -> None:
    own, others = tomorrow(day, "peter"), tomorrow(day, "maria", provider=1)
    client = browser(day.doctor)
    page = client.get(day.path("batches"), {"date": own[0].starts_at.astimezone(day.clinic.zone).date().isoformat()})
    assert str(own[0].pk) in page.content.decode()
    assert str(others[0].pk) not in page.content.decode()
    for name in ("batch-preview", "batch-start"):
        answer = client.post(day.path(name), form([*own, *others], act="cancel", reason="clinic_other"))
        assert answer.status_code == 404
    to = form(own, act="move", to=str(day.providers[1].pk))
    assert client.post(day.path("batch-preview"), to).status_code == 404
    assert client.post(day.path("batch-start"), to).status_code == 404
    assert not Batch.objects.exists()


def test_a_batch_of_somebody_else_is_not_a_providers_to_see(day: ClinicDay) -> None:
    batch = began(browser(day.desk), day, tomorrow(day, "peter"), act="cancel", reason="clinic_other")
    assert browser(day.doctor).get(day.path("batch", batch=batch.pk)).status_code == 404
    assert browser(day.admin).get(day.path("batch", batch=batch.pk)).status_code == 200


def test_nothing_is_done_by_looking(day: ClinicDay) -> None:
    visits = tomorrow(day, "peter", "olga")
    client = browser(day.desk)
    page = client.post(day.path("batch-preview"), form(visits, act="cancel", reason="provider_unavailable"))
    said = text(page)
    assert "Cancel 2 visits?" in said
    assert "1 patient is told by text message." in said
    assert "1 patient cannot be written to" in said
    assert set(Appointment.objects.filter(pk__in=[v.pk for v in visits]).values_list("status", flat=True)) == {"booked"}
    assert not Batch.objects.exists()


def test_the_preview_of_a_move_says_what_is_in_the_way(day: ClinicDay) -> None:
    one, _between, three = tomorrow(day, "peter", "maria", "aisha")
    page = browser(day.desk).post(
        day.path("batch-preview"), form([one, three], act="move", minutes="30", direction="later")
    )
    assert "1 visit cannot be done as things are now" in text(page)
    assert "Not done: the time is taken" in text(page)


def test_the_preview_of_a_message_shows_it_as_it_is_sent(day: ClinicDay) -> None:
    visits = tomorrow(day, "peter")
    words = "We are at the side door today."
    page = browser(day.desk).post(day.path("batch-preview"), form(visits, act="message", words=words))
    assert f"{day.clinic.name}: {words}" in text(page)
    bad = browser(day.desk).post(
        day.path("batch-preview"), form(visits, act="message", words="Your surgery is at https://example.org")
    )
    assert day.path("batch-start") in bad.content.decode()
    assert "Send the messages" not in text(bad)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"act": "cancel"}, "Choose why they are cancelled."),
        ({"act": "move"}, "Say by how many minutes they are moved, or to whom."),
        ({"act": "move", "minutes": "7"}, "in steps of 5"),
        ({"act": "message", "words": " "}, "Write 1 to 300 letters."),
        ({"act": ""}, "Choose what is to be done."),
    ],
)
def test_what_is_missing_is_asked_for_and_nothing_is_lost(
    day: ClinicDay, fields: dict[str, str], sentence: str
) -> None:
    visits = tomorrow(day, "peter")
    wanted = {"date": visits[0].starts_at.astimezone(day.clinic.zone).date().isoformat()}
    for name in ("batch-preview", "batch-start"):
        page = browser(day.desk).post(day.path(name), form(visits, **fields, **wanted))
        assert page.status_code == 422
        assert sentence in text(page)
        assert " checked" in page.content.decode()
    none = browser(day.desk).post(day.path("batch-preview"), {"act": "cancel", "reason": "clinic_other"})
    assert "Choose at least one visit." in text(none)


def test_a_form_sent_twice_begins_once(day: ClinicDay) -> None:
    sent = form(tomorrow(day, "peter"), act="cancel", reason="clinic_other")
    client = browser(day.desk)
    first, second = (client.post(day.path("batch-start"), sent)["Location"] for _ in range(2))
    assert first == second
    assert Batch.objects.count() == 1


def test_the_page_tells_how_far_it_is_who_was_reached_and_whom_to_call(day: ClinicDay) -> None:
    client, visits = browser(day.desk), tomorrow(day, "peter", "olga")
    batch = began(client, day, visits, act="cancel", reason="provider_unavailable")
    here = day.path("batch", batch=batch.pk)
    page = client.get(here)
    assert "2 of 2 done" in text(page)
    assert "0 patients were reached. 1 message is on its way." in text(page)
    assert re.search(r"To call .*Petrova, Olga", text(page))
    Message.objects.filter(visit=visits[0]).update(state="sent", sent_at=day.base, via="twilio", reason="")
    assert "1 patient was reached." in text(client.get(here))
    Message.objects.filter(visit=visits[0]).update(state="undelivered", reason="bounced")
    assert re.search(r"To call .*Lang, Peter .*555", text(client.get(here)))
    file = client.get(day.path("batch-file", batch=batch.pk)).content.decode("utf-8-sig")
    assert [line.rpartition(",")[2] for line in file.splitlines()] == ["To call", "yes", "yes"]


def test_the_page_asks_whether_anything_changed(day: ClinicDay) -> None:
    client = browser(day.desk)
    batch = began(client, day, tomorrow(day, "peter"), act="cancel", reason="clinic_other")
    here = day.path("batch-pulse", batch=batch.pk)
    tag = client.get(here)["ETag"]
    assert f"data-version={tag}" in client.get(day.path("batch", batch=batch.pk)).content.decode()
    assert client.get(here, headers={"If-None-Match": tag}).status_code == 304
    Message.objects.update(state="skipped", reason="no_address")
    assert client.get(here, headers={"If-None-Match": tag}).status_code == 200


def test_all_is_taken_back(day: ClinicDay) -> None:
    client, visits = browser(day.desk), tomorrow(day, "peter", "maria")
    batch = began(client, day, visits, act="cancel", reason="clinic_error")
    answer = client.post(day.path("batch-undo", batch=batch.pk), {"key": f"page-{uuid.uuid4()}"})
    assert answer.status_code == 303
    relay()
    assert "2 taken back" in text(client.get(day.path("batch", batch=batch.pk)))
    assert set(Appointment.objects.filter(pk__in=[v.pk for v in visits]).values_list("status", flat=True)) == {"booked"}
    again = client.post(day.path("batch-undo", batch=batch.pk), {"key": f"page-{uuid.uuid4()}"})
    assert again.status_code == 409
    assert "There is nothing left to do" in text(again)


def test_what_was_refused_is_tried_again_and_what_waits_is_stopped(day: ClinicDay) -> None:
    client, visits = browser(day.desk), tomorrow(day, "peter", "maria")
    Appointment.objects.filter(pk=visits[0].pk).update(priority="urgent")
    sent = form(visits, act="cancel", reason="clinic_other")
    location = client.post(day.path("batch-start"), sent)["Location"]
    batch = Batch.objects.get()
    relay()
    assert "the visit was changed after you looked at it" in text(client.get(location))
    client.post(day.path("batch-retry", batch=batch.pk), {"key": f"page-{uuid.uuid4()}"})
    assert client.post(day.path("batch-stop", batch=batch.pk), {"key": f"page-{uuid.uuid4()}"}).status_code == 303
    assert "1 stopped" in text(client.get(location))


def test_a_hundred_visits_cost_no_more_statements_than_ten(day: ClinicDay, django_assert_max_num_queries: Any) -> None:
    seven = ("peter", "maria", "aisha", "olga", "kofi", "james", "tomas")
    client, visits = browser(day.desk), tomorrow(day, *seven, days=3)
    batch = began(client, day, visits, act="cancel", reason="clinic_other")
    with django_assert_max_num_queries(14):
        client.get(day.path("batch", batch=batch.pk))
    later = tomorrow(day, *seven, provider=1, days=2)
    for fields in ({"act": "cancel", "reason": "clinic_other"}, {"act": "move", "minutes": "30"}):
        with django_assert_max_num_queries(24):
            client.post(day.path("batch-preview"), form(later, **fields))


def test_every_code_has_its_words() -> None:
    assert all(code in REFUSALS for code in _OF_A_MOVE | _OF_OTHERS)
    known = {kind.code for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, DomainError)}
    assert known >= _OF_A_MOVE
    assert set(PROBLEMS) == set(get_args(Problem))
    assert set(ACTS) == set(Batch.Act.values)
    for act in Batch.Act.values:
        assert all(state_word(state, act) for state in ("waiting", "done", "refused", "stopped", "undone"))


def test_the_board_leads_to_a_providers_day(day: ClinicDay) -> None:
    board = browser(day.desk).get(reverse("portal:board", kwargs={"clinic": day.clinic.pk})).content.decode()
    many = day.path("batches")
    assert f"{many}?date={day.base.date().isoformat()}&amp;provider={day.providers[0].pk}&amp;all=1" in board
