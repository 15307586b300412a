"""How long a visit lasts: as long as its terms say, or as somebody at the desk said, and what it keeps when it moves."""

import datetime as dt
from typing import Any

import pytest

from appointments.errors import GroupLength, SlotTaken
from appointments.models import Appointment, Claim, Status
from appointments.services.booking import Override, book_appointment
from appointments.services.flow import advance_appointment
from appointments.services.holding import place_hold
from appointments.services.moving import reschedule_appointment
from mediconnect.api.versions import Expected
from mediconnect.errors import Invalid, NotPermitted
from providers.models import AppointmentType, PractitionerRole, Provider, TypeOverride
from tests.appointments.conftest import SmallClinic, add_room
from tests.concurrency.clinics import second_provider
from tests.http import Api, code

pytestmark = pytest.mark.django_db


def move(place: SmallClinic, visit: Appointment, hour: int, minute: int = 0, **changes: Any) -> Appointment:
    words: dict[str, Any] = {"caller": place.staff, "expected": Expected(visit.version, by_header=False)} | changes
    return reschedule_appointment(appointment_id=visit.pk, start=place.at(hour, minute), **words)[0]


def booked(place: SmallClinic, hour: int, minute: int = 0, **changes: Any) -> Appointment:
    return book_appointment(place.booking(place.at(hour, minute), **changes), caller=place.staff)[0]


def minutes(visit: Appointment) -> float:
    visit.refresh_from_db()
    return (visit.ends_at - visit.starts_at) / dt.timedelta(minutes=1)


def test_a_visit_is_lengthened_and_shortened_with_its_claims(place: SmallClinic) -> None:
    AppointmentType.objects.filter(pk=place.kind.pk).update(buffer_after=10)
    visit = booked(place, 9)
    for length in (45, 5, 480):
        visit = move(place, visit, 9, minutes=length)
        during = Claim.objects.get(appointment=visit).during
        assert minutes(visit) == length
        assert during.upper - during.lower == dt.timedelta(minutes=length + 10)


def test_a_longer_visit_is_refused_where_the_next_one_begins(place: SmallClinic) -> None:
    visit, _next = booked(place, 9), booked(place, 9, 30, patient=1)
    with pytest.raises(SlotTaken) as refused:
        move(place, visit, 9, minutes=35)
    assert minutes(visit) == 30
    offers = refused.value.extra["alternatives"]
    assert [
        dt.datetime.fromisoformat(offer["end"]) - dt.datetime.fromisoformat(offer["start"]) for offer in offers
    ] == [dt.timedelta(minutes=35)] * 3


def test_a_longer_visit_may_be_laid_over_the_next_one_on_purpose(place: SmallClinic) -> None:
    visit, _next = booked(place, 9), booked(place, 9, 30, patient=1)
    over = move(place, visit, 9, minutes=60, override=Override(place.desk.pk, "needs the interpreter"))
    assert (minutes(over), over.overridden_by_id) == (60, place.desk.pk)


@pytest.mark.parametrize("length", [0, -5, 4, 7, 485, 100_000])
def test_no_visit_has_such_a_length(place: SmallClinic, length: int) -> None:
    visit = booked(place, 9)
    for ask in (
        lambda: move(place, visit, 9, minutes=length),
        lambda: booked(place, 12, minutes=length),
        lambda: place_hold(
            appointment_type_id=place.kind.pk,
            provider_id=place.provider.pk,
            start=place.at(14),
            caller=place.staff,
            minutes=length,
        ),
    ):
        with pytest.raises(Invalid) as refused:
            ask()
        assert list(refused.value.extra["errors"]) == ["minutes"]


def test_a_patient_does_not_say_how_long_a_visit_lasts(place: SmallClinic) -> None:
    visit = booked(place, 9)
    with pytest.raises(NotPermitted):
        move(place, visit, 9, minutes=45, caller=place.patient_caller())


def test_a_length_made_by_hand_is_kept_with_the_same_provider_and_with_another(place: SmallClinic) -> None:
    other = second_provider(place)
    TypeOverride.objects.create(provider=other, appointment_type=place.kind, duration=20)
    visit = move(place, booked(place, 9), 9, minutes=50)
    visit = move(place, visit, 11)
    assert minutes(visit) == 50
    assert minutes(move(place, visit, 11, provider_id=other.pk)) == 50


