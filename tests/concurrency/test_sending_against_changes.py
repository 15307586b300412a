"""No message about a visit is begun after a cancellation or a move of it was committed."""

import datetime as dt
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction

from appointments.models import Appointment
from appointments.services.booking import book_appointment
from appointments.services.cancelling import cancel_appointment
from appointments.services.moving import reschedule_appointment
from mediconnect.api.versions import Expected
from notifications.channels.port import Accepted, Letter
from notifications.models import Kind, Message
from notifications.rules.deciding import decide_sending
from notifications.services.sending import allowing, carrying, claiming, recording, send_due
from notifications.services.writing import tell
from tests.appointments.conftest import SmallClinic
from tests.concurrency.racing import race
from tests.counts import rounds
from tests.factories import ContactPointFactory

pytestmark = pytest.mark.race


class Quick:
    """A service that takes everything at once."""

    def __init__(self) -> None:
        self.name = f"s{uuid.uuid4().hex[:6]}"
        self.letters: list[uuid.UUID] = []

    def send(self, letter: Letter) -> Accepted:
        self.letters.append(letter.message_id)
        return Accepted(letter.message_id.hex, "queued")


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Quick:
    settings.SENDS_PER_SECOND = {"sms": 10_000, "email": 10_000}
    service = Quick()
    for module in (allowing, carrying, recording):
        monkeypatch.setattr(module, "channel_for", lambda _channel: service)
    return service


@pytest.fixture
def told(place: SmallClinic) -> Callable[[int], list[Message]]:
    """Book so many visits, and write the news of each."""
    ContactPointFactory.create(patient=place.patients[0], value="+12125550142")

    def _told(count: int) -> list[Message]:
        messages = []
        for number in range(count):
            start = place.at(8 + number // 2 % 10, number % 2 * 30, days=3 + number // 20)
            visit = book_appointment(place.booking(start), caller=place.staff)[0]
            with transaction.atomic():
                messages.append(tell(visit=visit, kind=Kind.BOOKED, version=visit.version, urgent=True))
        return messages

    return _told


Change = Callable[[SmallClinic, Message], bool]


def visit_of(message: Message) -> uuid.UUID:
    assert message.visit_id is not None
    return message.visit_id


def seen_in(change: Callable[[Expected], object], message: Message) -> bool:
    """Change the visit; return whether its message was begun by then, as the change sees it before it commits."""
    version = Appointment.objects.values_list("version", flat=True).get(pk=visit_of(message))
    with transaction.atomic():
        change(Expected(version, by_header=False))
        return Message.objects.get(pk=message.pk).last_attempt_at is not None


def cancel(place: SmallClinic, message: Message) -> bool:
    visit = visit_of(message)
    return seen_in(
        lambda expected: cancel_appointment(
            appointment_id=visit, caller=place.staff, reason="clinic_other", expected=expected
        ),
        message,
    )


def move(place: SmallClinic, message: Message) -> bool:
    visit = Appointment.objects.get(pk=visit_of(message))
    return seen_in(
        lambda expected: reschedule_appointment(
            appointment_id=visit.pk,
            start=visit.starts_at + dt.timedelta(days=14),  # beyond the last of 240, twenty a day
            expected=expected,
            caller=place.staff,
        ),
        message,
    )


@contextmanager
def slow_decisions(cancelled: threading.Event, looked: threading.Event) -> Iterator[None]:
    """Let the sender wait, once it has read the visit, for the cancellation to commit: half a second at most."""
    decide = decide_sending

    def slowly(situation: Any) -> Any:
        decision = decide(situation)
        looked.set()
        cancelled.wait(0.5)
        return decision

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(claiming, "decide_sending", slowly)
        yield


def begun_unseen(place: SmallClinic, message: Message, change: Change) -> bool:
    """Change between look and decision; return whether the message was begun although the change did not see it."""
    looked, cancelled = threading.Event(), threading.Event()

    def cancelling() -> bool:
        looked.wait(5)
        try:
            return change(place, message)
        finally:
            cancelled.set()

    with slow_decisions(cancelled, looked):
        _, seen = race([lambda: bool(send_due(stay=False)), cancelling])
    return Message.objects.get(pk=message.pk).last_attempt_at is not None and not seen


@pytest.mark.parametrize("change", [cancel, move])
def test_a_change_waits_until_the_send_has_begun_or_forbids_it(
    place: SmallClinic, service: Quick, told: Callable[[int], list[Message]], change: Change
) -> None:
    (message,) = told(1)
    assert not begun_unseen(place, message, change)


@pytest.mark.parametrize("change", [cancel, move])
def test_without_the_lock_a_send_begins_after_the_change(
    place: SmallClinic,
    service: Quick,
    told: Callable[[int], list[Message]],
    monkeypatch: pytest.MonkeyPatch,
    change: Change,
) -> None:
    monkeypatch.setattr(claiming, "share_visits", lambda _visits: True)
    (message,) = told(1)
    assert begun_unseen(place, message, change)


def test_changes_at_any_moment_never_find_a_later_send(
    place: SmallClinic, service: Quick, told: Callable[[int], list[Message]]
) -> None:
    messages = told(rounds(quick=24, full=240))

    def changing(change: Change, part: list[Message]) -> Callable[[], dict[uuid.UUID, bool]]:
        return lambda: {message.pk: change(place, message) for message in part}

    def sending() -> dict[uuid.UUID, bool]:
        send_due(seconds=2.0)
        return {}

    seen = race([sending, sending, changing(cancel, messages[::2]), changing(move, messages[1::2])])
    known = {pk: begun for part in seen for pk, begun in part.items()}
    for message in Message.objects.filter(pk__in=known):
        assert (message.last_attempt_at is not None) == known[message.pk], message.state
    assert len(service.letters) == len(set(service.letters))


def test_two_senders_send_each_message_once(
    place: SmallClinic, service: Quick, told: Callable[[int], list[Message]]
) -> None:
    messages = told(rounds(quick=20, full=300))
    taken = race([lambda: send_due(seconds=20, stay=False) for _ in range(4)])
    assert sorted(service.letters) == sorted(message.pk for message in messages)
    assert sum(taken) == len(messages)
    assert set(Message.objects.filter(pk__in=[message.pk for message in messages]).values_list("state")) == {("sent",)}
