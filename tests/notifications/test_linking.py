"""A link opens what its message told, as long as that holds; what is done by it is a patient's own act, done once."""

import datetime as dt
import re

import pytest
from django.utils import timezone
from pytest_django import Settings

from appointments.errors import SlotTaken, TooLateToCancel, TooLateToMove
from appointments.models import Appointment
from appointments.services.booking import book_appointment
from appointments.services.cancelling import cancel_appointment
from appointments.services.moving import reschedule_appointment
from mediconnect.accounts.errors import TooManyAttempts
from mediconnect.accounts.models import SignInAttempts
from mediconnect.api.versions import Expected
from mediconnect.outbox.models import Fact
from mediconnect.records.identifiers import uuid7
from mediconnect.records.models import Change
from notifications.errors import BirthDateWrong, LinkRevoked, LinkUnknown
from notifications.models import Message, Reply
from notifications.services.linking import Standing, link_hash, mint_link, open_link
from notifications.services.linking.acting import (
    ask_for_call,
    cancel_by_link,
    confirm_by_link,
    move_by_link,
    undo_by_link,
    waits_for_call,
)
from notifications.services.linking.checking import can_be_checked, check_birth_date
from patients.models import Patient
from tests.appointments.conftest import SmallClinic
from tests.notifications.linked import BORN, booked, linked

pytestmark = pytest.mark.django_db


def _now(visit: Appointment) -> Appointment:
    return Appointment.objects.select_related("clinic").get(pk=visit.pk)


def _by_staff(place: SmallClinic, visit: Appointment) -> None:
    expected = Expected(_now(visit).version, by_header=False)
    cancel_appointment(appointment_id=visit.pk, reason="clinic_other", expected=expected, caller=place.staff)


def test_a_link_is_short_random_and_kept_as_a_hash(settings: Settings) -> None:
    settings.PUBLIC_URL = "https://clinic.example"
    links = [mint_link(uuid7()) for _ in range(200)]
    for link in links:
        assert re.fullmatch(r"https://clinic\.example/a/[\w-]{22}/", link.url)
        assert link.hash == link_hash(link.url.split("/")[-2])
        assert link.url not in repr(link)
    assert len({link.hash for link in links}) == len(links)


def test_a_link_opens_the_visit_that_was_told(place: SmallClinic) -> None:
    visit = booked(place)
    told = open_link(linked(visit)).told(1)
    assert (told.visit, told.standing, told.cancellable, told.movable) == (visit, Standing.OPEN, True, True)


def test_several_visits_are_numbered_by_their_told_times(place: SmallClinic) -> None:
    later, sooner = booked(place, hour=15), booked(place, hour=9, patient=1)
    opened = open_link(linked(later, sooner))
    assert [told.visit for told in opened.visits] == [sooner, later]
    with pytest.raises(LinkUnknown):
        opened.told(3)


def test_a_message_in_place_of_another_opens_all_that_the_other_told(place: SmallClinic) -> None:
    one, two = booked(place, hour=9), booked(place, hour=15, patient=1)
    first = open_link(linked(one, two)).message
    Message.objects.filter(pk=first.pk).update(state="undelivered", reason="bounced")
    opened = open_link(linked(one, channel="sms", instead_of=first))
    assert [told.visit for told in opened.visits] == [one, two]


@pytest.mark.parametrize("token", ["", "x", "A" * 22, "A" * 500, "../../admin", "ключ"])
def test_what_was_never_minted_opens_nothing(place: SmallClinic, token: str) -> None:
    linked(booked(place))
    with pytest.raises(LinkUnknown):
        open_link(token)


def test_the_hash_itself_opens_nothing(place: SmallClinic) -> None:
    with pytest.raises(LinkUnknown):
        open_link(link_hash(linked(booked(place))))


def test_a_visit_that_began_may_be_seen_that_day_and_no_longer(place: SmallClinic) -> None:
    visit = booked(place, hour=10)
    token = linked(visit)
    begun = open_link(token, now=visit.starts_at + dt.timedelta(minutes=1)).told(1)
    assert (begun.standing, begun.cancellable, begun.movable) == (Standing.BEGUN, False, False)
    assert open_link(token, now=place.at(23, 59, days=3)).visits
    with pytest.raises(LinkUnknown):
        open_link(token, now=place.at(0, 0, days=4))


