"""The doors of messages: the log by the API, what became of each, and dead letters on their way once more."""

import re

import pytest

from mediconnect.accounts.models import User
from notifications.models import Message, MessageEvent, State
from notifications.rules.reasons import Why
from providers.models import Membership, Role
from tests.appointments.conftest import SmallClinic, small_clinic
from tests.factories import AppointmentFactory, MessageFactory, ReminderFactory
from tests.http import Api, code

PHONE = "+12125550142"


@pytest.fixture
def dead(place: SmallClinic) -> Message:
    """A reminder that was given up, with the words that it would have had."""
    visit = AppointmentFactory.create(
        clinic=place.clinic, provider=place.provider, appointment_type=place.kind, starts_at=place.at(10)
    )
    message: Message = MessageFactory.create(
        visit=visit, state=State.DEAD, reason=Why.ATTEMPTS_USED_UP, recipient=PHONE, body="Your visit: https://x/a/secret/",
        attempts=4,
    )  # fmt: skip
    MessageEvent.objects.create(message=message, what="given_up", detail=Why.ATTEMPTS_USED_UP, attempt=4)
    return message


@pytest.fixture
def desk(place: SmallClinic) -> Api:
    """The front desk."""
    return Api.staff(place.desk)


def test_the_log_shows_where_a_message_stands_and_neither_words_nor_address(desk: Api, dead: Message) -> None:
    answer = desk.get("messages/")
    (row,) = answer.json()["results"]
    assert (row["id"], row["state"], row["why"]) == (str(dead.pk), "dead", "attempts_used_up")
    assert row["recipient"] == "•••• 0142"
    assert row["timezone"] == "America/New_York"
    assert re.search(r"T10:00:00-0[45]:00$", row["appointment_start"])
    assert "body" not in row
    assert "secret" not in answer.content.decode()
    assert PHONE not in answer.content.decode()


def test_the_log_is_filtered_and_paged(desk: Api, dead: Message) -> None:
    other = MessageFactory.create(visit=dead.visit, kind="moved", created_at=dead.created_at)
    assert dead.visit is not None
    joined = AppointmentFactory.create(clinic=dead.clinic, provider=dead.visit.provider, starts_at=dead.visit.ends_at)
    ReminderFactory.create(visit=joined, state="taken", message=dead, decided_at=dead.created_at)
    for query, found in (
        ({"state": "dead,undelivered"}, {dead}),
        ({"kind": "moved"}, {other}),
        ({"appointment": joined.pk}, {dead}),
        ({"appointment": dead.visit_id}, {dead, other}),
        ({"patient": dead.patient_id}, {dead, other}),
        ({"patient": joined.patient_id}, set()),
        ({"clinic": dead.clinic_id}, {dead, other}),
    ):
        ids = {row["id"] for row in desk.get("messages/", query).json()["results"]}
        assert ids == {str(one.pk) for one in found}, query
    first = desk.get("messages/", {"limit": 1}).json()
    assert first["previous"] is None
    second = desk.get("messages/" + first["next"].split("messages/")[1]).json()
    assert {first["results"][0]["id"], second["results"][0]["id"]} == {str(dead.pk), str(other.pk)}
    for query in ({"state": "asleep"}, {"kind": "x"}, {"patient": "x"}, {"colour": "red"}):
        assert desk.get("messages/", query).status_code == 400, query


def test_a_messages_life_is_told_in_codes(desk: Api, dead: Message) -> None:
    (line,) = desk.get(f"messages/{dead.pk}/events/").json()["results"]
    assert (line["what"], line["detail"], line["attempt"]) == ("given_up", "attempts_used_up", 4)


def test_a_dead_letter_goes_on_its_way_once_more_with_all_its_attempts(desk: Api, dead: Message) -> None:
    answer = desk.post(f"messages/{dead.pk}/requeue/", {})
    assert (answer.status_code, answer.json()["state"], answer.json()["attempts"]) == (200, "queued", 0)
    again = desk.post(f"messages/{dead.pk}/requeue/", {})
    assert (again.status_code, code(again)) == (409, "message-on-its-way")


