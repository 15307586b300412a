"""Anything in any order around time off: what is answered is what a model in plain Python answers, and every promise holds."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import settings as chosen
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from appointments.handlers import restore_after_time_off
from appointments.models import Appointment, DisplacedVisit, Displacement, Hold
from appointments.queries.displacing.hits import Away
from appointments.queries.displacing.search import Ways
from appointments.services.booking import book_appointment
from appointments.services.cancelling import cancel_appointment
from appointments.services.displacing.answering import accept_proposal, decline_proposal
from appointments.services.displacing.choosing import to_call_list
from appointments.services.displacing.ending import end_proposal
from appointments.services.displacing.entering import displace
from appointments.services.displacing.sending import send_proposals
from appointments.services.displacing.undoing import undo_displacement
from appointments.services.flow import advance_appointment
from appointments.services.undoing import undo_last_step
from mediconnect.api.versions import Expected
from mediconnect.errors import DomainError
from mediconnect.operations.verifying import broken
from notifications.models import MessagePolicy
from providers.events import TimeOffChanged
from providers.models import TimeOff
from providers.services.absences import withdraw_time_off
from tests.appointments.displacing.ward import said, ward
from tests.counts import rounds

State = DisplacedVisit.State
HELD = {"proposed", "asked"}
OPEN = {"proposed", "asked", "declined", "lapsed", "to_call"}
MOVABLE = {"booked", "confirmed"}


@dataclass(eq=False)
class Absence:
    """A provider's time off, while it is not withdrawn, and the displacement that came of it."""

    provider: int
    start: dt.datetime
    end: dt.datetime
    time_off: uuid.UUID
    displacement: uuid.UUID | None
    stands: bool = True
    rows: list["Row"] = field(default_factory=list)

    def covers(self, provider: int, start: dt.datetime, end: dt.datetime) -> bool:
        """Return whether the provider is away at any moment of that time."""
        return self.stands and self.provider == provider and self.start < end and self.end > start


@dataclass(eq=False)
class Row:
    """What is done about one displaced visit; the proposed time is read from the database, which found it."""

    pk: uuid.UUID
    state: str
    provider: int | None
    start: dt.datetime | None
    end: dt.datetime | None


@dataclass(eq=False)
class Visit:
    """A visit as it should be."""

    pk: uuid.UUID
    patient: int
    provider: int
    start: dt.datetime
    end: dt.datetime
    status: str = "booked"
    displaced: bool = False
    row: Row | None = None

    def meets(self, start: dt.datetime, end: dt.datetime) -> bool:
        """Return whether it takes its patient's time then."""
        return self.status not in {"cancelled", "no_show"} and self.start < end and self.end > start


def outcome(action: Callable[[], object]) -> str:
    """Return `done`, or the code of the refusal; anything else that is raised is a mistake."""
    try:
        with transaction.atomic():
            action()
    except DomainError as error:
        return error.code
    return "done"


which = st.integers(0, 11)
days = st.integers(2, 3)


