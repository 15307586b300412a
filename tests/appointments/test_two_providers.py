"""Two providers together, or nothing: both are claimed, both are open, and whoever is in the way is named."""

import datetime as dt
from typing import Any

import pytest

from appointments.errors import HoldMismatch, NoSecondProvider, OutsideAvailability, SlotTaken
from appointments.models import Appointment, Claim, Hold
from appointments.queries.availability import Wanted, free_time
from appointments.queries.explaining import explain
from appointments.services.booking import book_appointment
from appointments.services.cancelling import cancel_appointment
from appointments.services.holding import place_hold
from appointments.services.moving import reschedule_appointment
from appointments.services.moving_back import move_back
from appointments.services.undoing import undo_last_step
from mediconnect.api.versions import Expected
from mediconnect.errors import NotFound, NotPermitted
from providers.models import AppointmentType, Device, Opening, PractitionerRole, Provider, TimeOff
from tests.appointments.conftest import SmallClinic, add_room, small_clinic
from tests.concurrency.clinics import second_provider
from tests.http import Api

pytestmark = pytest.mark.django_db


@pytest.fixture
def second(place: SmallClinic) -> Provider:
    return second_provider(place)


def together(place: SmallClinic, second: Provider, hour: int = 9, patient: int = 0, **changes: Any) -> Appointment:
    wished = place.booking(place.at(hour), patient, second_provider_id=second.pk, **changes)
    return book_appointment(wished, caller=place.staff)[0]


def words(place: SmallClinic, visit: Appointment) -> dict[str, Any]:
    return {"appointment_id": visit.pk, "expected": Expected(visit.version, by_header=False), "caller": place.staff}


def claimed(visit: Appointment) -> set[Any]:
    return set(Claim.objects.filter(appointment=visit).values_list("resource", flat=True))


def test_both_providers_room_and_device_are_claimed_together(place: SmallClinic, second: Provider) -> None:
    room = add_room(place)
    device = Device.objects.create(name="Ultrasound", clinic=place.clinic, category="ultrasound")
    AppointmentType.objects.filter(pk=place.kind.pk).update(device_kind="ultrasound")
    visit = together(place, second)
    assert claimed(visit) == {place.provider.pk, second.pk, room.pk, device.pk}


@pytest.mark.parametrize("missing", ["second", "room", "device"])
def test_where_one_is_missing_nothing_is_booked(place: SmallClinic, second: Provider, missing: str) -> None:
    add_room(place)
    Device.objects.create(name="Ultrasound", clinic=place.clinic, category="ultrasound")
    third = second_provider(place, "Dr. Nadia Ferro")
    AppointmentType.objects.filter(pk=place.kind.pk).update(device_kind="ultrasound")
    # Somebody has the room alone, the device alone, or the second provider alone.
    kinds = {"second": ("", ""), "room": ("exam", ""), "device": ("", "ultrasound")}[missing]
    other = AppointmentType.objects.create(
        clinic=place.clinic, name="Check", duration=30, room_kind=kinds[0], device_kind=kinds[1]
    )
    by = second if missing == "second" else third
    wished = place.booking(place.at(9), 1, provider_id=by.pk, appointment_type_id=other.pk)
    book_appointment(wished, caller=place.staff)
    before = set(Claim.objects.values_list("pk", flat=True))
    with pytest.raises(SlotTaken):
        together(place, second)
    assert set(Claim.objects.values_list("pk", flat=True)) == before
    assert Appointment.objects.count() == 1


def test_who_is_second_cannot_be_booked_by_anybody_else_then(place: SmallClinic, second: Provider) -> None:
    together(place, second)
    with pytest.raises(SlotTaken):
        book_appointment(place.booking(place.at(9), 1, provider_id=second.pk), caller=place.staff)


def test_the_refusal_names_the_second_and_offers_times_at_which_both_are_free(
    place: SmallClinic, second: Provider
) -> None:
    book_appointment(place.booking(place.at(9), 1, provider_id=second.pk), caller=place.staff)
    book_appointment(place.booking(place.at(9, 30), 2), caller=place.staff)
    with pytest.raises(SlotTaken, match="second provider") as refused:
        together(place, second)
    starts = [dt.datetime.fromisoformat(one["start"]) for one in refused.value.extra["alternatives"]]
    assert len(starts) == 3
    assert place.at(9) not in starts
    assert place.at(9, 30) not in starts
    assert {one["provider"] for one in refused.value.extra["alternatives"]} == {place.provider.pk}


