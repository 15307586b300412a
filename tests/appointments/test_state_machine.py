"""Anything in any order: what the clinic answers is what a model in plain Python answers, and every promise holds after."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import settings as chosen
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule, run_state_machine_as_test

from appointments.models import Appointment, Claim, Hold
from appointments.queries.availability import Wanted, free_time
from appointments.services.booking import Override, book_appointment
from appointments.services.cancelling import cancel_appointment
from appointments.services.flow import advance_appointment
from appointments.services.holding import place_hold, release_hold
from appointments.services.moving import reschedule_appointment
from appointments.services.moving_back import move_back
from appointments.services.undoing import undo_last_step
from mediconnect.operations.verifying import broken
from tests.appointments.machine import CLOSES, KINDS, OPENS, STARTS, outcome
from tests.appointments.machine_waitlist import WaitlistRules
from tests.appointments.model import STEPS, Kept, Kind, Visit
from tests.appointments.model_waitlist import GRID
from tests.counts import rounds

kinds = st.sampled_from(KINDS)
providers = st.integers(0, 1)
patients = st.integers(0, 2)
# Few times, so that what is asked for meets.
starts = st.sampled_from(STARTS).map(lambda start: start - start % 20 if start > 60 else start)
which = st.integers(0, 11)
lengths = st.none() | st.sampled_from([10, 20, 40, 60])
edges = st.lists(st.sampled_from(range(OPENS, CLOSES + 1, 30)), min_size=2, max_size=4, unique=True).map(sorted)


class BookingMachine(WaitlistRules):
    """A clinic in the database and a clinic in Python, asked for the same. Each part of it is a class of rules."""

    def _book(self, visit: Visit, hold: Kept | None = None) -> None:
        expected = self.model.book(visit, hold)
        wish = self.place.booking(
            self.at(visit.start),
            patient=visit.patient,
            appointment_type_id=self.kinds[visit.kind].pk,
            provider_id=self.providers[visit.provider].pk,
            hold_id=self.holds[hold] if hold else None,
            override=Override(self.place.desk.pk, "in pain") if visit.override else None,
        )

        def book() -> None:
            self.visits[visit] = book_appointment(wish, caller=self.place.staff)[0].pk

        assert outcome(book) == expected

    # What may be asked.

    @rule(kind=kinds, provider=providers, patient=patients, start=starts)
    def book(self, kind: Kind, provider: int, patient: int, start: int) -> None:
        """Book."""
        self._book(Visit(kind, provider, patient, start))

    @rule(kind=kinds, provider=providers, patient=patients, start=starts)
    def book_over_whatever_is_there(self, kind: Kind, provider: int, patient: int, start: int) -> None:
        """Book with the desk's right to override."""
        self._book(Visit(kind, provider, patient, start, override=True))

    @rule(kind=kinds, provider=providers, patient=st.none() | patients, start=starts)
    def hold(self, kind: Kind, provider: int, patient: int | None, start: int) -> None:
        """Hold a time."""
        kept = self.model.hold(kind, provider, start, patient)
        made: list[Hold] = []

        def hold() -> None:
            made.append(
                place_hold(
                    appointment_type_id=self.kinds[kind].pk,
                    provider_id=self.providers[provider].pk,
                    start=self.at(start),
                    caller=self.place.staff,
                    patient_id=None if patient is None else self.place.patients[patient].pk,
                )[0]
            )

        assert outcome(hold) == (kept if isinstance(kept, str) else "done")
        if isinstance(kept, Kept):
            self.holds[kept] = made[0].pk

    @precondition(lambda self: self.holds)
    @rule(number=which, patient=patients)
    def book_with_a_hold(self, number: int, patient: int) -> None:
        """Book what a hold keeps, or kept."""
        hold = list(self.holds)[number % len(self.holds)]
        self._book(Visit(hold.kind, hold.provider, patient, hold.start), hold)

    @precondition(lambda self: self.holds)
    @rule(number=which)
    def release(self, number: int) -> None:
        """Give a hold back, perhaps for the second time."""
        hold = list(self.holds)[number % len(self.holds)]
        expected = self.model.release(hold)
        assert outcome(lambda: release_hold(hold_id=self.holds[hold], caller=self.place.staff)) == expected

    @precondition(lambda self: self.holds)
    @rule(number=which)
    def let_a_hold_run_out(self, number: int) -> None:
        """Let the time of a hold be over, with nobody there to sweep."""
        hold = list(self.holds)[number % len(self.holds)]
        ago = timezone.now() - dt.timedelta(seconds=1)
        Claim.objects.filter(hold=self.holds[hold]).update(expires_at=ago)
        Hold.objects.filter(pk=self.holds[hold]).update(expires_at=ago)
        hold.live = False

    @precondition(lambda self: self.visits)
    @rule(number=which, provider=providers, start=starts, minutes=lengths)
    def move(self, number: int, provider: int, start: int, minutes: int | None) -> None:
        """Move a visit, perhaps to where it is, and perhaps to another length."""
        visit = self.visit(number)
        words = self.on(visit)
        expected = self.model.move(visit, provider, start, minutes)
        to: dict[str, Any] = {
            "start": self.at(start),
            "provider_id": self.providers[provider].pk,
            "minutes": minutes,
        }
        assert outcome(lambda: reschedule_appointment(**words, **to)) == expected

    @precondition(lambda self: self.visits)
    @rule(number=which)
    def move_back(self, number: int) -> None:
        """Take a move back, if there was one."""
        visit = self.visit(number)
        words = self.on(visit)
        assert outcome(lambda: move_back(**words)) == self.model.move_back(visit)

    @precondition(lambda self: self.visits)
    @rule(number=which)
    def cancel(self, number: int) -> None:
        """Cancel a visit."""
        visit = self.visit(number)
        words = self.on(visit)
        assert outcome(lambda: cancel_appointment(reason="clinic_other", **words)) == self.model.cancel(visit)

    @precondition(lambda self: self.visits)
    @rule(number=which, step=st.sampled_from(sorted(STEPS)))
    def take_a_step(self, number: int, step: str) -> None:
        """Take a step of the day, in order or not."""
        visit = self.visit(number)
        words = self.on(visit)
        assert outcome(lambda: advance_appointment(step=step, **words)) == self.model.step(visit, step)

    @precondition(lambda self: self.visits)
    @rule(number=which)
    def undo(self, number: int) -> None:
        """Take the last step back."""
        visit = self.visit(number)
        words = self.on(visit)
        assert outcome(lambda: undo_last_step(**words)) == self.model.undo(visit)

    @rule(provider=providers, cuts=edges)
    def edit_hours(self, provider: int, cuts: list[int]) -> None:
        """Let the provider be there from each first to each second of the cuts."""
        opens = list(zip(cuts[::2], cuts[1::2], strict=False))
        expected = self.model.edit_hours(provider, opens)
        assert self._write_hours(provider, opens) == expected

    @rule(provider=providers, cut=st.sampled_from(range(30, CLOSES, 30)))
    def cut_the_hours_in_two(self, provider: int, cut: int) -> None:
        """Open the whole day, in two pieces that adjoin."""
        expected = self.model.edit_hours(provider, [(OPENS, cut), (cut, CLOSES)])
        assert self._write_hours(provider, [(OPENS, cut), (cut, CLOSES)]) == expected

    # What must hold after each of them.

    @invariant()
    def free_times_are_the_model_s(self) -> None:
        """Offer what would be booked, and nothing else."""
        for kind in KINDS:
            for number, provider in enumerate(self.providers):
                wanted = Wanted(self.kinds[kind].pk, self.at(OPENS), self.at(CLOSES), [provider.pk])
                eight = int(self.at(0).timestamp()) // 60
                offered = [minute - eight for minute, _, _ in free_time(wanted).starts]
                assert offered == self.model.free(kind, number, range(OPENS, CLOSES, GRID)), (kind.name, number)

    @invariant()
    def visits_stand_where_the_model_s_do(self) -> None:
        """Have the same visits, each in the same place and status."""
        rooms = {room.pk: number for number, room in enumerate(self.rooms)}
        columns = ("pk", "status", "starts_at", "ends_at", "provider", "seat", "room")
        rows = {row[0]: row[1:] for row in Appointment.objects.values_list(*columns)}
        assert set(rows) == set(self.visits.values())
        for visit, pk in self.visits.items():
            status, start, end, provider, seat, room = rows[pk]
            assert (status, start, end, provider) == (
                visit.status,
                self.at(visit.start),
                self.at(visit.end),
                self.providers[visit.provider].pk,
            )
            if visit.status in {"booked", "confirmed"}:
                assert (seat, rooms.get(room)) == (visit.seat, visit.room)

    @invariant()
    def every_promise_holds(self) -> None:
        """Let the judge find nothing."""
        assert [str(found) for found in broken()] == []


@pytest.mark.django_db
@pytest.mark.timeout(7200)
def test_whatever_is_asked_in_whatever_order() -> None:
    run_state_machine_as_test(
        BookingMachine,
        settings=chosen(
            max_examples=rounds(quick=15, full=2000), stateful_step_count=rounds(quick=25, full=50), deadline=None
        ),
    )
