"""A move taken back: the visit stands where it stood, as it stood, or the answer says why not."""

from typing import Any

import pytest

from appointments.errors import NothingToUndo, OutsideAvailability, PatientOverlap, SlotTaken
from appointments.models import Appointment, Claim, Status
from appointments.services.booking import Override, book_appointment
from appointments.services.cancelling import cancel_appointment
from appointments.services.flow import advance_appointment
from appointments.services.moving import reschedule_appointment
from appointments.services.moving_back import move_back
from appointments.services.noting import note_appointment
from appointments.services.undoing import undo_last_step
from mediconnect.api.versions import Expected
from mediconnect.errors import NotFound, VersionConflict
from mediconnect.outbox.models import Fact
from mediconnect.records.identifiers import uuid7
from providers.models import AppointmentType, Opening
from tests.appointments.conftest import SmallClinic, add_room
from tests.concurrency.clinics import second_provider

pytestmark = pytest.mark.django_db


def words(place: SmallClinic, visit: Appointment) -> dict[str, Any]:
    return {
        "appointment_id": visit.pk,
        "expected": Expected(visit.version, by_header=False),
        "caller": place.staff,
    }


def booked(place: SmallClinic, hour: int, **changes: Any) -> Appointment:
    return book_appointment(place.booking(place.at(hour), **changes), caller=place.staff)[0]


def moved(place: SmallClinic, visit: Appointment, hour: int, **changes: Any) -> Appointment:
    return reschedule_appointment(start=place.at(hour), **words(place, visit), **changes)[0]


def test_time_provider_room_and_length_are_as_they_were(place: SmallClinic) -> None:
    room = add_room(place)
    other = second_provider(place)
    visit = booked(place, 9, minutes=45)
    gone = moved(place, visit, 14, provider_id=other.pk, minutes=20)
    back = move_back(**words(place, gone))
    back.refresh_from_db()
    assert (back.starts_at, back.ends_at) == (visit.starts_at, visit.ends_at)
    assert (back.provider_id, back.room_id, back.version) == (place.provider.pk, room.pk, 3)
    claims = Claim.objects.filter(appointment=visit)
    assert {claim.resource_id: claim.during.lower for claim in claims} == {
        place.provider.pk: visit.starts_at,
        room.pk: visit.starts_at,
    }
    facts = Fact.objects.filter(name__endswith="AppointmentMoved", aggregate_id=visit.pk)
    assert facts.count() == 2


def test_a_confirmation_is_restored_and_can_still_be_undone(place: SmallClinic) -> None:
    visit = advance_appointment(step="confirm", **words(place, booked(place, 9)))
    gone = moved(place, visit, 14)
    assert gone.status == Status.BOOKED
    back = move_back(**words(place, gone))
    assert back.status == Status.CONFIRMED
    assert undo_last_step(**words(place, back)).status == Status.BOOKED


def test_an_override_is_restored_with_who_and_why(place: SmallClinic) -> None:
    booked(place, 9, patient=1)
    visit = booked(place, 9, override=Override(place.desk.pk, "in pain"))
    gone = moved(place, visit, 14)
    assert gone.override_reason == ""
    back = move_back(**words(place, gone))
    assert (back.override_reason, back.overridden_by_id) == ("in pain", place.desk.pk)
    assert not Claim.objects.get(appointment=visit).exclusive


def test_one_that_became_an_override_by_its_move_is_none_again(place: SmallClinic) -> None:
    booked(place, 14, patient=1)
    gone = moved(place, booked(place, 9), 14, override=Override(place.desk.pk, "in pain"))
    back = move_back(**words(place, gone))
    assert (back.override_reason, back.overridden_by_id) == ("", None)
    assert Claim.objects.get(appointment=back).exclusive


def test_taken_back_twice_it_is_moved_again(place: SmallClinic) -> None:
    gone = moved(place, booked(place, 9), 14)
    back = move_back(**words(place, gone))
    assert move_back(**words(place, back)).starts_at == place.at(14)