def test_the_same_key_gets_the_same_answer(desk: Api, dead: Message) -> None:
    first, second = (
        desk.post(f"messages/{dead.pk}/requeue/", {}, key="requeue-0123456789abcdef") for _turn in range(2)
    )
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert second.headers["Idempotent-Replayed"] == "true"


def test_a_dead_letter_is_put_away_for_a_reason(desk: Api, dead: Message, place: SmallClinic) -> None:
    assert desk.post(f"messages/{dead.pk}/discard/", {}).status_code == 400
    assert desk.post(f"messages/{dead.pk}/discard/", {"reason": " "}).status_code == 400
    answer = desk.post(f"messages/{dead.pk}/discard/", {"reason": "called the patient"})
    assert (answer.status_code, answer.json()["state"]) == (200, "discarded")
    line = MessageEvent.objects.get(message=dead, what="discarded")
    assert (line.note, line.by) == ("called the patient", place.desk)


def test_a_provider_reads_and_does_nothing(dead: Message, place: SmallClinic) -> None:
    user = User.objects.create(email="obi@example.org")
    Membership.objects.create(user=user, clinic=place.clinic, role=Role.PROVIDER)
    place.provider.user = user
    place.provider.save()
    own = Api.staff(user)
    assert own.get(f"messages/{dead.pk}/").status_code == 200
    refused = own.post(f"messages/{dead.pk}/requeue/", {})
    assert (refused.status_code, code(refused)) == (403, "not-permitted")


def test_what_stands_in_for_a_message_about_several_visits_is_found_by_each(dead: Message, place: SmallClinic) -> None:
    user = User.objects.create(email="obi@example.org")
    Membership.objects.create(user=user, clinic=place.clinic, role=Role.PROVIDER)
    own = AppointmentFactory.create(clinic=place.clinic, provider__user=user)
    ReminderFactory.create(visit=own, state="taken", message=dead, decided_at=dead.created_at)
    stand_in = MessageFactory.create(visit=dead.visit, channel="email", instead_of=dead)
    found = Api.staff(user).get(f"messages/?appointment={own.pk}").json()["results"]
    assert {row["id"] for row in found} == {str(dead.pk), str(stand_in.pk)}


def test_a_desk_elsewhere_is_no_desk_here(dead: Message, place: SmallClinic) -> None:
    """A provider of this clinic who is at another's front desk sees the own visits' messages, and may not act on them."""
    user = User.objects.create(email="obi@example.org")
    Membership.objects.create(user=user, clinic=place.clinic, role=Role.PROVIDER)
    Membership.objects.create(user=user, clinic=small_clinic().clinic, role=Role.FRONT_DESK)
    place.provider.user = user
    place.provider.save()
    both = Api.staff(user)
    assert both.get(f"messages/{dead.pk}/").status_code == 200
    assert both.post(f"messages/{dead.pk}/discard/", {"reason": "x"}).status_code == 403
    assert both.post(f"messages/{dead.pk}/requeue/", {}).status_code == 403


def test_a_patient_reads_what_was_written_on_the_own_dashboard(place: SmallClinic, dead: Message) -> None:
    """What went out, without words; what was given up is the desk's business, and another's messages are another's."""
    own, other = (
        AppointmentFactory.create(
            clinic=place.clinic, provider=place.provider, appointment_type=place.kind, starts_at=place.at(12 + number),
            patient=place.patients[number],
        )
        for number in range(2)
    )  # fmt: skip
    for visit in (own, other):
        sent_at = visit.created_at
        MessageFactory.create(
            visit=visit, state=State.DELIVERED, sent_at=sent_at, delivered_at=sent_at, recipient=PHONE
        )
    (row,) = Api.patient(place.users[0]).get("me/dashboard/").json()["messages"]
    assert (row["appointment"], row["state"], row["recipient"]) == (str(own.pk), "delivered", "•••• 0142")
    assert "body" not in row


def test_messages_about_accounts_are_in_no_log(desk: Api, place: SmallClinic) -> None:
    Message.objects.create(kind="password_reset", channel="email", recipient="a@example.org")
    assert desk.get("messages/").json()["results"] == []
