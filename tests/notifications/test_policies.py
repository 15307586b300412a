"""What a clinic sets about its messages is kept once, by version, and the plans of visits to come follow it."""

import datetime as dt
from collections.abc import Collection

import pytest
from django.utils import timezone

from appointments.models import Appointment
from mediconnect.errors import Invalid, NotFound
from mediconnect.records.identifiers import uuid7
from mediconnect.records.models import Change
from notifications.models import MessagePolicy, Reminder, TypeReminders
from notifications.queries.policies import policy_of, reminders_of
from notifications.rules.reasons import Why
from notifications.services.planning import plan_reminders
from notifications.services.policies import PolicyValues, Saved, save_policy, save_type_reminders
from notifications.services.replanning import Replanned
from patients.models import Patient
from providers.errors import ChangedMeanwhile
from tests.appointments.conftest import SmallClinic
from tests.factories import AppointmentTypeFactory

pytestmark = pytest.mark.django_db

WEEK, TWO_DAYS, DAY, THREE_HOURS = 10080, 2880, 1440, 180


@pytest.fixture
def planned(visit: Appointment) -> Appointment:
    """A visit in ten days with the plan that it got when it was booked a while ago."""
    Appointment.objects.filter(pk=visit.pk).update(created_at=timezone.now() - dt.timedelta(hours=1))
    plan_reminders(visit=visit, version=1, since=timezone.now())
    return visit


def saved(place: SmallClinic, values: PolicyValues, *, dry_run: bool = False) -> Saved[MessagePolicy]:
    version = policy_of(place.clinic.pk).version
    return save_policy(clinic_id=place.clinic.pk, version=version, values=values, dry_run=dry_run)


def states(visit: Appointment) -> dict[int, tuple[str, str]]:
    rows = Reminder.objects.filter(visit=visit)
    return {row.lead_minutes: (row.state, row.reason) for row in rows}


def with_plan(*leads: int) -> dict[int, tuple[str, str]]:
    return dict.fromkeys(leads, ("planned", ""))


def test_a_clinic_without_a_policy_follows_the_defaults_as_version_nought(place: SmallClinic) -> None:
    policy = policy_of(place.clinic.pk)
    assert (policy.version, policy.reminder_minutes, policy.hourly_cap) == (0, [WEEK, TWO_DAYS, THREE_HOURS], 3)
    first = save_policy(clinic_id=place.clinic.pk, version=0, values={"tells_moved": False}).record
    assert (first.version, first.tells_moved, first.reminder_minutes) == (1, False, [WEEK, TWO_DAYS, THREE_HOURS])
    second = save_policy(clinic_id=place.clinic.pk, version=1, values={"hourly_cap": 5}).record
    assert (second.version, second.tells_moved, second.hourly_cap) == (2, False, 5)
    assert [change.operation for change in Change.objects.of(second)] == ["insert", "update"]


@pytest.mark.parametrize("seen", [0, 2])
def test_whoever_saw_another_version_is_told_what_it_is_now(place: SmallClinic, seen: int) -> None:
    save_policy(clinic_id=place.clinic.pk, version=0, values={"hourly_cap": 7})
    with pytest.raises(ChangedMeanwhile) as refused:
        save_policy(clinic_id=place.clinic.pk, version=seen, values={"hourly_cap": 5})
    assert getattr(refused.value.record, "hourly_cap", 0) == 7
    assert policy_of(place.clinic.pk).hourly_cap == 7


@pytest.mark.parametrize(
    "values",
    [
        {"reminder_minutes": [WEEK, WEEK]},
        {"reminder_minutes": [60 * n for n in range(1, 8)]},
        {"reminder_minutes": [29]},
        {"reminder_minutes": [60 * 24 * 60 + 1]},
        {"hourly_cap": 0},
        {"hourly_cap": 21},
    ],
)
def test_what_cannot_be_is_refused_by_field(place: SmallClinic, values: PolicyValues) -> None:
    with pytest.raises(Invalid) as refused:
        save_policy(clinic_id=place.clinic.pk, version=0, values=values)
    assert list(refused.value.extra["errors"]) == list(values)
    assert not MessagePolicy.objects.exists()


def test_steps_are_kept_earliest_first(place: SmallClinic) -> None:
    policy = saved(place, {"reminder_minutes": [THREE_HOURS, WEEK, DAY]}).record
    policy.refresh_from_db()
    assert policy.reminder_minutes == [WEEK, DAY, THREE_HOURS]


def test_what_is_planned_follows_new_steps_at_once(place: SmallClinic, planned: Appointment) -> None:
    edit = saved(place, {"reminder_minutes": [WEEK, DAY]})
    assert edit.replanned == Replanned(added=1, dropped=2)
    dropped = ("skipped", Why.STEP_DROPPED.value)
    assert states(planned) == {**with_plan(WEEK, DAY), TWO_DAYS: dropped, THREE_HOURS: dropped}
    row = Reminder.objects.get(lead_minutes=DAY)
    assert (row.visit_version, row.visit_starts_at) == (1, planned.starts_at)
    assert row.due_at == planned.starts_at - dt.timedelta(days=1)