def test_confirming_raises_the_version_and_leaves_the_link_alone(place: SmallClinic) -> None:
    visit = booked(place)
    token = linked(visit)
    confirm_by_link(token=token, number=1)
    told = confirm_by_link(token=token, number=1)
    assert (told.is_confirmed, told.standing) == (True, Standing.OPEN)
    assert Fact.objects.filter(name__endswith="AppointmentConfirmed").count() == 1
    change = Change.objects.of(visit).filter(after__has_key="status").last()
    assert change is not None
    assert (change.reason, change.actor_id) == ("by link", None)


def test_a_moved_or_cancelled_visit_revokes_the_link(place: SmallClinic) -> None:
    moved, cancelled = booked(place, hour=9), booked(place, hour=15, patient=1)
    tokens = linked(moved), linked(cancelled)
    reschedule_appointment(
        appointment_id=moved.pk,
        start=place.at(11),
        expected=Expected(moved.version, by_header=False),
        caller=place.staff,
    )
    _by_staff(place, cancelled)
    for token in tokens:
        assert open_link(token).told(1).standing is Standing.REVOKED
        with pytest.raises(LinkRevoked):
            confirm_by_link(token=token, number=1)
        with pytest.raises(LinkRevoked):
            cancel_by_link(token=token, number=1, reason="patient_other")
        with pytest.raises(LinkRevoked):
            undo_by_link(token=token, number=1)
        with pytest.raises(LinkRevoked):
            move_by_link(token=token, number=1, start=place.at(16))
        with pytest.raises(LinkRevoked):
            ask_for_call(opened=open_link(token), told=open_link(token).told(1))


def test_a_cancellation_by_link_is_taken_back_within_two_minutes(place: SmallClinic) -> None:
    visit = booked(place)
    token = linked(visit)
    cancel_by_link(token=token, number=1, reason="patient_transport")
    told = cancel_by_link(token=token, number=1, reason="patient_transport")
    assert (told.visit.status, told.visit.cancellation_reason) == ("cancelled", "patient_transport")
    assert told.undo_until is not None
    assert open_link(token, now=timezone.now() + dt.timedelta(minutes=2, seconds=1)).told(1).undo_until is None
    for _ in range(2):
        assert undo_by_link(token=token, number=1).standing is Standing.OPEN
    assert _now(visit).status == "booked"


def test_nobody_takes_the_clinics_cancellation_back_by_link(place: SmallClinic) -> None:
    visit = booked(place)
    token = linked(visit)
    _by_staff(place, visit)
    assert open_link(token).told(1).undo_until is None


def test_the_time_of_a_cancellation_may_be_gone(place: SmallClinic) -> None:
    visit = booked(place)
    token = linked(visit)
    cancel_by_link(token=token, number=1, reason="patient_other")
    book_appointment(place.booking(visit.starts_at, 1), caller=place.staff)
    with pytest.raises(SlotTaken):
        undo_by_link(token=token, number=1)


def test_the_cut_offs_of_the_clinic_hold(place: SmallClinic) -> None:
    place.clinic.cancel_cutoff_hours = place.clinic.move_cutoff_hours = 24 * 10
    place.clinic.save()
    visit = booked(place)
    token = linked(visit)
    assert not open_link(token).told(1).cancellable
    with pytest.raises(TooLateToCancel) as refusal:
        cancel_by_link(token=token, number=1, reason="patient_other")
    assert refusal.value.extra["phone"] == place.clinic.phone
    with pytest.raises(TooLateToMove):
        move_by_link(token=token, number=1, start=place.at(16))
    assert _now(visit).status == "booked"


