"""Who is asked for a freed time, in which order, until when, and why somebody is passed over."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from appointments.models import FreedTime, Hold, WaitlistEntry, WaitlistOffer
from appointments.services.booking import Override
from appointments.services.holding import place_hold, release_hold
from appointments.services.waitlist.answering import accept_offer, decline_offer
from appointments.services.waitlist.ending import expire_offer
from mediconnect.outbox.models import Delivery
from notifications.models import MessagePolicy
from patients.models import Patient
from providers.models import AppointmentType, Opening, Provider
from tests.appointments.conftest import add_room
from tests.appointments.waitlist.line import Line, facts, run_out
from tests.concurrency.clinics import second_provider


def test_who_waits_longest_is_asked_first_and_the_time_is_held(line: Line) -> None:
    first, second = line.wait(1), line.wait(2)
    freed = line.freed(line.place.at(9))
    (offer,) = line.offered(freed)
    assert offer.entry == first
    assert (offer.starts_at, offer.ends_at) == (freed.starts_at, freed.ends_at)
    hold = Hold.objects.get(freed_time=freed)
    assert hold.expires_at - offer.expires_at == dt.timedelta(seconds=60)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == ("offered", "waiting")
    assert line.passes(freed) == {2: "others_first"}
    assert facts("OfferMade", offer.pk) == facts("OfferRanOut", offer.pk) == 1


def test_priority_comes_before_age_unless_the_clinic_says_age_alone(line: Line) -> None:
    line.wait(1)
    line.wait(2, priority=WaitlistEntry.Priority.URGENT)
    assert line.offered(line.freed(line.place.at(9)))[0].entry.patient == line.place.patients[2]
    line.policy(order="age")
    assert line.offered(line.freed(line.place.at(11)))[0].entry.patient == line.place.patients[1]


def test_the_last_in_line_is_never_served_first(line: Line) -> None:
    for number in range(1, 7):
        line.wait(number)
    freed = line.freed(line.place.at(9))
    line.offered(freed)
    for _ in range(5):
        decline_offer(offer_id=line.live(freed)[0].pk, caller=line.place.staff)
    assert line.asked(freed) == [1, 2, 3, 4, 5, 6]


def test_offering_again_changes_nothing(line: Line) -> None:
    line.wait(1)
    line.wait(2)
    freed = line.freed(line.place.at(9))
    line.offered(freed)
    assert line.offered(freed) == []
    assert WaitlistOffer.objects.count() == 1


def test_several_are_asked_at_once_where_the_clinic_wants_it_and_share_one_hold(line: Line) -> None:
    line.policy(at_once=3)
    for number in range(1, 6):
        line.wait(number)
    freed = line.freed(line.place.at(9))
    assert [offer.place for offer in line.offered(freed)] == [1, 2, 3]
    assert Hold.objects.filter(freed_time=freed).count() == 1
    assert line.asked(freed) == [1, 2, 3]
    decline_offer(offer_id=line.live(freed)[1].pk, caller=line.place.staff)
    assert line.asked(freed) == [1, 2, 3, 4]  # the place of who said no is taken at once
    assert sorted(offer.place for offer in line.live(freed)) == [1, 2, 3]


@pytest.mark.parametrize(
    ("changes", "met"),
    [
        ({"weekdays": "that day"}, True),
        ({"weekdays": "another day"}, False),
        ({"earliest_time": dt.time(9)}, True),
        ({"earliest_time": dt.time(9, 1)}, False),
        ({"latest_time": dt.time(9, 30)}, True),
        ({"latest_time": dt.time(9, 29)}, False),
        ({"from_date": 3}, False),
        ({"from_date": 2}, True),
        ({"until_date": 1}, False),
        ({"until_date": 2}, True),
        ({"providers": "this one"}, True),
        ({"providers": "another one"}, False),
    ],
)
def test_a_time_is_offered_where_it_meets_the_wish(line: Line, changes: dict[str, Any], met: bool) -> None:
    place, day = line.place, line.place.at(9)
    other = second_provider(place)
    values = {
        "that day": [day.weekday()],
        "another day": [(day.weekday() + 1) % 7],
        "this one": [place.provider.pk],
        "another one": [other.pk],
    }
    words = {
        name: values[value]
        if isinstance(value, str)
        else place.at(9, days=value).date()
        if isinstance(value, int)
        else value
        for name, value in changes.items()
    }
    line.wait(1, **words)
    freed = line.freed(day)
    assert bool(line.offered(freed)) is met
    assert line.passes(freed) == {}  # a wish that a time does not meet was not passed over


def test_never_to_whoever_gave_it_back(line: Line) -> None:
    line.wait(0)
    freed = line.freed(line.place.at(9), 0)
    assert line.offered(freed) == []
    assert line.passes(freed) == {0: "gave_back"}


def test_after_a_cancellation_the_place_is_not_blocked_and_goes_to_the_next(line: Line) -> None:
    line.wait(1)
    line.wait(2)
    freed = line.freed(line.place.at(9))
    (offer,) = line.offered(freed)
    _, visit = accept_offer(offer_id=offer.pk, caller=line.place.patient_caller(1))
    again = line.cancel(visit, 1)
    assert line.offered(again)[0].entry.patient == line.place.patients[2]


def test_never_where_an_own_visit_clashes_but_the_one_that_it_would_move(line: Line) -> None:
    other = second_provider(line.place)
    line.visit(line.place.at(9, 15), 1, provider_id=other.pk)
    line.wait(1)
    later = line.visit(line.place.at(9, 15, days=2), 2, provider_id=second_provider(line.place, "Dr. Ivo Lang").pk)
    line.wait(2, appointment_id=later.pk)
    freed = line.freed(line.place.at(9))
    (offer,) = line.offered(freed)
    assert offer.entry.patient == line.place.patients[2]
    assert line.passes(freed)[1] == "own_visit"
    _, moved = accept_offer(offer_id=offer.pk, caller=line.place.patient_caller(2))
    assert (moved.pk, moved.starts_at) == (later.pk, line.place.at(9))


def test_a_wish_to_come_sooner_is_offered_nothing_later(line: Line) -> None:
    visit = line.visit(line.place.at(8), 1)
    line.wait(1, appointment_id=visit.pk)
    freed = line.freed(line.place.at(9))
    assert line.offered(freed) == []
    assert line.passes(freed) == {1: "not_sooner"}


def test_whoever_must_know_sooner_is_passed_over(line: Line) -> None:
    line.wait(1, notice_minutes=7 * 24 * 60)
    line.wait(2)
    freed = line.freed(line.place.at(9))
    assert line.offered(freed)[0].entry.patient == line.place.patients[2]
    assert line.passes(freed)[1] == "notice"


def test_nobody_has_two_offers_of_one_clinic_at_a_time(line: Line) -> None:
    other = AppointmentType.objects.create(clinic=line.place.clinic, name="Vaccination", duration=30)
    line.wait(1)
    line.wait(1, appointment_type_id=other.pk)
    line.offered(line.freed(line.place.at(9)))
    second = line.freed(line.place.at(14))
    assert line.offered(second) == []
    assert line.passes(second) == {1: "has_offer"}


def test_whoever_is_no_patient_any_more_is_not_asked(line: Line) -> None:
    line.wait(1)
    Patient.objects.filter(pk=line.place.patients[1].pk).update(active=False)
    freed = line.freed(line.place.at(9))
    assert line.offered(freed) == []


def soon(minutes: int) -> dt.datetime:
    """Return a time on the grid, at least so many minutes from now."""
    moment = timezone.now() + dt.timedelta(minutes=minutes)
    return moment.replace(second=0, microsecond=0) + dt.timedelta(minutes=-moment.minute % 15 + 15)


def test_nothing_is_offered_so_shortly_before_the_start_that_the_clinic_says_no(line: Line) -> None:
    line.policy(latest_offer_minutes=240)
    line.wait(1, notice_minutes=0)
    freed = line.cancel(line.visit(soon(120)), None, reason="clinic_other")
    FreedTime.objects.update(offer_from=timezone.now())
    assert line.offered(freed) == []
    assert line.passes(freed) == {1: "too_late"}


def test_never_an_offer_after_the_start(line: Line) -> None:
    line.policy(latest_offer_minutes=0)
    line.wait(1, notice_minutes=0)
    freed = line.freed(line.place.at(9))
    FreedTime.objects.filter(pk=freed.pk).update(
        starts_at=timezone.now() - dt.timedelta(minutes=1), ends_at=timezone.now() + dt.timedelta(minutes=40)
    )
    assert line.offered(freed) == []
    freed.refresh_from_db()
    assert freed.state == "over"


@pytest.mark.parametrize(("days", "minutes"), [(2, 120), (0, 30)])
def test_minutes_to_answer_shrink_with_the_notice(line: Line, days: int, minutes: int) -> None:
    line.wait(1, notice_minutes=0)
    start = line.place.at(9) if days else soon(300)
    freed = line.cancel(line.visit(start), None, reason="clinic_other")
    FreedTime.objects.update(offer_from=timezone.now())
    (offer,) = line.offered(freed)
    assert offer.expires_at - offer.made_at == dt.timedelta(minutes=minutes)
    due = Delivery.objects.get(fact__name="appointments.OfferRanOut", fact__aggregate_id=offer.pk).due_at
    assert 0 <= (due - offer.expires_at).total_seconds() < 2


def night_now(line: Line) -> None:
    """Let it be night by everybody's clock, for two hours yet."""
    local = timezone.now().astimezone(line.place.clinic.zone)
    MessagePolicy.objects.filter(clinic=line.place.clinic).update(
        quiet_from=(local - dt.timedelta(hours=2)).time(), quiet_until=(local + dt.timedelta(hours=2)).time()
    )


