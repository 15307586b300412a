"""Visits that are over, brought from another system: written as they ended, with no word said."""

import datetime as dt

import pytest

from appointments.errors import PatientOverlap, SlotTaken
from appointments.models import Claim, Source
from appointments.services.recording import PastVisit, record_past_visit
from mediconnect.errors import Invalid, NotFound
from mediconnect.operations.verifying import broken
from mediconnect.outbox.models import Fact
from providers.models import AppointmentType
from tests.appointments.conftest import SmallClinic


def past(place: SmallClinic, patient: int = 0, *, days: int = -100, hour: int = 9, **changes: object) -> PastVisit:
    words = {
        "appointment_type_id": place.kind.pk,
        "provider_id": place.provider.pk,
        "patient_id": place.patients[patient].pk,
        "start": place.at(hour, days=days),
        "status": "completed",
    }
    return PastVisit(**(words | changes))  # type: ignore[arg-type]


def test_a_completed_visit_keeps_the_time_that_it_took_whatever_the_hours_are_now(place: SmallClinic) -> None:
    AppointmentType.objects.filter(pk=place.kind.pk).update(buffer_after=15)
    visit = record_past_visit(past(place, minutes=45), caller=place.staff)
    assert (visit.status, visit.source, visit.ended_at) == ("completed", Source.IMPORTED, visit.ends_at)
    assert visit.ends_at - visit.starts_at == dt.timedelta(minutes=45)
    assert Claim.objects.filter(appointment=visit).count() == 1
    assert not Fact.objects.filter(name__startswith="appointments.").exists()
    assert broken() == []


@pytest.mark.parametrize(("status", "reason"), [("cancelled", "clinic_other"), ("no_show", "")])
def test_what_did_not_take_place_takes_no_time(place: SmallClinic, status: str, reason: str) -> None:
    visit = record_past_visit(past(place, status=status), caller=place.staff)
    assert (visit.status, visit.cancellation_reason, visit.ended_at) == (status, reason, visit.starts_at)
    assert not Claim.objects.exists()
    record_past_visit(past(place, 1), caller=place.staff)
    assert broken() == []


def test_history_has_nobody_in_two_places_either(place: SmallClinic) -> None:
    record_past_visit(past(place), caller=place.staff)
    with pytest.raises(SlotTaken):
        record_past_visit(past(place, 1), caller=place.staff)
    with pytest.raises(PatientOverlap):
        record_past_visit(past(place), caller=place.staff)


@pytest.mark.parametrize(
    "changes", [{"days": 2}, {"status": "booked"}, {"status": "arrived"}, {"minutes": 7}, {"minutes": 500}]
)
def test_what_is_not_over_or_cannot_have_been_is_refused(place: SmallClinic, changes: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        record_past_visit(past(place, **changes), caller=place.staff)  # type: ignore[arg-type]


def test_groups_are_refused_and_so_is_what_is_not_offered(place: SmallClinic) -> None:
    group = AppointmentType.objects.create(clinic=place.clinic, name="Yoga", capacity=4)
    with pytest.raises(Invalid):
        record_past_visit(past(place, appointment_type_id=group.pk), caller=place.staff)
    AppointmentType.objects.filter(pk=group.pk).update(active=False)
    with pytest.raises(NotFound):
        record_past_visit(past(place, appointment_type_id=group.pk), caller=place.staff)
