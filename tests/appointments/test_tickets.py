"""Numbers for those who wait: given on arrival, called on a screen, and naming nobody."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from appointments.errors import NotWaiting
from appointments.events import TicketGiven
from appointments.models import Appointment, CallScreen, Ticket
from appointments.queries.called import screen_of, shown_on
from appointments.services.booking import book_appointment
from appointments.services.flow import advance_appointment
from appointments.services.screens import open_screen, revoke_screen, screen_hash
from appointments.services.tickets import call_ticket
from appointments.services.undoing import undo_last_step
from mediconnect.api.versions import Expected
from mediconnect.errors import Invalid, NotFound
from mediconnect.outbox.models import Fact
from mediconnect.outbox.rules import name_of

from .conftest import SmallClinic, add_room


def screen(place: SmallClinic, name: str = "Waiting room") -> tuple[CallScreen, str]:
    return open_screen(clinic_id=place.clinic.pk, name=name, caller=place.staff)


def arrived(place: SmallClinic, hour: int, patient: int = 0) -> Appointment:
    visit, _ = book_appointment(place.booking(place.at(hour), patient=patient), caller=place.staff)
    return step(place, visit, "arrive")


def step(place: SmallClinic, visit: Appointment, name: str) -> Appointment:
    expected = Expected(visit.version, by_header=False)
    return advance_appointment(appointment_id=visit.pk, step=name, expected=expected, caller=place.staff)


def test_without_a_screen_nobody_is_given_a_number_and_arriving_asks_once_more(place: SmallClinic) -> None:
    visit, _ = book_appointment(place.booking(place.at(9)), caller=place.staff)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        step(place, visit, "arrive")
    assert sum("callscreen" in query["sql"] for query in asked) == 1
    assert not Ticket.objects.exists()


def test_numbers_are_given_in_the_order_of_coming(place: SmallClinic) -> None:
    screen(place)
    numbers = [arrived(place, 9 + number, patient=number).ticket.number for number in range(3)]
    assert numbers == [1, 2, 3]
    assert Fact.objects.filter(name=name_of(TicketGiven)).count() == 3


def test_each_clinic_and_each_day_begins_with_one(place: SmallClinic) -> None:
    screen(place)
    first = arrived(place, 9)
    Ticket.objects.filter(appointment=first).update(day=timezone.now().date() - dt.timedelta(days=3))
    assert arrived(place, 10, patient=1).ticket.number == 1


def test_the_wait_that_was_told_is_kept_with_the_number(place: SmallClinic) -> None:
    screen(place)
    assert arrived(place, 9).ticket.estimated_minutes is not None


def test_an_arrival_that_is_taken_back_and_repeated_keeps_its_number(place: SmallClinic) -> None:
    screen(place)
    visit = arrived(place, 9)
    back = undo_last_step(
        appointment_id=visit.pk, expected=Expected(visit.version, by_header=False), caller=place.staff
    )
    assert step(place, back, "arrive").ticket.number == 1
    assert Ticket.objects.count() == 1


def test_whoever_is_shown_to_a_room_is_called_there(place: SmallClinic) -> None:
    shown, secret = screen(place)
    add_room(place, "Room 7")
    visit = step(place, arrived(place, 9), "room")
    arrived(place, 10, patient=1)
    found = shown_on(shown)
    assert [(one.number, one.room) for one in found.called] == [(1, "Room 7")]
    assert found.waiting == 1
    assert visit.ticket.called_at is not None
    assert screen_of(screen_hash(secret)) == shown


def test_the_desk_calls_a_number_and_calls_it_again(place: SmallClinic) -> None:
    shown, _ = screen(place)
    first, second = arrived(place, 9), arrived(place, 10, patient=1)
    call_ticket(appointment_id=first.pk, caller=place.staff)
    call_ticket(appointment_id=second.pk, caller=place.staff)
    call_ticket(appointment_id=first.pk, caller=place.staff)
    assert [one.number for one in shown_on(shown).called] == [1, 2]


def test_nobody_is_called_who_does_not_wait(place: SmallClinic) -> None:
    visit, _ = book_appointment(place.booking(place.at(9)), caller=place.staff)
    with pytest.raises(NotWaiting):
        call_ticket(appointment_id=visit.pk, caller=place.staff)
    screen(place)
    seen = step(place, arrived(place, 11, patient=1), "start")
    with pytest.raises(NotWaiting):
        call_ticket(appointment_id=seen.pk, caller=place.staff)


def test_a_revoked_screen_is_not_found_and_gives_no_more_numbers(place: SmallClinic) -> None:
    shown, secret = screen(place)
    revoke_screen(screen_id=shown.pk, clinic_id=place.clinic.pk, caller=place.staff)
    assert screen_of(screen_hash(secret)) is None
    assert not Ticket.objects.filter(appointment=arrived(place, 9)).exists()


def test_only_the_hash_of_the_address_is_kept(place: SmallClinic) -> None:
    shown, secret = screen(place)
    assert len(secret) >= 22
    assert secret not in str(CallScreen.objects.values_list().get(pk=shown.pk))


@pytest.mark.parametrize("name", ["", "   ", "x" * 61])
def test_a_screen_says_where_it_hangs(place: SmallClinic, name: str) -> None:
    with pytest.raises(Invalid):
        screen(place, name)


def test_another_clinic_s_screen_is_not_there(place: SmallClinic) -> None:
    shown, _ = screen(place)
    with pytest.raises(NotFound):
        revoke_screen(screen_id=shown.pk, clinic_id=place.provider.pk, caller=place.staff)


def test_a_screen_that_is_looked_at_writes_once_a_minute(place: SmallClinic) -> None:
    _, secret = screen(place)
    now = timezone.now()
    for seconds in (0, 5, 59):
        screen_of(screen_hash(secret), now=now + dt.timedelta(seconds=seconds))
    assert CallScreen.objects.get().seen_at == now
    screen_of(screen_hash(secret), now=now + dt.timedelta(seconds=60))
    assert CallScreen.objects.get().seen_at == now + dt.timedelta(seconds=60)


def test_a_full_screen_asks_no_more_than_an_empty_one(place: SmallClinic) -> None:
    _, secret = screen(place)
    shown = screen_of(screen_hash(secret))
    assert shown is not None
    counts: list[Any] = []
    for number in range(3):
        arrived(place, 9 + number, patient=number)
        with CaptureQueriesContext(connection) as asked:
            shown_on(shown)
        counts.append(len(asked))
    assert counts == [2, 2, 2]