class TimeOffMachine(RuleBasedStateMachine):
    """A clinic in the database and a model beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.undone = transaction.atomic()
        self.undone.__enter__()
        self.ward = ward(patients=3)
        self.providers = [self.ward.ada.pk, self.ward.ben.pk]
        # All examples run in the test's one transaction, by whose clock a visit soon looks as if nobody had planned for it.
        MessagePolicy.objects.create(clinic=self.ward.place.clinic, reminder_minutes=[])
        self.visits: list[Visit] = []
        self.absences: list[Absence] = []

    def teardown(self) -> None:
        """Leave nothing in the database."""
        transaction.set_rollback(True)
        self.undone.__exit__(None, None, None)

    def on(self, visit: Visit) -> dict[str, Any]:
        """Return what a service needs to change the visit as it is now."""
        version = Appointment.objects.values_list("version", flat=True).get(pk=visit.pk)
        expected = Expected(version, by_header=False)
        return {"appointment_id": visit.pk, "expected": expected, "caller": self.ward.place.staff}

    def rows(self) -> Iterator[tuple[Visit, Row]]:
        """Return the visits that are or were displaced, with their latest row."""
        return ((visit, visit.row) for visit in self.visits if visit.row is not None)

    def is_away(self, provider: int, start: dt.datetime, end: dt.datetime) -> bool:
        """Return whether any absence that stands covers the provider then."""
        return any(absence.covers(provider, start, end) for absence in self.absences)

    @rule(provider=st.integers(0, 1), patient=st.integers(0, 2), day=days, half=st.integers(0, 7))
    def book(self, provider: int, patient: int, day: int, half: int) -> None:
        """Book, where nothing is in the way."""
        start = self.ward.at(8 + half // 2, half % 2 * 30, days=day).astimezone(dt.UTC)
        wish = self.ward.place.booking(start, patient, provider_id=self.providers[provider])
        made: list[Appointment] = []
        if outcome(lambda: made.append(book_appointment(wish, caller=self.ward.place.staff)[0])) == "done":
            assert not self.is_away(provider, start, made[0].ends_at)
            self.visits.append(Visit(made[0].pk, patient, provider, start, made[0].ends_at))

    @rule(
        provider=st.integers(0, 1), day=days, first=st.integers(8, 11), hours=st.integers(1, 4), stays=st.booleans(),
        without_asking=st.booleans(),
    )  # fmt: skip
    def fall_ill(
        self,
        provider: int,
        day: int,
        first: int,
        hours: int,
        stays: bool,
        without_asking: bool,
    ) -> None:
        """Be away, over whatever is booked."""
        start, end = (self.ward.at(hour, days=day).astimezone(dt.UTC) for hour in (first, first + hours))
        away = Away(self.ward.place.clinic.pk, self.providers[provider], start, end)
        other = (self.providers[1 - provider],)
        ways = Ways(same_provider=stays, substitutes=other, within_days=2, moves_without_asking=without_asking)
        meets = [one for one in self.visits if one.provider == provider and one.meets(start, end) and not one.displaced]
        here = [one for one in meets if one.status == "arrived"]
        hit = [one for one in meets if one.status in MOVABLE]
        entered = []
        code = outcome(lambda: entered.append(displace(away, ways, caller=self.ward.place.staff)))
        assert code == ("people-are-here" if here else "done")
        if here:
            return
        (found,) = entered
        displacement = found.displacements[0].pk if found.displacements else None
        absence = Absence(provider, start, end, found.absence.pk, displacement)
        for _visit, row in self.rows():
            if row.state in HELD and row.provider == provider and row.start < end and row.end > start:  # type: ignore[operator]
                row.state = "to_call"
        self.absences.append(absence)
        assert bool(hit) == bool(found.displacements)
        for visit in hit:
            visit.displaced = True
            visit.row = self._read(visit)
            absence.rows.append(visit.row)
            if visit.row.state == "proposed":
                assert visit.row.start is not None
                assert visit.row.end is not None
                assert not self.is_away(visit.row.provider or 0, visit.row.start, visit.row.end)
                assert not any(
                    one.meets(visit.row.start, visit.row.end)
                    for one in self.visits
                    if one.patient == visit.patient and one is not visit
                )

    def _read(self, visit: Visit) -> Row:
        row = DisplacedVisit.objects.filter(appointment=visit.pk).latest("created_at")
        assert row.state in {"proposed", "to_call"}
        provider = self.providers.index(row.proposed_provider_id) if row.proposed_provider_id else None
        return Row(row.pk, row.state, provider, row.proposed_starts_at, row.proposed_ends_at)

    @precondition(lambda self: any(absence.displacement for absence in self.absences))
    @rule(number=which)
    def send(self, number: int) -> None:
        """Ask, or move without asking."""
        absences = [absence for absence in self.absences if absence.displacement]
        absence = absences[number % len(absences)]
        due = [(visit, row) for visit, row in self.rows() if row in absence.rows and row.state == "proposed"]
        assert absence.displacement is not None
        displacement = Displacement.objects.get(pk=absence.displacement)
        code = outcome(lambda: send_proposals(displacement_id=displacement.pk, caller=self.ward.place.staff))
        assert code == ("done" if due else "proposal-over")
        for visit, row in sorted(due, key=lambda pair: pair[1].pk):
            if not displacement.moves_without_asking:
                row.state = "asked"
            elif self._in_the_way(visit, row):
                row.state = "to_call"
            else:
                self._moved(visit, row, "moved")

    def _in_the_way(self, visit: Visit, row: Row) -> str:
        """Return what refuses the held time, if anything does."""
        assert row.start is not None
        assert row.end is not None
        others = [one for one in self.visits if one.patient == visit.patient and one is not visit]
        if any(one.meets(row.start, row.end) for one in others):
            return "patient-overlap"
        return "outside-availability" if self.is_away(row.provider or 0, row.start, row.end) else ""

    def _moved(self, visit: Visit, row: Row, state: str) -> None:
        assert row.start is not None
        assert row.end is not None
        visit.provider, visit.start, visit.end = row.provider or 0, row.start, row.end
        visit.status, visit.displaced, row.state = "booked", False, state

    @precondition(lambda self: any(True for _ in self.rows()))
    @rule(number=which, says=st.sampled_from(["yes", "yes", "no", "silence", "call"]))
    def answer(self, number: int, says: str) -> None:
        """Say yes or no, nothing at all, or let the desk put it on the call list."""
        known = list(self.rows())
        standing = [pair for pair in known if pair[1].state in HELD]
        pool = standing if standing and number < 9 else known
        visit, row = pool[number % len(pool)]
        staff = self.ward.place.staff
        if says == "yes":
            refused = self._in_the_way(visit, row) if row.state in HELD else "proposal-over"
            assert outcome(lambda: accept_proposal(displaced_visit_id=row.pk, caller=staff)) == (refused or "done")
            if not refused:
                self._moved(visit, row, "accepted")
        elif says == "no":
            code = outcome(lambda: decline_proposal(displaced_visit_id=row.pk, caller=staff))
            assert code == ("done" if row.state in HELD else "proposal-over")
            row.state = "declined" if row.state in HELD else row.state
        elif says == "call":
            code = outcome(lambda: to_call_list(displaced_visit_id=row.pk, caller=staff))
            assert code == ("done" if row.state in OPEN else "proposal-over")
            row.state = "to_call" if row.state in OPEN else row.state
        elif row.state in HELD:
            ago = timezone.now() - dt.timedelta(seconds=1)
            DisplacedVisit.objects.filter(pk=row.pk).update(expires_at=ago)
            end_proposal(displaced_visit_id=row.pk)
            row.state = "lapsed" if row.state == "asked" else "to_call"

    @precondition(lambda self: self.absences)
    @rule(number=which, undone=st.booleans())
    def come_back(self, number: int, undone: bool) -> None:
        """Undo it all, or withdraw the time off as an edit of hours."""
        absence = self.absences[number % len(self.absences)]
        if undone and absence.displacement:
            too_late = any(row.state in {"accepted", "moved", "declined"} for row in absence.rows)
            pk, staff = absence.displacement, self.ward.place.staff
            code = outcome(lambda: undo_displacement(displacement_id=pk, caller=staff))
            assert code == ("answered-already" if too_late else "done")
            if too_late:
                return
        elif absence.stands:
            away = TimeOff.objects.get(pk=absence.time_off)
            withdraw_time_off(time_off_id=away.pk, version=away.version)
            restore_after_time_off(said(TimeOffChanged(away.pk)))
        absence.stands = False
        for visit, row in self.rows():
            is_free = not self.is_away(visit.provider, visit.start, visit.end)
            if row in absence.rows and row.state in OPEN and visit.status in MOVABLE and is_free:
                visit.displaced, row.state = False, "restored"

    @precondition(lambda self: self.visits)
    @rule(number=which, act=st.sampled_from(["cancel", "arrive", "back"]))
    def change(self, number: int, act: str) -> None:
        """Cancel a visit, let its patient come, or take that back."""
        visit = self.visits[number % len(self.visits)]
        words = self.on(visit)
        if act == "cancel" and outcome(lambda: cancel_appointment(reason="clinic_other", **words)) == "done":
            visit.status = "cancelled"
            self._follow(visit, "cancelled")
        elif act == "arrive" and outcome(lambda: advance_appointment(step="arrive", **words)) == "done":
            visit.status = "arrived"
            self._follow(visit, "restored")
        elif act == "back" and outcome(lambda: undo_last_step(**words)) == "done":
            visit.status = Appointment.objects.values_list("status", flat=True).get(pk=visit.pk)
            self._follow(visit, "to_call")

    def _follow(self, visit: Visit, state: str) -> None:
        if visit.displaced and visit.row is not None:
            visit.row.state = state

    @invariant()
    def visits_stand_where_the_model_s_do(self) -> None:
        """Have each visit where it should be, marked where its time is closed under it, with its row in the right state."""
        columns = ("pk", "status", "starts_at", "provider_id", "displaced")
        rows = {row[0]: row[1:] for row in Appointment.objects.values_list(*columns)}
        states = dict(DisplacedVisit.objects.values_list("pk", "state"))
        for visit in self.visits:
            assert rows[visit.pk] == (
                visit.status, visit.start, self.providers[visit.provider], visit.displaced,
            )  # fmt: skip
            if visit.row is not None:
                assert states[visit.row.pk] == visit.row.state

    @invariant()
    def a_time_is_held_for_each_that_waits_and_for_nobody_else(self) -> None:
        """Hold the proposed times, and no others."""
        held = {row.pk: (row.start, self.providers[row.provider or 0]) for _, row in self.rows() if row.state in HELD}
        holds = Hold.objects.values_list("displaced_visit", "starts_at", "provider_id")
        assert {row: (start, provider) for row, start, provider in holds} == held

    @invariant()
    def every_promise_holds(self) -> None:
        """Let the judge find nothing."""
        assert [str(found) for found in broken()] == []


@pytest.mark.django_db
@pytest.mark.timeout(7200)
def test_whatever_is_asked_around_time_off_in_whatever_order() -> None:
    run_state_machine_as_test(
        TimeOffMachine,
        settings=chosen(
            max_examples=rounds(quick=10, full=1000), stateful_step_count=rounds(quick=20, full=40), deadline=None
        ),
    )
