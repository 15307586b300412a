"""A provider who runs late: worked out from where the day stands, and told to whoever has not left home."""

import datetime as dt
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from appointments.events import ProviderRunsLate
from appointments.models import Appointment
from appointments.queries.lateness import late_visits
from appointments.rules.lateness import Ahead, delays, told_minutes
from appointments.services.telling_late import tell_late, tell_late_by_themselves
from mediconnect.outbox.models import Fact
from mediconnect.outbox.rules import name_of
from providers.models import Clinic

from .conftest import SmallClinic

NOON = dt.datetime(2026, 5, 4, 12, tzinfo=dt.UTC)


def minutes(count: int) -> dt.timedelta:
    return dt.timedelta(minutes=count)


def ahead(start: int, length: int = 30) -> Ahead:
    return Ahead(id=uuid.uuid4(), starts_at=NOON + minutes(start), length=minutes(length), here=False)


def test_a_delay_is_handed_on_until_a_gap_takes_it_up() -> None:
    first, second, after_lunch = ahead(0), ahead(30), ahead(120)
    late = delays([after_lunch, second, first], free_from=NOON + minutes(20))
    assert late == {first.id: minutes(20), second.id: minutes(20), after_lunch.id: minutes(0)}


def test_whoever_is_free_early_begins_nothing_early() -> None:
    one = ahead(30)
    assert delays([one], free_from=NOON) == {one.id: minutes(0)}


@pytest.mark.parametrize(("late", "told"), [(0, 0), (4, 0), (5, 5), (24, 20), (61, 60)])
def test_a_delay_is_told_in_fives_and_never_as_more_than_it_is(late: int, told: int) -> None:
    assert told_minutes(minutes(late)) == told


@pytest.fixture
def day(place: SmallClinic) -> dict[str, Appointment]:
    """Somebody has been with the provider for ten of thirty minutes, forty minutes late; two more are booked after."""
    now = timezone.now().replace(second=0, microsecond=0)
    made = {}
    for number, (name, start, status) in enumerate(
        [("now", -40, "in_progress"), ("next", 5, "booked"), ("last", 35, "confirmed")]
    ):
        columns: dict[str, Any] = {}
        if status == "in_progress":
            columns = {"arrived_at": now - minutes(50), "started_at": now - minutes(0)}
        made[name] = Appointment.objects.create(
            clinic=place.clinic,
            provider=place.provider,
            appointment_type=place.kind,
            patient=place.patients[number],
            starts_at=now + minutes(start),
            ends_at=now + minutes(start + 30),
            status=status,
            **columns,
        )
    return made


def facts() -> list[tuple[uuid.UUID | None, int]]:
    return [
        (fact.aggregate_id, fact.args["minutes"])
        for fact in Fact.objects.filter(name=name_of(ProviderRunsLate)).order_by("created_at", "id")
    ]


def test_the_delay_of_each_visit_ahead_is_found_in_one_statement(
    place: SmallClinic, day: dict[str, Appointment]
) -> None:
    with CaptureQueriesContext(connection) as asked:
        late = late_visits([place.clinic.pk])[place.clinic.pk]
    assert len(asked) == 1
    assert [(one.appointment_id, one.minutes) for one in late] == [(day["next"].pk, 25), (day["last"].pk, 25)]


def test_a_clinic_that_set_nothing_tells_nobody_by_itself(place: SmallClinic, day: dict[str, Appointment]) -> None:
    assert tell_late_by_themselves() == 0
    assert facts() == []


def test_each_visit_is_told_once_from_the_clinic_s_threshold_on(
    place: SmallClinic, day: dict[str, Appointment]
) -> None:
    Clinic.objects.filter(pk=place.clinic.pk).update(tells_late_from=30)
    assert tell_late_by_themselves() == 0
    Clinic.objects.filter(pk=place.clinic.pk).update(tells_late_from=25)
    assert tell_late_by_themselves() == 2
    assert tell_late_by_themselves() == 0
    assert facts() == [(day["next"].pk, 25), (day["last"].pk, 25)]


def test_the_desk_tells_whom_it_chooses_of_its_own_clinic(place: SmallClinic, day: dict[str, Appointment]) -> None:
    chosen = {day["now"].pk: 30, day["next"].pk: 30}
    assert tell_late(clinic_id=place.clinic.pk, minutes=chosen, caller=place.staff) == 1
    assert tell_late(clinic_id=place.provider.pk, minutes={day["last"].pk: 30}, caller=place.staff) == 0
    assert facts() == [(day["next"].pk, 30)]


def test_whoever_should_have_come_long_ago_keeps_nobody_waiting(
    place: SmallClinic, day: dict[str, Appointment]
) -> None:
    Appointment.objects.filter(pk=day["now"].pk).update(started_at=timezone.now() - minutes(40))
    late = late_visits([place.clinic.pk], now=day["next"].starts_at + minutes(31))[place.clinic.pk]
    assert late == []
