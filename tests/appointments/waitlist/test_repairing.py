"""Each minute whatever a lost fact or a killed worker left is put right, and what is over is closed."""

import datetime as dt

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from appointments.models import Appointment, FreedTime, Hold, WaitlistEntry, WaitlistOffer
from appointments.services.flow import advance_appointment
from appointments.services.waitlist.repairing import sweep_waitlist
from appointments.tasks import mend_waitlist
from mediconnect.api.versions import Expected
from providers.models import AppointmentType
from tests.appointments.waitlist.line import Line, run_out
from tests.concurrency.test_holds import lapse_all


def state_of(row: WaitlistEntry | FreedTime | WaitlistOffer) -> str:
    row.refresh_from_db()
    return row.state


def test_a_time_whose_fact_was_lost_is_offered(line: Line) -> None:
    line.wait(1)
    freed = line.freed(line.place.at(9))
    assert sweep_waitlist().offered == 1
    assert len(line.live(freed)) == 1
    assert sweep_waitlist().offered == 0


def test_an_offer_that_nobody_ended_is_ended_and_the_next_is_asked(line: Line) -> None:
    line.wait(1)
    second = line.wait(2)
    freed = line.freed(line.place.at(9))
    run_out(line.offered(freed)[0])
    assert sweep_waitlist().expired == 1
    assert line.live(freed)[0].entry == second


def test_whoever_joins_later_is_offered_what_is_still_open(line: Line) -> None:
    freed = line.freed(line.place.at(9))
    mend_waitlist()
    assert line.live(freed) == []
    line.wait(1)
    mend_waitlist()
    assert line.asked(freed) == [1]


def test_nobody_is_asked_before_the_time_for_second_thoughts_is_over(line: Line) -> None:
    line.wait(1)
    freed = line.cancel(line.visit(line.place.at(9)), None)
    assert sweep_waitlist().offered == 0
    FreedTime.objects.filter(pk=freed.pk).update(offer_from=timezone.now())
    assert sweep_waitlist().offered == 1


def test_a_time_that_begins_or_is_booked_is_closed(line: Line) -> None:
    begun, booked = line.freed(line.place.at(9)), line.freed(line.place.at(11))
    group = AppointmentType.objects.create(clinic=line.place.clinic, name="Class", duration=60, capacity=2)
    seat = line.visit(line.place.at(14), 0, appointment_type_id=group.pk)
    line.visit(line.place.at(14), 1, appointment_type_id=group.pk)
    taken = line.cancel(seat, 0)
    line.visit(line.place.at(14), 2, appointment_type_id=group.pk)
    line.visit(line.place.at(11), 3)
    FreedTime.objects.filter(pk=begun.pk).update(starts_at=timezone.now() - dt.timedelta(minutes=1))
    assert sweep_waitlist().closed == 3
    assert [state_of(freed) for freed in (begun, booked, taken)] == ["over", "taken", "taken"]


def test_a_wish_that_was_not_met_in_time_is_closed(line: Line) -> None:
    entry = line.wait(1)
    today = line.place.at(9, days=0).date()
    WaitlistEntry.objects.update(from_date=today - dt.timedelta(days=3), until_date=today)
    assert sweep_waitlist().run_out == 0  # the last day is not over
    WaitlistEntry.objects.update(until_date=today - dt.timedelta(days=1))
    assert sweep_waitlist().run_out == 1
    assert state_of(entry) == "expired"
    assert entry.closed_at is not None


@pytest.mark.parametrize(
    ("reason", "becomes", "keeps"),
    [("patient_request", "withdrawn", True), ("provider_unavailable", "waiting", False)],
)
def test_a_visit_that_was_to_come_sooner_is_cancelled(line: Line, reason: str, becomes: str, keeps: bool) -> None:
    visit = line.visit(line.place.at(9, days=6), 1)
    entry = line.wait(1, appointment_id=visit.pk)
    (offer,) = line.offered(line.freed(line.place.at(9)))
    line.cancel(visit, None, reason)
    sweep_waitlist()
    assert state_of(entry) == "offered"  # it may be taken back yet
    Appointment.objects.filter(pk=visit.pk).update(ended_at=Now() - dt.timedelta(minutes=3))
    sweep_waitlist()
    assert (state_of(offer), offer.why) == ("withdrawn", "visit_over")
    assert (state_of(entry), entry.appointment_id is not None) == (becomes, keeps)
    assert not Hold.objects.filter(freed_time=offer.freed_time).exists()


def test_a_visit_that_was_to_come_sooner_takes_place(line: Line) -> None:
    visit = line.visit(line.place.at(9, days=6), 1)
    entry = line.wait(1, appointment_id=visit.pk)
    advance_appointment(
        appointment_id=visit.pk, step="arrive", expected=Expected(1, by_header=False), caller=line.place.staff
    )
    sweep_waitlist()
    assert state_of(entry) == "expired"


def test_a_hold_that_nobody_is_asked_for_is_given_up(line: Line) -> None:
    line.wait(1)
    freed = line.freed(line.place.at(9))
    (offer,) = line.offered(freed)
    WaitlistOffer.objects.filter(pk=offer.pk).update(state="expired", ended_at=timezone.now())
    WaitlistEntry.objects.update(state="withdrawn", closed_at=timezone.now())
    assert sweep_waitlist().holds == 1
    assert not Hold.objects.exists()


def test_a_long_pause_loses_no_offer(line: Line) -> None:
    # The workers were away for longer than the hold outlives its offer, and nobody booked the time meanwhile.
    line.wait(1)
    second = line.wait(2)
    freed = line.freed(line.place.at(9))
    run_out(line.offered(freed)[0])
    lapse_all()
    mend_waitlist()
    assert line.live(freed)[0].entry == second


def test_what_one_wish_waits_for_stops_no_other(line: Line) -> None:
    line.wait(1)
    for hour in (9, 11, 14):
        line.freed(line.place.at(hour), 2)
    assert sweep_waitlist().offered == 1  # one offer at a time; the other two are looked at when somebody waits again
    line.wait(3)
    assert sweep_waitlist().offered == 1
    assert WaitlistOffer.objects.filter(state="offered").count() == 2