def test_sleepers_are_passed_over_and_the_time_is_told_again_when_they_wake(line: Line) -> None:
    line.wait(1)
    night_now(line)
    freed = line.freed(line.place.at(9))
    assert line.offered(freed) == []
    assert line.passes(freed) == {1: "quiet_hours"}
    due = Delivery.objects.filter(fact__name="appointments.TimeFreed", fact__aggregate_id=freed.pk).latest("due_at")
    assert 110 < (due.due_at - timezone.now()).total_seconds() / 60 < 121
    MessagePolicy.objects.update(quiet_from=dt.time(0), quiet_until=dt.time(0))
    assert len(line.offered(freed)) == 1


def test_whoever_is_awake_elsewhere_is_asked_in_the_night(line: Line) -> None:
    line.wait(1)
    line.wait(2)
    night_now(line)
    Patient.objects.filter(pk=line.place.patients[2].pk).update(timezone="Asia/Tokyo")
    freed = line.freed(line.place.at(9))
    (offer,) = line.offered(freed)
    assert offer.entry.patient == line.place.patients[2]
    assert line.passes(freed)[1] == "quiet_hours"


def test_a_policy_that_is_switched_off_offers_nothing(line: Line) -> None:
    line.policy(active=False)
    line.wait(1)
    assert line.offered(line.freed(line.place.at(9))) == []
    line.policy(active=True, appointment_type=line.place.kind)
    assert len(line.offered(line.freed(line.place.at(11)))) == 1


