"""A yes moves the visit into the time that is held for it, a no puts it on the call list, silence lapses."""

import datetime as dt

import pytest
from django.db import connection
from django.utils import timezone

from appointments.errors import OutsideAvailability, PatientOverlap, ProposalOver, SlotTaken
from appointments.events import ProposalRanOut
from appointments.handlers import end_proposal
from appointments.models import Appointment, DisplacedVisit, FreedTime, Hold
from appointments.queries.displacing.search import Ways
from appointments.services.booking import Caller
from appointments.services.displacing.answering import accept_proposal, decline_proposal
from appointments.services.displacing.ending import sweep_proposals
from appointments.services.displacing.sending import send_proposals
from providers.models import AppointmentType
from providers.services.absences import enter_time_off
from tests.appointments.displacing.ward import Ward, facts, rows_of, said

State = DisplacedVisit.State

# Whoever answers by the link in a message did not sign in.
BY_LINK = Caller(None, patients_own=True)


def ran_out(row: DisplacedVisit) -> None:
    """Let the time to answer be over."""
    DisplacedVisit.objects.filter(pk=row.pk).update(expires_at=timezone.now() - dt.timedelta(seconds=1))


def test_a_yes_moves_the_visit_and_uses_the_held_time_up(ward: Ward) -> None:
    visit = ward.book(9)
    _displacement, (row,) = ward.asked()
    assert [fact["displaced_visit_id"] for fact in facts("ProposalMade")] == [str(row.pk)]
    moved = accept_proposal(displaced_visit_id=row.pk, caller=BY_LINK)
    assert moved.pk == visit.pk
    moved.refresh_from_db()
    assert (moved.starts_at, moved.displaced, moved.status) == (ward.at(8, days=3), False, "booked")
    row = ward.row(visit)
    assert (row.state, row.expires_at) == (State.ACCEPTED, None)
    assert row.answered_at is not None
    assert not Hold.objects.exists()
    assert len(facts("AppointmentMoved")) == 1
    assert facts("ProposalWithdrawn") == []


def test_the_time_that_it_leaves_is_offered_to_nobody(ward: Ward) -> None:
    ward.book(9)
    _displacement, (row,) = ward.asked()
    accept_proposal(displaced_visit_id=row.pk, caller=BY_LINK)
    assert not FreedTime.objects.exists()


def test_a_second_yes_is_told_that_it_is_over(ward: Ward) -> None:
    ward.book(9)
    _displacement, (row,) = ward.asked()
    accept_proposal(displaced_visit_id=row.pk, caller=BY_LINK)
    with pytest.raises(ProposalOver) as refused:
        accept_proposal(displaced_visit_id=row.pk, caller=BY_LINK)
    assert refused.value.extra == {"state": State.ACCEPTED}


def test_nobody_answers_before_being_asked_but_the_desk_may_say_yes_on_the_phone(ward: Ward) -> None:
    visit = ward.book(9)
    (row,) = rows_of(ward.one(ward.displace()))
    with pytest.raises(ProposalOver):
        accept_proposal(displaced_visit_id=row.pk, caller=BY_LINK)
    accept_proposal(displaced_visit_id=row.pk, caller=ward.place.staff)
    assert ward.row(visit).state == State.ACCEPTED


def test_a_yes_that_comes_too_late_is_over(ward: Ward) -> None:
    ward.book(9)
    _displacement, (row,) = ward.asked()
    ran_out(row)
    with pytest.raises(ProposalOver):
        accept_proposal(displaced_visit_id=row.pk, caller=BY_LINK)


def test_a_yes_is_refused_while_the_patient_is_elsewhere_and_the_proposal_stands(ward: Ward) -> None:
    visit = ward.book(9)
    _displacement, (row,) = ward.asked()
    ward.book(8, days=3, provider_id=ward.ben.pk)
    with pytest.raises(PatientOverlap):
        accept_proposal(displaced_visit_id=row.pk, caller=BY_LINK)
    assert ward.row(visit).state == State.ASKED
    assert Hold.objects.filter(displaced_visit=row).exists()


def test_a_yes_is_refused_once_nobody_works_then(ward: Ward) -> None:
    ward.book(9)
    _displacement, (row,) = ward.asked()
    enter_time_off(resource_id=ward.ada.pk, starts_at=ward.at(8, days=3), ends_at=ward.at(18, days=3))
    with pytest.raises(OutsideAvailability):
        accept_proposal(displaced_visit_id=row.pk, caller=BY_LINK)


def test_a_held_time_is_booked_by_nobody_else(ward: Ward) -> None:
    ward.book(9)
    ward.asked()
    with pytest.raises(SlotTaken):
        ward.book(8, days=3, patient=1)


