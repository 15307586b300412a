"""Somebody comes without an appointment: one step finds the time, books it and notes that the patient is there."""

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from appointments.errors import InvalidTransition, OutsideAvailability, PatientOverlap, SlotTaken
from appointments.models import Appointment, Claim, Priority, Status
from appointments.services.booking import book_appointment
from appointments.services.cancelling import cancel_appointment
from appointments.services.holding import place_hold
from appointments.services.prioritising import prioritise
from appointments.services.walk_in import OVERRIDE_REASON, add_walk_in
from mediconnect.api.versions import Expected
from mediconnect.errors import Invalid, NotFound, NotPermitted, VersionConflict
from mediconnect.outbox.models import Fact
from mediconnect.records.models import Change
from mediconnect.resilience.transactions import constraint
from providers.models import AppointmentType, Opening, PractitionerRole
from tests.appointments.conftest import SmallClinic, add_room
from tests.concurrency.clinics import at_noon, second_provider

pytestmark = pytest.mark.django_db


@pytest.fixture
def today(place: SmallClinic) -> SmallClinic:
    """The small clinic at noon."""
    return at_noon(place)


def walked_in(place: SmallClinic, patient: int = 0, **changes: Any) -> Appointment:
    words: dict[str, Any] = {
        "patient_id": place.patients[patient].pk,
        "appointment_type_id": place.kind.pk,
        "provider_id": place.provider.pk,
        "caller": place.staff,
    }
    return add_walk_in(**(words | changes))


def next_quarter() -> dt.datetime:
    now = timezone.now().replace(second=0, microsecond=0) + dt.timedelta(minutes=1)
    return now + dt.timedelta(minutes=-now.minute % 15)


def nothing_is_free(place: SmallClinic) -> None:
    """Let whoever is on duty be taken until tomorrow."""
    now = timezone.now().replace(second=0, microsecond=0)
    for hours in (-4, 4, 12, 20):
        booking = place.booking(now + dt.timedelta(hours=hours), patient=1, minutes=480)
        book_appointment(booking, caller=place.staff)


def test_the_next_free_start_is_booked_and_the_patient_is_there(today: SmallClinic) -> None:
    soonest = next_quarter()
    visit = walked_in(today, reason="cut finger")
    assert visit.starts_at in {soonest, next_quarter()}
    assert (visit.status, visit.version, visit.override_reason) == (Status.ARRIVED, 2, "")
    assert visit.arrived_at
    assert abs(visit.arrived_at - timezone.now()) < dt.timedelta(minutes=1)
    assert (visit.reason, visit.priority) == ("cut finger", Priority.ROUTINE)
    names = Fact.objects.filter(aggregate_id=visit.pk).order_by("id").values_list("name", flat=True)
    assert [name.rsplit(".", 1)[-1] for name in names] == ["AppointmentBooked", "AppointmentAdvanced"]
    assert {change.actor_id for change in Change.objects.of(visit)} == {today.desk.pk}


def test_the_second_takes_the_time_after_and_another_provider_an_earlier_one(today: SmallClinic) -> None:
    first, second = walked_in(today), walked_in(today, 1)
    assert second.starts_at >= first.ends_at
    other = second_provider(today)
    third = walked_in(today, 2, provider_id=None)
    assert (third.provider_id, third.starts_at) == (other.pk, first.starts_at)


def test_what_somebody_holds_is_not_free(today: SmallClinic) -> None:
    soonest = next_quarter()
    for start in (soonest, soonest + dt.timedelta(minutes=30)):
        place_hold(appointment_type_id=today.kind.pk, provider_id=today.provider.pk, start=start, caller=today.staff)
    assert walked_in(today).starts_at >= soonest + dt.timedelta(minutes=60)


def test_the_patient_s_own_visits_are_passed_by(today: SmallClinic) -> None:
    other = second_provider(today)
    own = book_appointment(today.booking(next_quarter(), provider_id=other.pk, minutes=60), caller=today.staff)[0]
    assert walked_in(today).starts_at >= own.ends_at


def test_nothing_is_free_so_it_begins_now_over_what_is_there(today: SmallClinic) -> None:
    nothing_is_free(today)
    visit = walked_in(today)
    assert dt.timedelta() <= timezone.now() - visit.starts_at < dt.timedelta(minutes=6)
    assert visit.starts_at.minute % 5 == 0
    assert (visit.override_reason, visit.overridden_by_id) == (OVERRIDE_REASON, today.desk.pk)
    assert not Claim.objects.get(appointment=visit).exclusive