def test_a_move_keeps_the_visit_and_ends_the_link(place: SmallClinic) -> None:
    visit = booked(place)
    token = linked(visit)
    move_by_link(token=token, number=1, start=place.at(16, days=5))
    told = move_by_link(token=token, number=1, start=place.at(16, days=5))
    assert (told.visit.pk, told.visit.starts_at, told.standing) == (visit.pk, place.at(16, days=5), Standing.REVOKED)
    assert told.moved_by_link_since(timezone.now() - dt.timedelta(minutes=30))
    assert not told.moved_by_link_since(timezone.now() + dt.timedelta(minutes=1))
    assert Fact.objects.filter(name__endswith="AppointmentMoved").count() == 1
    with pytest.raises(LinkRevoked):
        move_by_link(token=token, number=1, start=place.at(17, days=5))


def test_a_taken_time_is_refused_and_the_visit_stays(place: SmallClinic) -> None:
    visit = booked(place)
    book_appointment(place.booking(place.at(16), 1), caller=place.staff)
    with pytest.raises(SlotTaken):
        move_by_link(token=linked(visit), number=1, start=place.at(16))
    assert _now(visit).starts_at == visit.starts_at


def test_a_wish_to_be_called_waits_once_in_the_clinics_inbox(place: SmallClinic) -> None:
    visit = booked(place)
    opened = open_link(linked(visit))
    first = ask_for_call(opened=opened, told=opened.told(1))
    assert ask_for_call(opened=opened, told=opened.told(1)) == first
    assert (first.meaning, first.state, first.clinic, first.visit, first.sender) == (
        "call",
        "open",
        place.clinic,
        visit,
        opened.message.recipient,
    )
    assert waits_for_call(opened) == {visit.pk}
    Reply.objects.filter(pk=first.pk).update(state="closed", closed_at=timezone.now())
    assert waits_for_call(opened) == set()
    assert ask_for_call(opened=opened, told=opened.told(1)) != first


def test_a_birth_date_opens_that_persons_visits_alone(place: SmallClinic) -> None:
    mine, others = booked(place), booked(place, hour=15, patient=1)
    Patient.objects.filter(pk=others.patient_id).update(birth_date=dt.date(2015, 2, 1))
    opened = open_link(linked(mine, others))
    assert check_birth_date(opened=opened, birth_date=BORN) == (1,)
    assert check_birth_date(opened=opened, birth_date=dt.date(2015, 2, 1)) == (2,)
    with pytest.raises(BirthDateWrong):
        check_birth_date(opened=opened, birth_date=BORN, number=2)


def test_five_wrong_dates_close_the_check_for_an_hour_even_for_the_right_one(place: SmallClinic) -> None:
    opened, other = open_link(linked(booked(place))), open_link(linked(booked(place, hour=15, patient=1)))
    for left in (4, 3, 2, 1, 0):
        with pytest.raises(BirthDateWrong) as refusal:
            check_birth_date(opened=opened, birth_date=dt.date(1950, 1, 1))
        assert refusal.value.extra["tries_left"] == left
    with pytest.raises(TooManyAttempts) as closed:
        check_birth_date(opened=opened, birth_date=BORN)
    assert 3500 < closed.value.extra["retry_after"] <= 3600
    assert check_birth_date(opened=other, birth_date=BORN) == (1,)
    hour = dt.timedelta(hours=1, seconds=1)
    for row in SignInAttempts.objects.all():
        row.window_at, row.wait_until, row.updated_at = (
            moment - hour for moment in (row.window_at, row.wait_until, row.updated_at)
        )
        row.save()
    assert check_birth_date(opened=opened, birth_date=BORN) == (1,)


def test_without_a_birth_date_on_file_nothing_matches(place: SmallClinic) -> None:
    visit = booked(place)
    Patient.objects.filter(pk=visit.patient_id).update(birth_date=None)
    opened = open_link(linked(visit))
    assert not can_be_checked(opened)
    with pytest.raises(BirthDateWrong):
        check_birth_date(opened=opened, birth_date=BORN)


def test_mail_of_an_account_has_no_visit_to_open(place: SmallClinic) -> None:
    token = linked(booked(place))
    Message.objects.update(kind="email_check", visit=None)
    with pytest.raises(LinkUnknown):
        open_link(token)