def test_a_seat_that_is_held_is_taken_in_the_group(ward: Ward) -> None:
    kind = AppointmentType.objects.create(clinic=ward.place.clinic, name="Back class", duration=60, capacity=2)
    visit = ward.book(9, appointment_type_id=kind.pk)
    other = ward.book(9, patient=1, appointment_type_id=kind.pk, days=4)
    _displacement, (row,) = ward.asked()
    moved = accept_proposal(displaced_visit_id=row.pk, caller=BY_LINK)
    assert moved.pk == visit.pk
    assert (moved.session_id, moved.seat) == (other.session_id, 2)


def test_a_yes_takes_the_second_provider_who_steps_in(ward: Ward) -> None:
    visit = ward.book(9, provider_id=ward.ben.pk)
    Appointment.objects.filter(pk=visit.pk).update(second_provider=ward.ada)
    _displacement, (row,) = ward.asked()
    moved = accept_proposal(displaced_visit_id=row.pk, caller=BY_LINK)
    moved.refresh_from_db()
    assert (moved.provider_id, moved.second_provider_id, moved.starts_at) == (
        ward.ben.pk,
        ward.ada.pk,
        ward.at(8, days=3),
    )


def test_a_no_gives_the_time_back_and_is_for_the_call_list(ward: Ward) -> None:
    visit = ward.book(9)
    _displacement, (row,) = ward.asked()
    assert decline_proposal(displaced_visit_id=row.pk, caller=BY_LINK).state == State.DECLINED
    visit.refresh_from_db()
    assert visit.displaced
    assert not Hold.objects.exists()
    ward.book(8, days=3, patient=1)


def test_whoever_wants_no_other_time_gives_the_visit_up(ward: Ward) -> None:
    visit = ward.book(9)
    _displacement, (row,) = ward.asked()
    decline_proposal(displaced_visit_id=row.pk, caller=BY_LINK, wants_call=False)
    visit.refresh_from_db()
    assert (visit.status, visit.cancellation_reason) == ("cancelled", "patient_request")
    assert ward.row(visit).state == State.CANCELLED
    assert not FreedTime.objects.exists()
    assert len(facts("AppointmentCancelled")) == 1


def test_silence_lapses_once_the_time_to_answer_is_over_and_not_before(ward: Ward) -> None:
    visit = ward.book(9)
    _displacement, (row,) = ward.asked()
    end_proposal(said(ProposalRanOut(row.pk)))
    assert ward.row(visit).state == State.ASKED
    ran_out(row)
    end_proposal(said(ProposalRanOut(row.pk)))
    end_proposal(said(ProposalRanOut(row.pk)))
    assert ward.row(visit).state == State.LAPSED
    assert not Hold.objects.exists()
    assert facts("ProposalWithdrawn") == []


def test_the_sweep_finds_what_no_fact_ended_and_what_was_never_sent(ward: Ward) -> None:
    visit, other = ward.book(9), ward.book(10, patient=1)
    displacement = ward.one(ward.displace())
    ran_out(ward.row(other))
    assert sweep_proposals() == 1
    assert ward.row(other).state == State.TO_CALL
    send_proposals(displacement_id=displacement.pk, caller=ward.place.staff)
    ran_out(ward.row(visit))
    assert sweep_proposals() == 1
    assert sweep_proposals() == 0
    assert ward.row(visit).state == State.LAPSED


def test_the_time_to_answer_begins_with_the_asking(ward: Ward) -> None:
    visit = ward.book(9)
    displacement = ward.one(ward.displace(ways=Ways(answer_hours=1)))
    soon = timezone.now() + dt.timedelta(minutes=5)
    DisplacedVisit.objects.update(expires_at=soon)
    send_proposals(displacement_id=displacement.pk, caller=ward.place.staff)
    row, hold = ward.row(visit), Hold.objects.get()
    assert row.expires_at is not None
    assert row.expires_at > soon
    assert hold.expires_at == row.expires_at + dt.timedelta(seconds=60)
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT expires_at FROM appointments_claim WHERE hold_id = %s", [hold.pk])
        assert cursor.fetchall() == [(hold.expires_at,)]


def test_sending_twice_asks_once(ward: Ward) -> None:
    ward.book(9)
    displacement, _rows = ward.asked()
    with pytest.raises(ProposalOver):
        send_proposals(displacement_id=displacement.pk, caller=ward.place.staff)
    assert len(facts("ProposalMade")) == 1


def test_a_clinic_that_moves_without_asking_moves_and_says_so(ward: Ward) -> None:
    visit, busy = ward.book(9), ward.book(10, patient=1)
    displacement = ward.one(ward.displace(ways=Ways(moves_without_asking=True)))
    ward.book(8, 30, days=3, patient=1, provider_id=ward.ben.pk)
    send_proposals(displacement_id=displacement.pk, caller=ward.place.staff)
    visit.refresh_from_db()
    assert (visit.starts_at, visit.displaced) == (ward.at(8, days=3), False)
    row = ward.row(visit)
    assert (row.state, row.answered_at) == (State.MOVED, None)
    assert ward.row(busy).state == State.TO_CALL
    assert facts("ProposalMade") == []
    assert len(facts("AppointmentMoved")) == 1
