"""What the desk decides for one displaced visit, and how its row follows the visit wherever it goes."""

import datetime as dt

import pytest
from django.utils import timezone

from appointments.errors import ProposalOver, SlotTaken, TooSoon
from appointments.models import Appointment, DisplacedVisit, Hold
from appointments.services.cancelling import cancel_appointment
from appointments.services.displacing.choosing import choose_another, note_call, to_call_list
from appointments.services.displacing.sending import send_proposals
from appointments.services.flow import advance_appointment
from appointments.services.moving import reschedule_appointment
from appointments.services.undoing import undo_last_step
from mediconnect.api.versions import Expected
from mediconnect.errors import Invalid
from providers.models import Opening
from tests.appointments.conftest import open_always
from tests.appointments.displacing.ward import Ward, facts, rows_of

State = DisplacedVisit.State


def expected(visit: Appointment) -> Expected:
    """Return the visit's present version."""
    visit.refresh_from_db()
    return Expected(visit.version, by_header=False)


def test_another_time_is_held_instead_and_can_be_sent_later(ward: Ward) -> None:
    visit = ward.book(9)
    displacement, (row,) = ward.asked()
    choose_another(displaced_visit_id=row.pk, start=ward.at(15), provider_id=ward.ben.pk, caller=ward.place.staff)
    row = ward.row(visit)
    assert (row.state, row.proposed_provider_id, row.proposed_starts_at) == (State.PROPOSED, ward.ben.pk, ward.at(15))
    (hold,) = Hold.objects.all()
    assert hold.starts_at == ward.at(15)
    assert len(facts("ProposalWithdrawn")) == 1
    send_proposals(displacement_id=displacement.pk, caller=ward.place.staff)
    assert ward.row(visit).state == State.ASKED


def test_a_taken_time_is_refused_and_the_former_one_stays(ward: Ward) -> None:
    ward.book(9)
    ward.book(15, patient=1, provider_id=ward.ben.pk)
    (row,) = rows_of(ward.one(ward.displace()))
    with pytest.raises(SlotTaken):
        choose_another(displaced_visit_id=row.pk, start=ward.at(15), provider_id=ward.ben.pk, caller=ward.place.staff)


def test_a_time_that_leaves_nobody_time_to_answer_is_refused(ward: Ward) -> None:
    ward.book(9)
    (row,) = rows_of(ward.one(ward.displace()))
    soon = timezone.now().replace(second=0, microsecond=0) + dt.timedelta(minutes=30)
    Opening.objects.filter(resource=ward.ben).delete()
    open_always(ward.ben, ward.place.clinic)
    with pytest.raises(TooSoon):
        choose_another(displaced_visit_id=row.pk, start=soon, provider_id=ward.ben.pk, caller=ward.place.staff)


def test_the_call_list_keeps_nothing_for_the_visit(ward: Ward) -> None:
    visit = ward.book(9)
    _displacement, (row,) = ward.asked()
    to_call_list(displaced_visit_id=row.pk, caller=ward.place.staff)
    to_call_list(displaced_visit_id=row.pk, caller=ward.place.staff)
    assert ward.row(visit).state == State.TO_CALL
    assert not Hold.objects.exists()
    assert len(facts("ProposalWithdrawn")) == 1


def test_a_call_is_noted_with_who_and_what(ward: Ward) -> None:
    visit = ward.book(9)
    _displacement, (row,) = ward.asked()
    note_call(displaced_visit_id=row.pk, outcome=" no answer ", caller=ward.place.staff)
    row = ward.row(visit)
    assert (row.call_outcome, row.called_by_id, row.state) == ("no answer", ward.place.desk.pk, State.ASKED)
    assert row.called_at is not None
    with pytest.raises(Invalid):
        note_call(displaced_visit_id=row.pk, outcome=" ", caller=ward.place.staff)


def test_a_visit_moved_by_hand_closes_its_row_and_takes_the_question_back(ward: Ward) -> None:
    visit = ward.book(9)
    _displacement, (row,) = ward.asked()
    reschedule_appointment(
        appointment_id=visit.pk,
        start=ward.at(16),
        expected=expected(visit),
        caller=ward.place.staff,
        provider_id=ward.ben.pk,
    )
    visit.refresh_from_db()
    assert not visit.displaced
    assert ward.row(visit).state == State.MOVED
    assert not Hold.objects.exists()
    assert len(facts("ProposalWithdrawn")) == 1
    with pytest.raises(ProposalOver):
        to_call_list(displaced_visit_id=row.pk, caller=ward.place.staff)


def test_a_cancelled_visit_closes_its_row_and_one_that_comes_back_is_called(ward: Ward) -> None:
    visit = ward.book(9)
    ward.asked()
    cancel_appointment(
        appointment_id=visit.pk, reason="clinic_other", expected=expected(visit), caller=ward.place.staff
    )
    assert ward.row(visit).state == State.CANCELLED
    assert not Hold.objects.exists()
    undo_last_step(appointment_id=visit.pk, expected=expected(visit), caller=ward.place.staff)
    visit.refresh_from_db()
    assert (visit.status, visit.displaced) == ("booked", True)
    assert ward.row(visit).state == State.TO_CALL
    assert len(facts("ProposalWithdrawn")) == 1


def test_a_patient_who_comes_all_the_same_stays_as_it_was(ward: Ward) -> None:
    visit = ward.book(9)
    ward.asked()
    advance_appointment(appointment_id=visit.pk, step="arrive", expected=expected(visit), caller=ward.place.staff)
    assert ward.row(visit).state == State.RESTORED
    assert not Hold.objects.exists()
    undo_last_step(appointment_id=visit.pk, expected=expected(visit), caller=ward.place.staff)
    assert ward.row(visit).state == State.TO_CALL


def test_a_patient_who_does_not_come_needs_no_new_time(ward: Ward) -> None:
    visit = ward.book(9)
    ward.displace()
    advance_appointment(appointment_id=visit.pk, step="no-show", expected=expected(visit), caller=ward.place.staff)
    assert ward.row(visit).state == State.CANCELLED
