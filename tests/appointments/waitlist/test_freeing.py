"""Whatever frees time writes it down in its own transaction, and says so once it cannot be taken back."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from appointments.models import Appointment, FreedTime
from appointments.services.booking import Override, book_appointment
from appointments.services.cancelling import cancel_appointment
from appointments.services.flow import advance_appointment
from appointments.services.freeing import PIECES, free_opened_hours
from appointments.services.holding import place_hold, release_hold
from appointments.services.moving import reschedule_appointment
from appointments.services.moving_back import move_back
from appointments.services.sweeping import sweep_holds
from appointments.services.undoing import undo_last_step
from appointments.services.waitlist.ending import expire_offer
from mediconnect.api.versions import Expected
from mediconnect.outbox.models import Delivery
from providers.models import AppointmentType, OneOffHours, Opening
from providers.services.openings import expand
from tests.appointments.waitlist.line import Line, facts, run_out
from tests.concurrency.clinics import second_provider
from tests.concurrency.test_holds import lapse_all

HALF: dt.timedelta = dt.timedelta(minutes=30)


def on(visit: Appointment) -> Expected:
    visit.refresh_from_db()
    return Expected(visit.version, by_header=False)


def told_in(freed: FreedTime) -> float:
    """Return in how many seconds the fact is told."""
    delivery = Delivery.objects.get(fact__aggregate_id=freed.pk, fact__name="appointments.TimeFreed")
    return (delivery.due_at - freed.created_at).total_seconds()


def test_a_patient_s_cancellation_is_told_at_once(line: Line) -> None:
    freed = line.freed(line.place.at(9))
    assert (freed.cause, freed.state, freed.patient) == ("cancelled", "open", line.place.patients[0])
    assert (freed.starts_at, freed.ends_at) == (line.place.at(9), line.place.at(9, 30))
    assert told_in(freed) < 2
    assert freed.offer_from <= timezone.now()


def test_staff_s_cancellation_is_told_once_it_cannot_be_taken_back(line: Line) -> None:
    line.wait(1)
    freed = line.cancel(line.visit(line.place.at(9)), None)
    assert 119 < told_in(freed) < 122
    assert line.offered(freed) == []  # a fact that comes too soon changes nothing


def test_a_refused_cancellation_frees_nothing(line: Line) -> None:
    visit = line.visit(line.place.at(9))
    line.cancel(visit)
    with pytest.raises(Exception, match="cancelled"):
        cancel_appointment(appointment_id=visit.pk, reason="clinic_other", expected=on(visit), caller=line.place.staff)
    assert facts("TimeFreed") == FreedTime.objects.count() == 1


def test_what_has_begun_is_not_freed(line: Line) -> None:
    place = line.place
    start = timezone.now().replace(second=0, microsecond=0) - HALF
    visit, _ = book_appointment(place.booking(start, override=Override(place.desk.pk, "came by")), caller=place.staff)
    advance_appointment(appointment_id=visit.pk, step="no-show", expected=on(visit), caller=place.staff)
    assert not FreedTime.objects.exists()


def test_a_no_show_before_its_start_frees_its_time(line: Line) -> None:
    visit = line.visit(line.place.at(9))
    advance_appointment(appointment_id=visit.pk, step="no-show", expected=on(visit), caller=line.place.staff)
    assert FreedTime.objects.get().cause == "missed"


def test_a_move_frees_what_the_visit_does_not_need_any_more(line: Line) -> None:
    place, visit = line.place, line.visit(line.place.at(9), minutes=60)
    words: dict[str, Any] = {"appointment_id": visit.pk, "caller": place.staff}
    reschedule_appointment(start=place.at(9, 30), expected=on(visit), **words)
    freed = FreedTime.objects.get()
    assert (freed.cause, freed.starts_at, freed.ends_at) == ("moved", place.at(9), place.at(9, 30))
    reschedule_appointment(start=place.at(9, 30), minutes=30, expected=on(visit), **words)
    tail = FreedTime.objects.exclude(pk=freed.pk).get()
    assert (tail.starts_at, tail.ends_at) == (place.at(10), place.at(10, 30))


def test_a_move_to_another_provider_frees_the_whole_time(line: Line) -> None:
    visit, other = line.visit(line.place.at(9)), second_provider(line.place)
    reschedule_appointment(
        appointment_id=visit.pk,
        start=line.place.at(9),
        provider_id=other.pk,
        expected=on(visit),
        caller=line.place.staff,
    )
    assert FreedTime.objects.get().provider == line.place.provider


def test_a_seat_is_freed_in_a_group_that_meets_and_the_whole_time_when_nobody_is_left(line: Line) -> None:
    group = AppointmentType.objects.create(clinic=line.place.clinic, name="Class", duration=60, capacity=3)
    first = line.visit(line.place.at(9), 0, appointment_type_id=group.pk)
    second = line.visit(line.place.at(9), 1, appointment_type_id=group.pk)
    assert line.cancel(first, 0).session == second.session
    assert line.cancel(second, 1).session is None


def test_an_undone_cancellation_closes_what_it_freed(line: Line) -> None:
    visit = line.visit(line.place.at(9))
    freed = line.cancel(visit, None)
    undo_last_step(appointment_id=visit.pk, expected=on(visit), caller=line.place.staff)
    freed.refresh_from_db()
    assert freed.state == "taken"


def test_an_undone_cancellation_takes_an_offer_back_that_was_made_already(line: Line) -> None:
    entry, visit = line.wait(1), line.visit(line.place.at(9))
    (offer,) = line.offered(line.cancel(visit))
    undo_last_step(appointment_id=visit.pk, expected=on(visit), caller=line.place.staff)
    offer.refresh_from_db()
    entry.refresh_from_db()
    assert (offer.state, offer.why, entry.state) == ("withdrawn", "undone", "waiting")
    assert facts("OfferEnded", offer.pk) == 1


def test_an_undone_no_show_finds_its_time_offered_after_two_minutes(line: Line) -> None:
    line.wait(1)
    visit = line.visit(line.place.at(9))
    advance_appointment(appointment_id=visit.pk, step="no-show", expected=on(visit), caller=line.place.staff)
    earlier = timezone.now() - dt.timedelta(minutes=3)
    FreedTime.objects.update(created_at=earlier, offer_from=earlier)
    freed = FreedTime.objects.get()
    (offer,) = line.offered(freed)
    with pytest.raises(Exception, match="somebody else"):
        undo_last_step(appointment_id=visit.pk, expected=on(visit), caller=line.place.staff)
    offer.refresh_from_db()
    assert offer.state == "offered"


def test_a_move_taken_back_closes_the_old_time_and_frees_the_new(line: Line) -> None:
    place, visit = line.place, line.visit(line.place.at(9))
    reschedule_appointment(appointment_id=visit.pk, start=place.at(14), expected=on(visit), caller=place.staff)
    move_back(appointment_id=visit.pk, expected=on(visit), caller=place.staff)
    rows = FreedTime.objects.order_by("starts_at").values_list("starts_at", "state")
    assert list(rows) == [(place.at(9), "taken"), (place.at(14), "open")]


def test_a_hold_that_nobody_used_is_freed_only_where_somebody_waits(line: Line) -> None:
    place = line.place
    words: dict[str, Any] = {
        "appointment_type_id": place.kind.pk,
        "provider_id": place.provider.pk,
        "caller": place.staff,
    }
    release_hold(hold_id=place_hold(start=place.at(9), **words)[0].pk, caller=place.staff)
    assert not FreedTime.objects.exists()
    line.wait(1)
    release_hold(hold_id=place_hold(start=place.at(9), **words)[0].pk, caller=place.staff)
    place_hold(start=place.at(10), **words)
    lapse_all()
    assert sweep_holds() == 1
    assert [(freed.cause, freed.starts_at) for freed in FreedTime.objects.order_by("starts_at")] == [
        ("hold", place.at(9)),
        ("hold", place.at(10)),
    ]


def test_a_lapsed_hold_in_the_way_of_a_booking_frees_nothing(line: Line) -> None:
    place = line.place
    line.wait(1)
    place_hold(appointment_type_id=place.kind.pk, provider_id=place.provider.pk, start=place.at(9), caller=place.staff)
    lapse_all()
    line.visit(place.at(9))
    assert not FreedTime.objects.exists()


def test_an_offer_s_own_hold_frees_nothing_new(line: Line) -> None:
    line.wait(1)
    freed = line.freed(line.place.at(9))
    (offer,) = line.offered(freed)
    run_out(offer)
    lapse_all()
    sweep_holds()
    assert FreedTime.objects.count() == 1
    assert line.offered(freed) == []  # still asked
    expire_offer(offer_id=offer.pk)


def opened(line: Line, hours: int, *, first: int = 8) -> None:
    low = line.place.at(first)
    free_opened_hours(line.place.provider.pk, line.place.clinic.pk, [(low, low + hours * 2 * HALF, None)])


def test_hours_that_open_are_freed_in_pieces_as_long_as_the_longest_visit_waited_for(line: Line) -> None:
    long = AppointmentType.objects.create(clinic=line.place.clinic, name="Examination", duration=60)
    opened(line, 4)
    assert not FreedTime.objects.exists()  # nobody waits
    line.wait(1)
    line.wait(2, appointment_type_id=long.pk)
    line.visit(line.place.at(9), 3)
    opened(line, 3)
    rows = [(freed.starts_at, freed.ends_at) for freed in FreedTime.objects.order_by("starts_at")]
    at = line.place.at
    assert rows == [(at(8), at(9)), (at(9, 30), at(10, 30)), (at(10, 30), at(11))]


def test_only_so_many_pieces_up_to_the_last_day_that_is_waited_for(line: Line) -> None:
    line.wait(1, until_date=line.place.at(9, days=3).date())
    opened(line, 24 * 30)
    assert FreedTime.objects.count() <= PIECES
    assert max(FreedTime.objects.values_list("ends_at", flat=True)) <= line.place.at(0, days=4)


def test_an_edit_of_hours_tells_what_it_opened_in_its_own_transaction(line: Line) -> None:
    place = line.place
    line.wait(1)
    Opening.objects.filter(resource=place.provider).delete()
    day = place.at(9).date()
    OneOffHours.objects.create(
        resource=place.provider, clinic=place.clinic, date=day, start_time=dt.time(9), end_time=dt.time(10)
    )
    expand(resource_id=place.provider.pk, clinic_id=place.clinic.pk)
    assert [(f.cause, f.starts_at) for f in FreedTime.objects.order_by("starts_at")] == [
        ("hours", place.at(9)),
        ("hours", place.at(9, 30)),
    ]
    assert facts("TimeFreed") == 2
