"""Series and single visits in any order: each change is whole or nothing, and every promise holds after each of them."""

import datetime as dt
import uuid
from collections.abc import Callable

import pytest
from django.db import transaction
from hypothesis import settings as chosen
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from appointments.models import Appointment, Series
from appointments.rules.series import Scope
from appointments.services.booking import book_appointment
from appointments.services.moving import reschedule_appointment
from appointments.services.series.booking import SeriesBooking, book_series, plan_series
from appointments.services.series.cancelling import cancel_series, restore_series
from appointments.services.series.moving import move_series
from appointments.services.series.targets import SeriesMove
from mediconnect.api.versions import Expected
from mediconnect.errors import DomainError
from mediconnect.operations.verifying import broken
from tests.appointments.conftest import small_clinic
from tests.concurrency.clinics import second_provider
from tests.counts import rounds

Seen = dict[uuid.UUID, tuple[object, ...]]

# Few times and days, so that what is asked for meets.
hours = st.integers(9, 11)
days = st.integers(2, 5)
people = st.integers(0, 2)
pairs = st.integers(0, 1)
rules = st.sampled_from(["FREQ=DAILY;COUNT=3", "FREQ=DAILY;INTERVAL=2;COUNT=2", "FREQ=WEEKLY;COUNT=2"])
scopes = st.sampled_from(list(Scope))
which = st.integers(0, 11)


class SeriesMachine(RuleBasedStateMachine):
    """A clinic with two providers and three patients, asked for series and single visits."""

    def __init__(self) -> None:
        super().__init__()
        self.undone = transaction.atomic()
        self.undone.__enter__()
        self.place = small_clinic(patients=3)
        self.providers = [self.place.provider.pk, second_provider(self.place).pk]
        self.cancelled: tuple[uuid.UUID, dict[uuid.UUID, int]] | None = None

    def teardown(self) -> None:
        """Leave nothing in the database."""
        transaction.set_rollback(True)
        self.undone.__exit__(None, None, None)

    def seen(self) -> Seen:
        """Return every visit as it is."""
        rows = Appointment.objects.values_list("pk", "version", "status", "starts_at", "provider_id")
        return {row[0]: row[1:] for row in rows}

    def whole_or_nothing(self, action: Callable[[], object]) -> bool:
        """Do it; where it is refused, see that nothing has changed. Return whether it was done."""
        before, series = self.seen(), Series.objects.count()
        try:
            with transaction.atomic():
                action()
        except DomainError:
            assert (self.seen(), Series.objects.count()) == (before, series)
            return False
        return True

    def series(self, number: int) -> Series:
        """Return one of the series."""
        found = list(Series.objects.order_by("created_at", "pk"))
        return found[number % len(found)]

    @staticmethod
    def versions(series: Series) -> dict[uuid.UUID, int]:
        """Return the versions of its visits."""
        return dict(Appointment.objects.filter(series=series).values_list("pk", "version"))

    @rule(patient=people, provider=pairs, hour=hours, day=days, rrule=rules)
    def book(self, patient: int, provider: int, hour: int, day: int, rrule: str) -> None:
        """Book a series: it is done exactly where its plan says that all of it is free."""
        wanted = SeriesBooking(
            self.place.kind.pk,
            self.providers[provider],
            self.place.patients[patient].pk,
            rrule,
            self.place.at(hour, days=day).date(),
            dt.time(hour),
        )
        free = not plan_series(wanted, caller=self.place.staff).conflicts
        assert self.whole_or_nothing(lambda: book_series(wanted, caller=self.place.staff)) == free

    @rule(patient=people, provider=pairs, hour=hours, day=days)
    def book_one(self, patient: int, provider: int, hour: int, day: int) -> None:
        """Book a single visit."""
        wish = self.place.booking(self.place.at(hour, 15, days=day), patient, provider_id=self.providers[provider])
        self.whole_or_nothing(lambda: book_appointment(wish, caller=self.place.staff))

    @precondition(lambda _self: Appointment.objects.filter(status="booked").exists())
    @rule(number=which, hour=hours, day=days)
    def move_one(self, number: int, hour: int, day: int) -> None:
        """Move a single visit, perhaps one of a series."""
        visits = list(Appointment.objects.filter(status="booked").order_by("created_at", "pk"))
        visit = visits[number % len(visits)]
        self.whole_or_nothing(
            lambda: reschedule_appointment(
                appointment_id=visit.pk,
                start=self.place.at(hour, 30, days=day),
                expected=Expected(visit.version, by_header=False),
                caller=self.place.staff,
            )
        )

    @precondition(lambda _self: Series.objects.exists())
    @rule(
        number=which,
        scope=scopes,
        seen_from=st.integers(1, 3),
        time=st.none() | hours,
        by=st.integers(-1, 1),
        to=st.none() | pairs,
    )
    def move(self, number: int, scope: Scope, seen_from: int, time: int | None, by: int, to: int | None) -> None:
        """Move what was meant: those that go are where the series says, all others where they were."""
        series, before = self.series(number), self.seen()
        wanted = SeriesMove(
            scope, seen_from, dt.time(time) if time else None, by, None if to is None else self.providers[to]
        )
        moved: list[uuid.UUID] = []

        def work() -> None:
            change = move_series(
                series_id=series.pk, wanted=wanted, versions=self.versions(series), caller=self.place.staff
            )
            moved.extend(visit.pk for visit in change.changed)

        self.whole_or_nothing(work)
        after = self.seen()
        assert {pk for pk in after if after[pk] != before[pk]} == set(moved)

    @precondition(lambda _self: Series.objects.exists())
    @rule(number=which, scope=scopes, seen_from=st.integers(1, 3))
    def cancel(self, number: int, scope: Scope, seen_from: int) -> None:
        """Cancel what was meant."""
        series = self.series(number)

        def work() -> None:
            change = cancel_series(
                series_id=series.pk,
                scope=scope,
                seen_from=seen_from,
                reason="clinic_other",
                versions=self.versions(series),
                caller=self.place.staff,
            )
            self.cancelled = (series.pk, {visit.pk: visit.version for visit in change.changed})

        self.whole_or_nothing(work)

    @precondition(lambda self: self.cancelled)
    @rule()
    def restore(self) -> None:
        """Take the last cancellation back."""
        assert self.cancelled is not None
        series, versions = self.cancelled
        self.cancelled = None
        self.whole_or_nothing(lambda: restore_series(series_id=series, versions=versions, caller=self.place.staff))

    @invariant()
    def every_promise_holds(self) -> None:
        """Let the judge find nothing, and every series have as many visits as it was booked with."""
        assert [str(found) for found in broken()] == []
        for series in Series.objects.all():
            numbers = series.visits.order_by("occurrence").values_list("occurrence", flat=True)
            assert list(numbers) == list(range(1, series.size + 1))


@pytest.mark.django_db
@pytest.mark.timeout(3600)
def test_series_in_whatever_order() -> None:
    run_state_machine_as_test(
        SeriesMachine,
        settings=chosen(
            max_examples=rounds(quick=8, full=500), stateful_step_count=rounds(quick=15, full=30), deadline=None
        ),
    )