def test_the_second_has_to_be_there_too(place: SmallClinic, second: Provider) -> None:
    Opening.objects.filter(resource=second).delete()
    with pytest.raises(OutsideAvailability, match="second provider"):
        together(place, second)


def test_both_are_people_of_the_clinic_and_two_of_them(place: SmallClinic, second: Provider) -> None:
    with pytest.raises(NoSecondProvider):
        together(place, place.provider)
    with pytest.raises(NotFound):
        together(place, small_clinic().provider)
    PractitionerRole.objects.filter(provider=second).update(active=False)
    with pytest.raises(NotFound):
        together(place, second)


def test_a_group_has_one_provider(place: SmallClinic, second: Provider) -> None:
    AppointmentType.objects.filter(pk=place.kind.pk).update(capacity=5)
    with pytest.raises(NoSecondProvider):
        together(place, second)
    with pytest.raises(NoSecondProvider):
        free_time(Wanted(place.kind.pk, place.at(9), place.at(12), second_provider_id=second.pk))


def test_patients_book_one_provider(place: SmallClinic, second: Provider) -> None:
    with pytest.raises(NotPermitted):
        book_appointment(place.booking(place.at(9), second_provider_id=second.pk), caller=place.patient_caller())


def test_free_time_is_where_both_are_free(place: SmallClinic, second: Provider) -> None:
    book_appointment(place.booking(place.at(9), 1, provider_id=second.pk), caller=place.staff)
    book_appointment(place.booking(place.at(10), 2), caller=place.staff)

    def starts(**more: Any) -> set[str]:
        free = free_time(Wanted(place.kind.pk, place.at(9), place.at(11), [place.provider.pk], **more))
        return {
            f"{dt.datetime.fromtimestamp(minute * 60, place.clinic.zone):%H:%M}"
            for minute, _place, _room in free.starts
        }

    assert {"09:00", "09:30", "10:30"} <= starts()
    both = starts(second_provider_id=second.pk)
    assert "09:30" in both
    assert {"09:00", "09:15", "09:45", "10:00"}.isdisjoint(both)
    anybody = free_time(Wanted(place.kind.pk, place.at(9), place.at(11), second_provider_id=second.pk))
    assert anybody.providers == [place.provider.pk]