def test_a_shorter_visit_uses_a_part_and_the_rest_is_freed_anew(line: Line) -> None:
    long = AppointmentType.objects.create(clinic=line.place.clinic, name="Examination", duration=60)
    line.wait(1, earliest_time=dt.time(9, 30))
    line.wait(2)
    freed = line.freed(line.place.at(9), appointment_type_id=long.pk)
    (offer,) = line.offered(freed)
    assert (offer.starts_at, offer.ends_at) == (line.place.at(9, 30), line.place.at(10))
    accept_offer(offer_id=offer.pk, caller=line.place.patient_caller(1))
    rest = FreedTime.objects.exclude(pk=freed.pk).get()
    assert (rest.starts_at, rest.ends_at, rest.patient) == (line.place.at(9), line.place.at(9, 30), freed.patient)
    assert line.offered(rest)[0].entry.patient == line.place.patients[2]


def test_a_longer_visit_is_not_offered_too_short_a_time(line: Line) -> None:
    long = AppointmentType.objects.create(clinic=line.place.clinic, name="Examination", duration=60)
    line.wait(1, appointment_type_id=long.pk)
    freed = line.freed(line.place.at(9))
    assert line.offered(freed) == []
    assert line.passes(freed) == {}


def test_types_that_wait_together_are_asked_in_one_order(line: Line) -> None:
    other = AppointmentType.objects.create(clinic=line.place.clinic, name="Vaccination", duration=15)
    line.wait(1, appointment_type_id=other.pk)
    line.wait(2)
    line.wait(3, appointment_type_id=other.pk)
    line.wait(4, priority=WaitlistEntry.Priority.SOON)
    freed = line.freed(line.place.at(9))
    line.offered(freed)
    for _ in range(3):
        decline_offer(offer_id=line.live(freed)[0].pk, caller=line.place.staff)
    assert line.asked(freed) == [4, 1, 2, 3]


