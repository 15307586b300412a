"""A yes books or moves in one transaction; a no, or silence, lets the next be asked; nobody loses a place in the line."""

import datetime as dt

import pytest
from django.utils import timezone

from appointments.errors import OfferOver, PatientOverlap
from appointments.models import Appointment, FreedTime, Hold, WaitlistEntry, WaitlistOffer
from appointments.rules.waitlist import Why
from appointments.services.booking import Caller
from appointments.services.cancelling import cancel_appointment
from appointments.services.waitlist.answering import accept_offer, decline_offer
from appointments.services.waitlist.ending import expire_offer, withdraw_offer
from mediconnect.api.versions import Expected
from mediconnect.errors import NotFound
from providers.models import Opening
from tests.appointments.waitlist.line import Line, facts, run_out
from tests.concurrency.clinics import second_provider
from tests.concurrency.test_holds import lapse_all


def state_of(entry: WaitlistEntry) -> str:
    entry.refresh_from_db()
    return entry.state


def test_a_yes_books_the_time_and_closes_the_wish(line: Line) -> None:
    entry = line.wait(1)
    freed = line.freed(line.place.at(9))
    (offer,) = line.offered(freed)
    offer, visit = accept_offer(offer_id=offer.pk, caller=line.place.patient_caller(1))
    assert (visit.patient, visit.starts_at, visit.status, visit.source) == (
        line.place.patients[1],
        line.place.at(9),
        "booked",
        "patient",
    )
    assert (offer.state, offer.appointment, offer.days_won) == ("accepted", visit, None)
    assert state_of(entry) == "accepted"
    freed.refresh_from_db()
    assert freed.state == "filled"
    assert not Hold.objects.exists()
    assert facts("AppointmentBooked", visit.pk) == 1
    assert facts("OfferEnded") == 0


def test_a_yes_moves_the_visit_and_its_old_time_feeds_the_list(line: Line) -> None:
    visit = line.visit(line.place.at(9, days=6), 1)
    entry = line.wait(1, appointment_id=visit.pk)
    line.wait(2, from_date=line.place.at(9, days=6).date())
    (offer,) = line.offered(line.freed(line.place.at(9)))
    offer, moved = accept_offer(offer_id=offer.pk, caller=line.place.patient_caller(1))
    assert (moved.pk, moved.starts_at, offer.days_won) == (visit.pk, line.place.at(9), 4)
    assert state_of(entry) == "accepted"
    old = FreedTime.objects.get(cause="moved")
    assert old.starts_at == line.place.at(9, days=6)
    assert line.offered(old)[0].entry.patient == line.place.patients[2]


def test_a_length_made_by_hand_is_kept(line: Line) -> None:
    visit = line.visit(line.place.at(9, days=6), 1, minutes=20)
    line.wait(1, appointment_id=visit.pk)
    (offer,) = line.offered(line.freed(line.place.at(9)))
    assert offer.ends_at - offer.starts_at == dt.timedelta(minutes=20)
    _, moved = accept_offer(offer_id=offer.pk, caller=line.place.patient_caller(1))
    assert moved.ends_at - moved.starts_at == dt.timedelta(minutes=20)


def test_a_yes_by_link_needs_no_sign_in(line: Line) -> None:
    line.wait(1)
    (offer,) = line.offered(line.freed(line.place.at(9)))
    _, visit = accept_offer(offer_id=offer.pk, caller=Caller(None, patients_own=True))
    assert visit.source == "patient"


def test_a_yes_is_said_twice_and_heard_once(line: Line) -> None:
    line.wait(1)
    (offer,) = line.offered(line.freed(line.place.at(9)))
    first = accept_offer(offer_id=offer.pk, caller=line.place.staff)
    assert accept_offer(offer_id=offer.pk, caller=line.place.staff) == first
    assert Appointment.objects.filter(patient=line.place.patients[1]).count() == 1


def test_who_was_asked_as_well_is_overtaken_and_keeps_the_place(line: Line) -> None:
    line.policy(at_once=3)
    entries = [line.wait(number) for number in (1, 2, 3)]
    joined = [entry.joined_at for entry in entries]
    offers = line.offered(line.freed(line.place.at(9)))
    accept_offer(offer_id=offers[1].pk, caller=line.place.patient_caller(2))
    assert [state_of(entry) for entry in entries] == ["waiting", "accepted", "waiting"]
    assert [entry.joined_at for entry in entries] == joined
    assert list(WaitlistOffer.objects.order_by("place").values_list("state", flat=True)) == [
        "overtaken",
        "accepted",
        "overtaken",
    ]
    with pytest.raises(OfferOver) as refused:
        accept_offer(offer_id=offers[0].pk, caller=line.place.patient_caller(1))
    assert refused.value.extra == {"state": "overtaken"}
    assert WaitlistOffer.objects.exclude(too_late_at=None).get() == offers[0]


def test_silence_ends_the_offer_and_the_next_is_asked_in_the_same_moment(line: Line) -> None:
    first, second = line.wait(1), line.wait(2)
    freed = line.freed(line.place.at(9))
    (offer,) = line.offered(freed)
    run_out(offer)
    with pytest.raises(OfferOver) as refused:  # whether or not anything has ended it
        accept_offer(offer_id=offer.pk, caller=line.place.patient_caller(1))
    assert refused.value.extra == {"state": "expired"}
    expire_offer(offer_id=offer.pk)
    assert (state_of(first), state_of(second)) == ("waiting", "offered")
    assert first.joined_at < second.joined_at
    assert Hold.objects.filter(freed_time=freed, expires_at__gt=timezone.now()).count() == 1
    offer.refresh_from_db()
    assert offer.too_late_at is not None
    assert facts("OfferEnded", offer.pk) == 1
    assert expire_offer(offer_id=offer.pk).state == "expired"  # type: ignore[union-attr]
    assert len(line.live(freed)) == 1