def test_a_step_that_comes_back_is_planned_again(place: SmallClinic, planned: Appointment) -> None:
    saved(place, {"reminder_minutes": []})
    edit = saved(place, {"reminder_minutes": [WEEK, THREE_HOURS]})
    assert edit.replanned == Replanned(added=2)
    assert states(planned) == {**with_plan(WEEK, THREE_HOURS), TWO_DAYS: ("skipped", Why.STEP_DROPPED.value)}


def test_a_dry_run_counts_and_leaves_everything_as_it_is(place: SmallClinic, planned: Appointment) -> None:
    before = states(planned)
    assert saved(place, {"reminder_minutes": [DAY]}, dry_run=True).replanned == Replanned(added=1, dropped=3)
    assert states(planned) == before
    assert not MessagePolicy.objects.exists()


def test_other_nights_put_reminders_off(place: SmallClinic, planned: Appointment) -> None:
    edit = saved(place, {"quiet_until": dt.time(11)})
    assert edit.replanned == Replanned(retimed=3)
    week = Reminder.objects.get(lead_minutes=WEEK)
    assert week.due_at.astimezone(place.clinic.zone).time() == dt.time(11)
    assert saved(place, {"quiet_until": dt.time(11)}).replanned == Replanned()


def test_other_settings_touch_no_plan(place: SmallClinic, planned: Appointment) -> None:
    assert saved(place, {"hourly_cap": 4, "tells_booked": False}).replanned == Replanned()


def test_no_new_step_is_due_already(place: SmallClinic, planned: Appointment) -> None:
    month = 30 * DAY
    assert saved(place, {"reminder_minutes": [month, WEEK, TWO_DAYS, THREE_HOURS]}).replanned == Replanned()
    assert month not in states(planned)


def test_what_was_written_or_skipped_otherwise_stays(place: SmallClinic, planned: Appointment) -> None:
    Reminder.objects.filter(lead_minutes=WEEK).update(state="skipped", reason=Why.JUST_TOLD, decided_at=timezone.now())
    saved(place, {"reminder_minutes": [DAY]})
    assert states(planned)[WEEK] == ("skipped", Why.JUST_TOLD.value)


def test_visits_that_are_cancelled_over_or_elsewhere_are_left_alone(
    place: SmallClinic, planned: Appointment, lena: Patient
) -> None:
    Appointment.objects.filter(pk=planned.pk).update(
        status="cancelled", ended_at=timezone.now(), cancellation_reason="clinic_closed"
    )
    assert saved(place, {"reminder_minutes": [DAY]}).replanned == Replanned()


def test_a_visit_booked_this_minute_is_left_to_its_own_handler(place: SmallClinic, visit: Appointment) -> None:
    assert saved(place, {"reminder_minutes": [DAY]}).replanned == Replanned()


def test_a_type_goes_its_own_way_and_back(place: SmallClinic, planned: Appointment) -> None:
    kind = place.kind.pk
    own = save_type_reminders(appointment_type_id=kind, version=0, minutes=[DAY])
    assert (own.record.version, own.replanned) == (1, Replanned(added=1, dropped=3))
    assert saved(place, {"reminder_minutes": [WEEK]}).replanned == Replanned(), "the clinic's steps are not its own now"
    none = save_type_reminders(appointment_type_id=kind, version=1, minutes=[])
    assert none.replanned == Replanned(dropped=1)
    back = save_type_reminders(appointment_type_id=kind, version=2, minutes=None)
    assert back.replanned == Replanned(added=1)
    assert states(planned)[WEEK] == ("planned", "")
    assert (reminders_of(kind).version, TypeReminders.objects.count()) == (0, 0)


def test_a_types_reminders_are_changed_by_version(place: SmallClinic) -> None:
    kind, other = place.kind.pk, AppointmentTypeFactory.create(clinic=place.clinic).pk
    save_type_reminders(appointment_type_id=kind, version=0, minutes=[DAY])
    for minutes in ([WEEK], None):
        with pytest.raises(ChangedMeanwhile):
            save_type_reminders(appointment_type_id=kind, version=0, minutes=minutes)
    assert save_type_reminders(appointment_type_id=other, version=0, minutes=None).replanned == Replanned()
    with pytest.raises(NotFound):
        save_type_reminders(appointment_type_id=uuid7(), version=0, minutes=[DAY])


@pytest.mark.parametrize("minutes", [[DAY, DAY], [1]])
def test_a_type_has_the_limits_of_the_clinic(place: SmallClinic, minutes: Collection[int]) -> None:
    with pytest.raises(Invalid):
        save_type_reminders(appointment_type_id=place.kind.pk, version=0, minutes=minutes)