def test_another_room_where_its_own_was_given_away(place: SmallClinic) -> None:
    rooms = [add_room(place, f"Room {number}") for number in (1, 2)]
    other = second_provider(place)
    gone = moved(place, booked(place, 9), 14)
    assert booked(place, 9, patient=1, provider_id=other.pk).room_id == rooms[0].pk
    assert move_back(**words(place, gone)).room_id == rooms[1].pk


def test_the_time_was_given_to_somebody_else(place: SmallClinic) -> None:
    gone = moved(place, booked(place, 9), 14)
    booked(place, 9, patient=1)
    with pytest.raises(SlotTaken) as refused:
        move_back(**words(place, gone))
    assert refused.value.extra["alternatives"]
    gone.refresh_from_db()
    assert (gone.starts_at, gone.version) == (place.at(14), 2)


def test_no_room_is_left(place: SmallClinic) -> None:
    add_room(place)
    other = second_provider(place)
    gone = moved(place, booked(place, 9), 14)
    booked(place, 9, patient=1, provider_id=other.pk)
    with pytest.raises(SlotTaken):
        move_back(**words(place, gone))


def test_the_patient_is_elsewhere_by_now_whatever_the_override(place: SmallClinic) -> None:
    other = second_provider(place)
    gone = moved(place, booked(place, 9, override=Override(place.desk.pk, "in pain")), 14)
    there = booked(place, 9, provider_id=other.pk)
    with pytest.raises(PatientOverlap) as refused:
        move_back(**words(place, gone))
    assert refused.value.extra["appointment"] == str(there.pk)


def test_the_hours_are_closed_by_now(place: SmallClinic) -> None:
    gone = moved(place, booked(place, 9), 14)
    opening = Opening.objects.get()
    opening.during = type(opening.during)(place.at(12), opening.during.upper)
    opening.save()
    with pytest.raises(OutsideAvailability):
        move_back(**words(place, gone))


def test_a_daily_limit_that_was_reached_meanwhile_does_not_hold_it_back(place: SmallClinic) -> None:
    AppointmentType.objects.filter(pk=place.kind.pk).update(daily_limit=1)
    visit = booked(place, 9)
    gone = reschedule_appointment(start=place.at(9, days=3), **words(place, visit))[0]
    booked(place, 11, patient=1)
    assert move_back(**words(place, gone)).starts_at == visit.starts_at


def test_a_seat_in_the_group_is_taken_again(place: SmallClinic) -> None:
    AppointmentType.objects.filter(pk=place.kind.pk).update(capacity=2)
    first, second = booked(place, 9), booked(place, 9, patient=1)
    gone = moved(place, first, 14)
    third = booked(place, 9, patient=2)
    assert (second.seat, third.seat) == (2, 1)
    with pytest.raises(SlotTaken):
        move_back(**words(place, gone))
    cancel_appointment(reason="clinic_other", **words(place, second))
    back = move_back(**words(place, gone))
    assert (back.session_id, back.seat) == (first.session_id, 2)


@pytest.mark.parametrize("after", ["booking", "step", "note", "cancellation", "a move that changed nothing"])
def test_what_was_no_move_is_not_moved_back(place: SmallClinic, after: str) -> None:
    visit = booked(place, 9)
    if after != "booking":
        visit = moved(place, visit, 14)
    if after == "step":
        visit = advance_appointment(step="confirm", **words(place, visit))
    if after == "note":
        visit = note_appointment(notes={"internal_note": "brings a cane"}, **words(place, visit))
    if after == "cancellation":
        visit = cancel_appointment(reason="clinic_other", **words(place, visit))
    if after == "a move that changed nothing":
        visit = moved(place, visit, 14)
    with pytest.raises(NothingToUndo):
        move_back(**words(place, visit))


def test_somebody_changed_it_since(place: SmallClinic) -> None:
    visit = booked(place, 9)
    gone = moved(place, visit, 14)
    note_appointment(notes={"internal_note": "brings a cane"}, **words(place, gone))
    with pytest.raises(VersionConflict):
        move_back(**words(place, gone))


def test_there_is_no_such_visit(place: SmallClinic) -> None:
    with pytest.raises(NotFound):
        move_back(appointment_id=uuid7(), expected=Expected(1, by_header=False), caller=place.staff)