def test_an_offer_that_still_stands_does_not_run_out(line: Line) -> None:
    line.wait(1)
    (offer,) = line.offered(line.freed(line.place.at(9)))
    expire_offer(offer_id=offer.pk)
    offer.refresh_from_db()
    assert offer.state == "offered"


def test_whoever_let_it_run_out_is_not_asked_for_it_again_but_for_the_next_time(line: Line) -> None:
    line.wait(1)
    freed = line.freed(line.place.at(9))
    (offer,) = line.offered(freed)
    run_out(offer)
    expire_offer(offer_id=offer.pk)
    assert line.offered(freed) == []
    assert not Hold.objects.exists()  # nobody is next: anybody may book it
    assert line.offered(line.freed(line.place.at(11), 3))[0].entry.patient == line.place.patients[1]


def test_a_no_keeps_the_place_or_leaves_the_list(line: Line) -> None:
    stays, leaves = line.wait(1), line.wait(2)
    freed = line.freed(line.place.at(9))
    (offer,) = line.offered(freed)
    assert decline_offer(offer_id=offer.pk, caller=line.place.patient_caller(1)).state == "declined"
    (second,) = line.live(freed)
    assert second.entry == leaves
    decline_offer(offer_id=second.pk, caller=line.place.patient_caller(2), leave=True)
    assert decline_offer(offer_id=second.pk, caller=line.place.patient_caller(2), leave=True).state == "declined"
    assert (state_of(stays), state_of(leaves)) == ("waiting", "withdrawn")
    with pytest.raises(OfferOver):
        accept_offer(offer_id=second.pk, caller=line.place.patient_caller(2))


def test_a_no_comes_too_late_after_a_yes(line: Line) -> None:
    line.wait(1)
    (offer,) = line.offered(line.freed(line.place.at(9)))
    accept_offer(offer_id=offer.pk, caller=line.place.staff)
    with pytest.raises(OfferOver) as refused:
        decline_offer(offer_id=offer.pk, caller=line.place.staff)
    assert refused.value.extra == {"state": "accepted"}


def test_an_offer_that_there_is_not(line: Line) -> None:
    for answer in (accept_offer, decline_offer):
        with pytest.raises(NotFound):
            answer(offer_id=line.place.clinic.pk, caller=line.place.staff)


def test_whoever_is_elsewhere_by_now_may_make_room_and_say_yes(line: Line) -> None:
    line.wait(1)
    (offer,) = line.offered(line.freed(line.place.at(9)))
    other = line.visit(line.place.at(9), 1, provider_id=second_provider(line.place).pk)
    with pytest.raises(PatientOverlap):
        accept_offer(offer_id=offer.pk, caller=line.place.patient_caller(1))
    offer.refresh_from_db()
    assert offer.state == "offered"
    line.cancel(other, 1)
    accept_offer(offer_id=offer.pk, caller=line.place.patient_caller(1))


def test_the_visit_that_was_to_come_sooner_is_cancelled_meanwhile(line: Line) -> None:
    visit = line.visit(line.place.at(9, days=6), 1)
    entry = line.wait(1, appointment_id=visit.pk)
    (offer,) = line.offered(line.freed(line.place.at(9)))
    cancel_appointment(
        appointment_id=visit.pk,
        reason="patient_request",
        expected=Expected(visit.version, by_header=False),
        caller=line.place.staff,
    )
    with pytest.raises(OfferOver) as refused:
        accept_offer(offer_id=offer.pk, caller=line.place.patient_caller(1))
    assert refused.value.extra == {"state": "withdrawn"}
    offer.refresh_from_db()
    assert (offer.why, state_of(entry)) == ("visit_over", "waiting")
    assert not Hold.objects.exists()


def test_hours_that_were_closed_meanwhile_end_the_offer(line: Line) -> None:
    entry = line.wait(1)
    (offer,) = line.offered(line.freed(line.place.at(9)))
    Opening.objects.filter(resource=line.place.provider).delete()
    with pytest.raises(OfferOver):
        accept_offer(offer_id=offer.pk, caller=line.place.patient_caller(1))
    offer.refresh_from_db()
    assert (offer.state, offer.why, state_of(entry)) == ("withdrawn", "closed", "waiting")


def test_a_lapsed_hold_is_competed_for(line: Line) -> None:
    line.wait(1)
    (offer,) = line.offered(line.freed(line.place.at(9)))
    lapse_all()
    line.visit(line.place.at(9), 3)
    with pytest.raises(OfferOver):
        accept_offer(offer_id=offer.pk, caller=line.place.patient_caller(1))
    offer.refresh_from_db()
    assert offer.why == "closed"


def test_an_offer_that_is_taken_back_goes_to_the_next(line: Line) -> None:
    line.wait(1)
    second = line.wait(2)
    freed = line.freed(line.place.at(9))
    (offer,) = line.offered(freed)
    withdraw_offer(offer_id=offer.pk, why=Why.LEFT)
    withdraw_offer(offer_id=offer.pk, why=Why.LEFT)
    assert line.live(freed)[0].entry == second


def test_the_last_offer_of_a_time_that_is_closed_leaves_nothing_held(line: Line) -> None:
    line.wait(1)
    freed = line.freed(line.place.at(9))
    (offer,) = line.offered(freed)
    FreedTime.objects.filter(pk=freed.pk).update(state="over", closed_at=timezone.now())
    decline_offer(offer_id=offer.pk, caller=line.place.staff)
    assert not Hold.objects.exists()
