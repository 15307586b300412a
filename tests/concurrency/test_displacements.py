"""Time off over visits, while everybody acts: one answer counts, a held time is nobody else's, and no visit is forgotten."""

import datetime as dt
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import pytest
from django.db import connection, transaction
from django.utils import timezone

from appointments.models import Appointment, DisplacedVisit, Displacement, Hold
from appointments.services.booking import Caller, book_appointment
from appointments.services.cancelling import cancel_appointment
from appointments.services.displacing import restoring, undoing
from appointments.services.displacing.answering import accept_proposal, decline_proposal
from appointments.services.displacing.ending import end_proposal
from appointments.services.displacing.sending import send_proposals
from appointments.services.displacing.undoing import undo_displacement
from mediconnect.api.versions import Expected
from mediconnect.operations.verifying import broken
from providers.models import TimeOff
from providers.services.absences import withdraw_time_off
from tests.appointments.displacing.ward import Ward, ward
from tests.concurrency.racing import race, refusal_of
from tests.counts import rounds

State = DisplacedVisit.State
BY_LINK = Caller(None, patients_own=True)


@pytest.fixture
def there(committed: None) -> Ward:
    """The ward, committed."""
    return ward(patients=6)


def accepting(row: DisplacedVisit) -> Callable[[], str]:
    """Return the patient's yes."""
    return refusal_of(partial(accept_proposal, displaced_visit_id=row.pk, caller=BY_LINK))


def undoing_of(row: DisplacedVisit, there: Ward) -> Callable[[], str]:
    """Return the desk's undoing of it all."""
    return refusal_of(partial(undo_displacement, displacement_id=row.displacement_id, caller=there.place.staff))


def asked_on(day: int, there: Ward) -> DisplacedVisit:
    """Book a visit on that day, let its provider be away, and ask about the new time."""
    visit = there.book(9, days=day)
    displacement = there.one(there.displace(there.away(days=day)))
    send_proposals(displacement_id=displacement.pk, caller=there.place.staff)
    return there.row(visit)


def cancelled(visit: Appointment, there: Ward) -> None:
    """Let the visit be out of the way of the next round."""
    visit.refresh_from_db()
    cancel_appointment(
        appointment_id=visit.pk,
        reason="clinic_other",
        expected=Expected(visit.version, by_header=False),
        caller=there.place.staff,
    )


def test_a_yes_and_an_undo_have_one_winner(there: Ward, isolation: str) -> None:
    winners: Counter[str] = Counter()
    for number in range(rounds(quick=4, full=60)):
        row = asked_on(2 + 2 * (number % 10), there)
        outcome = tuple(race([accepting(row), undoing_of(row, there)]))
        assert outcome in {("done", "answered-already"), ("proposal-over", "done")}, outcome
        winners["yes" if outcome[0] == "done" else "undo"] += 1
        row.refresh_from_db()
        visit = Appointment.objects.get(pk=row.appointment_id)
        assert (row.state, visit.starts_at == row.was_starts_at, visit.displaced) in {
            (State.ACCEPTED, False, False),
            (State.RESTORED, True, False),
        }
        assert not Hold.objects.exists()
        cancelled(visit, there)
        assert broken() == []
        _withdraw_all()
    assert sum(winners.values()) == rounds(quick=4, full=60)


def _withdraw_all() -> None:
    for away in TimeOff.objects.filter(cancelled=False):
        withdraw_time_off(time_off_id=away.pk, version=away.version)


@contextmanager
def _without_locks_in_undoing() -> Iterator[None]:
    """Let the undoing look without waiting for anybody."""

    def look(displacement_id: uuid.UUID) -> tuple[Displacement, list[DisplacedVisit]]:
        found = Displacement.objects.get(pk=displacement_id)
        return found, list(found.visits.all())

    with pytest.MonkeyPatch.context() as patch:
        for module in (undoing, restoring):
            patch.setattr(module, "lock_resources", lambda _resources: None)
            patch.setattr(
                module, "lock_appointments", lambda visits: list(Appointment.objects.filter(pk__in=list(visits)))
            )
        patch.setattr(undoing, "lock_displacement", look)
        patch.setattr(undoing, "_withdraw", lambda _displacement: None)
        yield