def test_a_usual_length_becomes_the_new_provider_s_own(place: SmallClinic) -> None:
    other = second_provider(place)
    TypeOverride.objects.create(provider=other, appointment_type=place.kind, duration=20)
    visit = move(place, booked(place, 9), 9, provider_id=other.pk)
    assert minutes(visit) == 20
    assert minutes(move(place, visit, 9, provider_id=place.provider.pk)) == 30


def test_a_visit_leaves_a_provider_who_has_left(place: SmallClinic) -> None:
    other = second_provider(place)
    visit = move(place, booked(place, 9), 9, minutes=50)
    PractitionerRole.objects.filter(provider=place.provider).update(active=False)
    Provider.objects.filter(pk=place.provider.pk).update(active=False)
    assert minutes(move(place, visit, 9, provider_id=other.pk)) == 50


def test_a_visit_keeps_the_length_it_was_booked_with_when_the_type_changes(place: SmallClinic) -> None:
    visit = booked(place, 9)
    AppointmentType.objects.filter(pk=place.kind.pk).update(duration=20)
    assert minutes(move(place, visit, 10)) == 30


def test_a_moved_visit_stays_in_its_room_while_that_is_free(place: SmallClinic) -> None:
    rooms = [add_room(place, f"Room {number}") for number in (1, 2)]
    over = Override(place.desk.pk, "two at once")
    first, second = booked(place, 9), booked(place, 9, patient=1, override=over)
    assert [first.room_id, second.room_id] == [room.pk for room in rooms]
    assert move(place, second, 14, minutes=45).room_id == rooms[1].pk
    assert move(place, first, 14, override=over).room_id == rooms[0].pk
    assert move(place, booked(place, 11, patient=2), 14, 30, override=over).room_id == rooms[0].pk


def test_a_group_s_visit_has_no_length_of_its_own(place: SmallClinic) -> None:
    AppointmentType.objects.filter(pk=place.kind.pk).update(capacity=2)
    visit = booked(place, 9)
    with pytest.raises(GroupLength) as refused:
        move(place, visit, 9, minutes=45)
    assert (refused.value.code, refused.value.status) == ("group-length", 422)
    with pytest.raises(GroupLength):
        booked(place, 12, patient=1, minutes=45)
    assert minutes(move(place, visit, 10, minutes=30)) == 30
    beside = booked(place, 12, patient=1, minutes=45, override=Override(place.desk.pk, "alone"))
    assert (minutes(beside), beside.seat) == (45, None)
    assert minutes(move(place, beside, 13)) == 30


def test_booking_and_holding_at_another_length(place: SmallClinic) -> None:
    hold, _ = place_hold(
        appointment_type_id=place.kind.pk,
        provider_id=place.provider.pk,
        start=place.at(9),
        caller=place.staff,
        minutes=60,
    )
    with pytest.raises(SlotTaken):
        booked(place, 9, 45, patient=1)
    visit = booked(place, 9, hold_id=hold.pk, minutes=60)
    assert (minutes(visit), Claim.objects.count()) == (60, 1)


def test_over_http_the_desk_says_how_long_and_a_patient_may_not(place: SmallClinic) -> None:
    visit = booked(place, 9)
    path, start = f"appointments/{visit.pk}/reschedule/", place.at(9).isoformat()
    desk = Api.staff(place.desk)
    moved = desk.post(path, {"start": start, "minutes": 45, "version": 1})
    assert (moved.status_code, moved.json()["end"]) == (200, place.at(9, 45).isoformat())
    for wrong in (7, "long", 3, True, 4.5):
        refused = desk.post(path, {"start": start, "minutes": wrong, "version": 2})
        assert (refused.status_code, list(refused.json()["errors"])) == (400, ["minutes"])
    patient = Api.patient(place.users[0]).post(path, {"start": start, "minutes": 60, "version": 2})
    assert (patient.status_code, code(patient)) == (403, "not-permitted")


def test_once_the_patient_is_there_a_visit_has_its_length(place: SmallClinic) -> None:
    visit = booked(place, 9)
    visit = advance_appointment(
        appointment_id=visit.pk, step="arrive", expected=Expected(1, by_header=False), caller=place.staff
    )
    with pytest.raises(Exception, match="arrived"):
        move(place, visit, 9, minutes=45)
    visit.refresh_from_db()
    assert visit.status == Status.ARRIVED