def test_free_time_with_somebody_else_in_one_statement(
    place: SmallClinic, second: Provider, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        free_time(Wanted(place.kind.pk, place.at(9), place.at(11), second_provider_id=second.pk))
    with pytest.raises(NotFound):
        free_time(Wanted(place.kind.pk, place.at(9), place.at(11), second_provider_id=small_clinic().provider.pk))


def test_why_a_time_is_not_free_says_whose_it_is(place: SmallClinic, second: Provider) -> None:
    words: dict[str, Any] = {
        "appointment_type_id": place.kind.pk,
        "provider_id": place.provider.pk,
        "second_provider_id": second.pk,
        "start": place.at(9),
        "patient_id": None,
        "by_patient": False,
    }
    assert explain(**words)[1] == []
    book_appointment(place.booking(place.at(9), 1, provider_id=second.pk), caller=place.staff)
    (blocked,) = explain(**words)[1]
    assert (blocked.rule, blocked.second_provider_id) == ("booked", second.pk)
    third = second_provider(place, "Dr. Nadia Ferro")
    TimeOff.objects.create(resource=third, starts_at=place.at(14), ends_at=place.at(16), reason="")
    Opening.objects.filter(resource=third).delete()
    (blocked,) = explain(**words | {"start": place.at(14), "second_provider_id": third.pk})[1]
    assert (blocked.rule, blocked.second_provider_id) == ("time_off", third.pk)


def test_a_hold_keeps_both_and_is_used_with_both(place: SmallClinic, second: Provider) -> None:
    hold, _ = place_hold(
        appointment_type_id=place.kind.pk,
        provider_id=place.provider.pk,
        second_provider_id=second.pk,
        start=place.at(9),
        caller=place.staff,
    )
    assert set(Claim.objects.filter(hold=hold).values_list("resource", flat=True)) == {place.provider.pk, second.pk}
    with pytest.raises(HoldMismatch):
        book_appointment(place.booking(place.at(9), hold_id=hold.pk), caller=place.staff)
    visit = together(place, second, hold_id=hold.pk)
    assert claimed(visit) == {place.provider.pk, second.pk}
    assert not Hold.objects.exists()


def test_a_move_keeps_the_second_changes_it_or_goes_on_without(place: SmallClinic, second: Provider) -> None:
    third = second_provider(place, "Dr. Nadia Ferro")
    visit = together(place, second)
    visit, _ = reschedule_appointment(start=place.at(10), **words(place, visit))
    assert claimed(visit) == {place.provider.pk, second.pk}
    visit, _ = reschedule_appointment(start=place.at(10), second_provider_id=third.pk, **words(place, visit))
    assert claimed(visit) == {place.provider.pk, third.pk}
    with pytest.raises(NoSecondProvider):
        reschedule_appointment(start=place.at(11), provider_id=third.pk, **words(place, visit))
    visit, _ = reschedule_appointment(start=place.at(10), second_provider_id=None, **words(place, visit))
    assert claimed(visit) == {place.provider.pk}
    back = move_back(**words(place, visit))
    assert back.second_provider_id == third.pk
    assert claimed(back) == {place.provider.pk, third.pk}


def test_a_move_is_refused_where_the_second_is_not_free(place: SmallClinic, second: Provider) -> None:
    visit = together(place, second)
    book_appointment(place.booking(place.at(11), 1, provider_id=second.pk), caller=place.staff)
    with pytest.raises(SlotTaken):
        reschedule_appointment(start=place.at(11), **words(place, visit))
    assert claimed(visit) == {place.provider.pk, second.pk}


def test_a_cancellation_frees_both_and_its_undo_wins_both_or_neither(place: SmallClinic, second: Provider) -> None:
    visit = cancel_appointment(reason="clinic_other", **words(place, together(place, second)))
    assert claimed(visit) == set()
    back = undo_last_step(**words(place, visit))
    assert claimed(back) == {place.provider.pk, second.pk}
    gone = cancel_appointment(reason="clinic_other", **words(place, back))
    book_appointment(place.booking(place.at(9), 1, provider_id=second.pk), caller=place.staff)
    with pytest.raises(SlotTaken):
        undo_last_step(**words(place, gone))
    assert claimed(gone) == set()


def test_the_api_books_moves_and_finds_with_two(place: SmallClinic, second: Provider) -> None:
    api = Api.staff(place.desk)
    wish = {
        "appointment_type": str(place.kind.pk),
        "provider": str(place.provider.pk),
        "second_provider": str(second.pk),
        "patient": str(place.patients[0].pk),
        "start": place.at(9).isoformat(),
    }
    made = api.post("appointments/", wish)
    assert (made.status_code, made.json()["second_provider"]) == (201, str(second.pk))
    address = f"appointments/{made.json()['id']}/"
    moved = api.post(f"{address}reschedule/", {"start": place.at(10).isoformat(), "version": 1})
    assert moved.json()["second_provider"] == str(second.pk)
    alone = api.post(
        f"{address}reschedule/", {"start": place.at(10).isoformat(), "version": 2, "second_provider": None}
    )
    assert alone.json()["second_provider"] is None
    book_appointment(place.booking(place.at(14), 1, provider_id=second.pk), caller=place.staff)
    query = {
        "appointment_type": str(place.kind.pk),
        "provider": str(place.provider.pk),
        "second_provider": str(second.pk),
    }
    found = api.get("availability/", {**query, "from": place.at(14).isoformat(), "to": place.at(15).isoformat()})
    assert [one["start"] for one in found.json()["results"]] == [
        place.at(14, 30).isoformat(),
        place.at(14, 45).isoformat(),
    ]
    why = api.get("availability/explain/", {**query, "start": place.at(14).isoformat()}).json()
    assert (why["rule"], why["rules"][0]["second_provider"]) == ("booked", str(second.pk))


def test_a_patient_sees_who_is_there_and_may_not_ask_for_it(place: SmallClinic, second: Provider) -> None:
    visit = together(place, second)
    api = Api.patient(place.users[0])
    assert api.get(f"appointments/{visit.pk}/").json()["second_provider"] == str(second.pk)
    wish = {
        "appointment_type": str(place.kind.pk),
        "provider": str(place.provider.pk),
        "second_provider": str(second.pk),
        "start": place.at(11).isoformat(),
    }
    assert api.post("appointments/", wish).status_code == 403
    query = {**wish, "from": place.at(14).isoformat(), "to": place.at(15).isoformat()}
    del query["start"]
    assert api.get("availability/", query).status_code == 403