@pytest.mark.parametrize("with_locks", [True, False], ids=["locked", "control"])
def test_an_undo_waits_for_an_answer_under_way_and_then_sees_it(there: Ward, with_locks: bool) -> None:
    row = asked_on(2, there)
    outcome: list[str] = []

    def undo() -> None:
        try:
            outcome.append(undoing_of(row, there)())
        finally:
            connection.close()

    other = threading.Thread(target=undo, daemon=True)
    if with_locks:
        with transaction.atomic():
            assert accepting(row)() == "done"
            other.start()
            other.join(0.5)
            assert other.is_alive()
        other.join(20)
        assert outcome == ["answered-already"]
        return
    with _without_locks_in_undoing():
        with transaction.atomic():
            assert accepting(row)() == "done"
            other.start()
            other.join(2)
        other.join(20)
    assert outcome == ["done"]  # it looked before the answer was there, and nobody stopped it
    assert Displacement.objects.get(pk=row.displacement_id).undone_at is not None
    assert DisplacedVisit.objects.get(pk=row.pk).state == State.ACCEPTED


def test_nobody_else_books_a_time_that_is_held_for_an_answer(there: Ward, isolation: str) -> None:
    row = asked_on(2, there)
    assert row.proposed_starts_at is not None
    others = [
        refusal_of(
            partial(
                book_appointment,
                there.place.booking(row.proposed_starts_at, patient=number),
                caller=there.place.staff,
            )
        )
        for number in range(1, 6)
    ]
    answers = race([accepting(row), *others])
    assert answers == ["done", *["slot-taken"] * 5]
    assert Appointment.objects.get(pk=row.appointment_id).starts_at == row.proposed_starts_at


def test_a_yes_sent_five_times_moves_once(there: Ward, isolation: str) -> None:
    row = asked_on(2, there)
    assert Counter(race([accepting(row)] * 5)) == {"done": 1, "proposal-over": 4}


def test_a_yes_a_no_and_the_end_have_one_winner(there: Ward, isolation: str) -> None:
    row = asked_on(2, there)
    DisplacedVisit.objects.filter(pk=row.pk).update(expires_at=timezone.now() + dt.timedelta(milliseconds=60))
    no = refusal_of(partial(decline_proposal, displaced_visit_id=row.pk, caller=BY_LINK))
    end = refusal_of(partial(end_proposal, displaced_visit_id=row.pk))
    yes, declined, _ended = race([accepting(row), no, end])
    end()
    row.refresh_from_db()
    won = {("done", "proposal-over"): State.ACCEPTED, ("proposal-over", "done"): State.DECLINED}
    assert row.state == won.get((yes, declined), row.state)
    assert (yes, declined) in {*won, ("proposal-over", "proposal-over")}
    assert not Hold.objects.exists()


def test_two_desks_enter_the_same_time_off_and_each_visit_is_displaced_once(there: Ward, isolation: str) -> None:
    visits = [there.book(9 + number, patient=number) for number in range(4)]
    race([there.displace, there.displace])
    assert Displacement.objects.count() == 1
    assert [there.row(visit).state for visit in visits] == [State.PROPOSED] * 4
    assert DisplacedVisit.objects.count() == 4


def test_bookings_that_go_on_during_a_sick_morning_are_displaced_or_refused(there: Ward, isolation: str) -> None:
    there.book(8, patient=0)
    bookings = [
        refusal_of(
            partial(
                book_appointment, there.place.booking(there.at(9 + hour), patient=1 + hour), caller=there.place.staff
            )
        )
        for hour in range(5)
    ]

    def fall_ill() -> str:
        there.displace()
        return "ill"

    ill, *booked = race([fall_ill, *bookings])
    assert ill == "ill"
    assert set(booked) <= {"done", "outside-availability"}
    assert Appointment.objects.count() == 1 + booked.count("done")
    assert not Appointment.objects.filter(displaced=False).exists()
    assert DisplacedVisit.objects.count() == Appointment.objects.count()
    starts = Hold.objects.values_list("provider_id", "starts_at")
    assert len(set(starts)) == len(starts)