def test_what_was_booked_meanwhile_is_closed_and_offered_to_nobody(line: Line) -> None:
    line.wait(1)
    freed = line.freed(line.place.at(9))
    line.visit(line.place.at(9), 3)
    assert line.offered(freed) == []
    freed.refresh_from_db()
    assert freed.state == "taken"


def test_what_was_booked_in_part_is_offered_in_part(line: Line) -> None:
    long = AppointmentType.objects.create(clinic=line.place.clinic, name="Examination", duration=60)
    line.wait(1)
    freed = line.freed(line.place.at(9), appointment_type_id=long.pk)
    line.visit(line.place.at(9), 3)
    (offer,) = line.offered(freed)
    assert offer.starts_at == line.place.at(9, 30)


def test_what_is_held_by_somebody_typing_waits(line: Line) -> None:
    place = line.place
    line.wait(1)
    freed = line.freed(place.at(9))
    hold, _ = place_hold(
        appointment_type_id=place.kind.pk, provider_id=place.provider.pk, start=place.at(9), caller=place.staff
    )
    assert line.offered(freed) == []
    freed.refresh_from_db()
    assert freed.state == "open"
    release_hold(hold_id=hold.pk, caller=place.staff)
    assert len(line.offered(freed)) == 1


def test_hours_that_were_closed_meanwhile_are_not_offered(line: Line) -> None:
    line.wait(1)
    freed = line.freed(line.place.at(9))
    Opening.objects.filter(resource=line.place.provider).delete()
    assert line.offered(freed) == []
    assert line.passes(freed) == {1: "no_fit"}


def test_no_room_and_a_full_day_are_said(line: Line) -> None:
    room = add_room(line.place)
    line.wait(1)
    freed = line.freed(line.place.at(9))
    other = second_provider(line.place)
    line.visit(line.place.at(9), 3, provider_id=other.pk)
    assert line.offered(freed) == []
    assert line.passes(freed) == {1: "no_room"}
    type(room).objects.create(name="Room 2", clinic=line.place.clinic, category="exam")
    AppointmentType.objects.filter(pk=line.place.kind.pk).update(daily_limit=1)
    line.visit(line.place.at(15), 4, override=Override(line.place.desk.pk, "in pain"))
    assert line.offered(freed) == []
    assert line.passes(freed) == {1: "day_full"}


def test_a_seat_is_offered_to_whoever_waits_for_the_group_alone(line: Line) -> None:
    group = AppointmentType.objects.create(clinic=line.place.clinic, name="Class", duration=60, capacity=2)
    visit = line.visit(line.place.at(9), 0, appointment_type_id=group.pk)
    line.visit(line.place.at(9), 3, appointment_type_id=group.pk)
    line.wait(1)
    line.wait(2, appointment_type_id=group.pk)
    freed = line.cancel(visit, 0)
    (offer,) = line.offered(freed)
    assert offer.entry.patient == line.place.patients[2]
    assert Hold.objects.get(freed_time=freed).session == freed.session
    _, seat = accept_offer(offer_id=offer.pk, caller=line.place.patient_caller(2))
    assert seat.session == freed.session


def test_a_provider_of_another_clinic_is_nobody_s_wish_here(line: Line) -> None:
    line.wait(1)
    stranger = Provider.objects.create(name="Dr. Noor Haddad")
    freed = line.freed(line.place.at(9))
    WaitlistEntry.objects.update(providers=[stranger.pk])
    assert line.offered(freed) == []


def test_an_offer_that_runs_out_goes_on_in_the_same_room(line: Line) -> None:
    add_room(line.place)
    room = add_room(line.place, name="Room 0")
    line.wait(1)
    line.wait(2)
    freed = line.freed(line.place.at(9))
    (offer,) = line.offered(freed)
    held = Hold.objects.get(freed_time=freed).room
    run_out(offer)
    expire_offer(offer_id=offer.pk)
    assert Hold.objects.get(freed_time=freed).room == held == room
