"""Until the first answer everything can be as it was; after it, what still waits can."""

import pytest

from appointments.errors import AnsweredAlready
from appointments.handlers import restore_after_closure, restore_after_hours, restore_after_time_off
from appointments.models import Appointment, DisplacedVisit, Hold
from appointments.queries.displacing.search import Ways
from appointments.services.booking import Override, book_appointment
from appointments.services.displacing.answering import accept_proposal, decline_proposal
from appointments.services.displacing.undoing import has_answers, undo_displacement
from mediconnect.operations.verifying import broken
from providers.events import ClosureChanged, HoursChanged, TimeOffChanged
from providers.models import Closure, TimeOff
from providers.services.absences import (
    change_time_off,
    enter_time_off,
    withdraw_closure,
    withdraw_time_off,
)
from tests.appointments.displacing.ward import Ward, facts, rows_of, said, work

State = DisplacedVisit.State


def displaced() -> int:
    """Return how many visits are displaced."""
    return Appointment.objects.filter(displaced=True).count()


def test_undone_everything_is_as_it_was(ward: Ward) -> None:
    visits = [ward.book(9), ward.book(10, patient=1)]
    displacement, _rows = ward.asked()
    undone = undo_displacement(displacement_id=displacement.pk, caller=ward.place.staff)
    assert undone.undone_at is not None
    assert TimeOff.objects.get().cancelled
    assert {ward.row(visit).state for visit in visits} == {State.RESTORED}
    assert displaced() == 0
    assert not Hold.objects.exists()
    assert len(facts("ProposalWithdrawn")) == 2
    ward.book(11, patient=2)
    again = undo_displacement(displacement_id=displacement.pk, caller=ward.place.staff)
    assert again.undone_at == undone.undone_at
    assert broken() == []


def test_a_closure_is_undone_alike(ward: Ward) -> None:
    override = Override(ward.place.desk.pk, "urgent")
    outside, _terms = book_appointment(ward.place.booking(ward.at(19), override=override), caller=ward.place.staff)
    inside = ward.book(9, patient=1, provider_id=ward.ben.pk)
    displacement = ward.one(ward.displace(ward.closed()))
    undo_displacement(displacement_id=displacement.pk, caller=ward.place.staff)
    assert Closure.objects.get().cancelled
    assert {ward.row(visit).state for visit in (outside, inside)} == {State.RESTORED}
    assert displaced() == 0


def test_after_the_first_answer_it_is_too_late(ward: Ward) -> None:
    ward.book(9)
    ward.book(10, patient=1)
    displacement, (first, _second) = ward.asked()
    assert not has_answers(displacement)
    decline_proposal(displaced_visit_id=first.pk, caller=ward.place.staff)
    assert has_answers(displacement)
    with pytest.raises(AnsweredAlready):
        undo_displacement(displacement_id=displacement.pk, caller=ward.place.staff)
    assert not TimeOff.objects.get().cancelled


def test_what_another_absence_covers_as_well_stays_on_the_call_list(ward: Ward) -> None:
    visit = ward.book(9)
    displacement = ward.one(ward.displace(ways=Ways(same_provider=False)))
    enter_time_off(resource_id=ward.ada.pk, starts_at=ward.at(8), ends_at=ward.at(10))
    undo_displacement(displacement_id=displacement.pk, caller=ward.place.staff)
    assert ward.row(visit).state == State.TO_CALL
    assert displaced() == 1


def test_time_off_that_is_withdrawn_elsewhere_restores_what_has_not_moved(ward: Ward) -> None:
    moved, stays = ward.book(9), ward.book(10, patient=1)
    _displacement, (first, _second) = ward.asked()
    accept_proposal(displaced_visit_id=first.pk, caller=ward.place.staff)
    away = TimeOff.objects.get()
    withdraw_time_off(time_off_id=away.pk, version=away.version)
    for _again in range(2):
        restore_after_time_off(said(TimeOffChanged(away.pk)))
    assert ward.row(stays).state == State.RESTORED
    assert ward.row(moved).state == State.ACCEPTED
    assert displaced() == 0
    assert not Hold.objects.exists()
    assert broken() == []


def test_a_shorter_absence_restores_what_it_leaves(ward: Ward) -> None:
    early, late = ward.book(9), ward.book(15, patient=1)
    ward.displace()
    away = TimeOff.objects.get()
    change_time_off(time_off_id=away.pk, version=away.version, change={"ends_at": ward.at(12)})
    restore_after_time_off(said(TimeOffChanged(away.pk)))
    assert ward.row(early).state == State.PROPOSED
    assert ward.row(late).state == State.RESTORED


def test_a_closure_that_is_withdrawn_restores_as_well(ward: Ward) -> None:
    visit = ward.book(9)
    ward.displace(ward.closed())
    closure = Closure.objects.get()
    withdraw_closure(closure_id=closure.pk, version=closure.version)
    restore_after_closure(said(ClosureChanged(closure.pk)))
    assert ward.row(visit).state == State.RESTORED


def test_hours_do_not_restore_what_an_absence_covers(ward: Ward) -> None:
    visit = ward.book(9)
    ward.displace()
    work(ward.ada.pk, ward.place)
    restore_after_hours(said(HoursChanged(ward.ada.pk, ward.place.clinic.pk)))
    assert ward.row(visit).state == State.PROPOSED
    assert displaced() == 1


def test_rows_are_one_for_each_visit(ward: Ward) -> None:
    visit = ward.book(9)
    first = ward.one(ward.displace())
    undo_displacement(displacement_id=first.pk, caller=ward.place.staff)
    second = ward.one(ward.displace())
    assert [row.state for row in rows_of(second)] == [State.PROPOSED]
    assert DisplacedVisit.objects.filter(appointment=visit).count() == 2