def test_without_the_right_to_override_it_is_refused(today: SmallClinic) -> None:
    nothing_is_free(today)
    with pytest.raises(SlotTaken):
        walked_in(today, may_override=False)
    assert not Appointment.objects.filter(patient=today.patients[0]).exists()


def test_nobody_works_today_and_the_desk_decides(today: SmallClinic) -> None:
    Opening.objects.all().delete()
    with pytest.raises(OutsideAvailability):
        walked_in(today, provider_id=None, may_override=False)
    assert walked_in(today, provider_id=None).override_reason == OVERRIDE_REASON


def test_with_anybody_it_is_laid_over_whoever_is_there_and_done_soonest(today: SmallClinic) -> None:
    busy, away = second_provider(today, "Dr. Aaron Ames"), second_provider(today, "Dr. Abel Ames")
    nothing_is_free(today)
    Opening.objects.filter(resource__in=[busy.pk, away.pk]).delete()
    assert walked_in(today, provider_id=None).provider_id == today.provider.pk


def test_a_patient_who_has_a_visit_now_is_told_so(today: SmallClinic) -> None:
    nothing_is_free(today)
    with pytest.raises(PatientOverlap):
        walked_in(today, 1)


def test_a_room_is_taken_with_it(today: SmallClinic) -> None:
    room = add_room(today)
    assert walked_in(today).room_id == room.pk


def test_a_group_seats_whoever_walks_in(today: SmallClinic) -> None:
    AppointmentType.objects.filter(pk=today.kind.pk).update(capacity=2)
    visits = [walked_in(today, patient) for patient in range(2)]
    assert [visit.seat for visit in visits] == [1, 2]


def test_whom_there_is_not_and_what_nobody_offers(today: SmallClinic) -> None:
    with pytest.raises(NotFound):
        walked_in(today, patient_id=today.kind.pk)
    PractitionerRole.objects.update(active=False)
    for provider in (None, today.provider.pk):
        with pytest.raises(NotFound):
            walked_in(today, provider_id=provider)


def test_patients_do_not_walk_in_by_themselves(today: SmallClinic) -> None:
    with pytest.raises(NotPermitted):
        walked_in(today, caller=today.patient_caller())


def test_an_urgent_one_is_written_down_as_such(today: SmallClinic) -> None:
    assert walked_in(today, priority=Priority.URGENT).priority == Priority.URGENT
    with pytest.raises(Invalid):
        walked_in(today, 1, priority="at once")


def test_a_visit_becomes_urgent_and_routine_again_and_the_history_says_who(place: SmallClinic) -> None:
    visit = book_appointment(place.booking(place.at(9)), caller=place.staff)[0]
    for version, priority in enumerate((Priority.URGENT, Priority.ROUTINE), start=1):
        visit = prioritise(
            appointment_id=visit.pk,
            priority=priority,
            expected=Expected(version, by_header=False),
            caller=place.staff,
        )
        assert (visit.priority, visit.version) == (priority, version + 1)
        change = Change.objects.of(visit).last()
        assert change
        assert (change.after, change.actor_id) == ({"priority": priority}, place.desk.pk)
    assert Fact.objects.filter(name__endswith="AppointmentPrioritised").count() == 2


def test_priority_is_refused_as_other_changes_are(place: SmallClinic) -> None:
    visit = book_appointment(place.booking(place.at(9)), caller=place.staff)[0]
    words: dict[str, Any] = {"appointment_id": visit.pk, "priority": Priority.URGENT, "caller": place.staff}
    first = Expected(1, by_header=False)
    with pytest.raises(VersionConflict):
        prioritise(**words, expected=Expected(2, by_header=False))
    with pytest.raises(Invalid):
        prioritise(**words | {"priority": "at once"}, expected=first)
    with pytest.raises(NotPermitted):
        prioritise(**words | {"caller": place.patient_caller()}, expected=first)
    with pytest.raises(NotFound):
        prioritise(**words | {"appointment_id": place.kind.pk}, expected=first)
    cancel_appointment(appointment_id=visit.pk, reason="clinic_other", expected=first, caller=place.staff)
    with pytest.raises(InvalidTransition):
        prioritise(**words, expected=Expected(2, by_header=False))


def test_the_database_knows_no_third_priority(place: SmallClinic) -> None:
    visit = book_appointment(place.booking(place.at(9)), caller=place.staff)[0]
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Appointment.objects.filter(pk=visit.pk).update(priority="at once")
    assert constraint(refused.value) == "a_visit_has_a_known_priority"
