"""Many visits at once: each is done once or refused with a reason, and none keeps another from it."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pytest

from appointments.errors import BatchOver, UndoExpired
from appointments.models import Appointment, Batch, BatchItem, Status
from appointments.services.batches.starting import Asked, Seen, start_batch
from appointments.services.batches.steering import retry_refused, stop_batch, undo_batch
from appointments.services.booking import book_appointment
from appointments.services.flow import advance_appointment
from appointments.services.noting import note_appointment
from mediconnect.api.versions import Expected
from mediconnect.errors import Invalid, NotFound
from mediconnect.outbox.models import Delivery
from mediconnect.outbox.services.relaying import relay
from mediconnect.records.models import Change
from providers.models import Opening, Provider
from tests.appointments.conftest import SmallClinic, small_clinic
from tests.concurrency.clinics import second_provider

pytestmark = pytest.mark.django_db

CANCEL = Asked("cancel", reason="provider_unavailable")


def booked(place: SmallClinic, *hours: float, provider: Provider | None = None) -> list[Appointment]:
    """Book the patients one after another at these hours; half an hour is .5."""
    words: dict[str, Any] = {"provider_id": provider.pk} if provider else {}
    return [
        book_appointment(
            place.booking(place.at(int(hour), int(hour % 1 * 60)), number % len(place.patients), **words),
            caller=place.staff,
        )[0]
        for number, hour in enumerate(hours)
    ]


def begun(place: SmallClinic, asked: Asked, visits: Sequence[Appointment], **words: Any) -> Batch:
    seen = [Seen(visit.pk, visit.version) for visit in visits]
    return start_batch(clinic_id=place.clinic.pk, asked=asked, visits=seen, caller=place.staff, **words)


def worked(place: SmallClinic, asked: Asked, visits: Sequence[Appointment]) -> Batch:
    batch = begun(place, asked, visits)
    relay()
    return batch


def states(batch: Batch) -> list[tuple[str, str]]:
    return list(batch.items.order_by("place").values_list("state", "refusal"))


def starts(visits: Sequence[Appointment], place: SmallClinic) -> list[str]:
    rows = Appointment.objects.in_bulk([visit.pk for visit in visits])
    return [f"{rows[visit.pk].starts_at.astimezone(place.clinic.zone):%H:%M}" for visit in visits]


def words(batch: Batch, place: SmallClinic) -> dict[str, Any]:
    return {"batch_id": batch.pk, "clinic_id": place.clinic.pk, "caller": place.staff}


def test_every_visit_is_cancelled_as_the_act_of_whoever_began(place: SmallClinic) -> None:
    visits = booked(place, 9, 10, 11)
    batch = worked(place, CANCEL, visits)
    assert states(batch) == [("done", "")] * 3
    assert {(one.status, one.cancellation_reason) for one in Appointment.objects.all()} == {
        ("cancelled", "provider_unavailable")
    }
    last = Change.objects.of(visits[0]).last()
    assert last is not None
    assert (last.actor_id, last.reason) == (place.desk.pk, f"batch {batch.pk}")


def test_a_visit_that_changed_since_it_was_looked_at_is_left_alone_and_stops_nobody(place: SmallClinic) -> None:
    visits = booked(place, 9, 10, 11)
    batch = begun(place, CANCEL, visits)
    note_appointment(
        appointment_id=visits[1].pk,
        notes={"internal_note": "Calls back."},
        expected=Expected(1, by_header=False),
        caller=place.staff,
    )
    relay()
    assert states(batch) == [("done", ""), ("refused", "version-conflict"), ("done", "")]
    retry_refused(**words(batch, place))
    relay()
    assert states(batch) == [("done", "")] * 3


def test_who_is_here_is_not_cancelled_with_many(place: SmallClinic) -> None:
    (visit,) = booked(place, 9)
    batch = begun(place, CANCEL, [visit])
    advance_appointment(
        appointment_id=visit.pk, step="arrive", expected=Expected(1, by_header=False), caller=place.staff
    )
    relay()
    retry_refused(**words(batch, place))
    relay()
    assert states(batch) == [("refused", "invalid-transition")]


@pytest.mark.parametrize(("minutes", "after"), [(30, ["09:30", "10:00", "10:30"]), (-30, ["08:30", "09:00", "09:30"])])
def test_a_day_without_a_gap_is_shifted_as_a_whole(place: SmallClinic, minutes: int, after: list[str]) -> None:
    visits = booked(place, 9, 9.5, 10)
    batch = worked(place, Asked("move", shift_minutes=minutes), visits)
    assert states(batch) == [("done", "")] * 3
    assert starts(visits, place) == after


def test_what_is_in_the_way_of_a_shift_refuses_that_visit_alone(place: SmallClinic) -> None:
    visits = booked(place, 9, 14)
    book_appointment(place.booking(place.at(9, 30), 2), caller=place.staff)
    batch = worked(place, Asked("move", shift_minutes=30), visits)
    assert states(batch) == [("done", ""), ("refused", "slot-taken")]
    assert starts(visits, place) == ["09:00", "14:30"]


def test_a_day_goes_to_somebody_else_at_the_same_times(place: SmallClinic) -> None:
    other = second_provider(place)
    visits = booked(place, 9, 10)
    batch = worked(place, Asked("move", to_provider_id=other.pk), visits)
    assert states(batch) == [("done", "")] * 2
    assert set(Appointment.objects.values_list("provider", flat=True)) == {other.pk}
    assert starts(visits, place) == ["09:00", "10:00"]
    assert [*states(worked(place, Asked("move", to_provider_id=other.pk), list(Appointment.objects.all())))] == [
        ("refused", "nothing-to-move")
    ] * 2


def test_a_shift_stays_inside_its_day(place: SmallClinic) -> None:
    visits = booked(place, 20)
    assert states(worked(place, Asked("move", shift_minutes=300), visits)) == [("refused", "other-day")]


def test_nothing_is_done_twice_however_often_it_is_asked(place: SmallClinic) -> None:
    visits = booked(place, 9)
    batch = worked(place, Asked("move", shift_minutes=30), visits)
    Delivery.objects.update(state="pending", done_at=None, due_at=dt.datetime.now(dt.UTC))
    relay()
    assert (states(batch), starts(visits, place)) == ([("done", "")], ["09:30"])


def test_what_waits_can_be_stopped_and_what_is_done_stays_done(place: SmallClinic) -> None:
    visits = booked(place, 9, 10)
    relay()  # whoever hears of bookings
    batch = begun(place, CANCEL, visits)
    relay(limit=1)
    stop_batch(**words(batch, place))
    relay()
    assert sorted(states(batch)) == [("done", ""), ("stopped", "")]
    assert Appointment.objects.filter(status=Status.CANCELLED).count() == 1
    with pytest.raises(BatchOver):
        stop_batch(**words(batch, place))


def test_cancellations_are_taken_back_within_two_minutes_where_the_time_is_still_free(place: SmallClinic) -> None:
    visits = booked(place, 9, 10)
    batch = worked(place, CANCEL, visits)
    book_appointment(place.booking(place.at(10), 2), caller=place.staff)
    undo_batch(**words(batch, place))
    relay()
    assert states(batch) == [("undone", ""), ("done", "")]
    assert [Appointment.objects.get(pk=visit.pk).status for visit in visits] == ["booked", "cancelled"]
    with pytest.raises(BatchOver):
        undo_batch(**words(batch, place))


def test_later_they_are_not(place: SmallClinic, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = worked(place, CANCEL, booked(place, 9))
    later = batch.updated_at + dt.timedelta(minutes=3)
    monkeypatch.setattr("appointments.services.batches.steering.timezone.now", lambda: later)
    with pytest.raises(UndoExpired):
        undo_batch(**words(batch, place))


def test_a_batch_takes_the_clinics_own_movable_visits_alone(place: SmallClinic) -> None:
    visits = booked(place, 9, 10)
    elsewhere = small_clinic()
    with pytest.raises(NotFound):
        begun(elsewhere, CANCEL, visits)
    with pytest.raises(NotFound):
        begun(place, CANCEL, visits, only_provider=second_provider(place).pk)
    with pytest.raises(Invalid):
        begun(place, CANCEL, [])
    arrived = advance_appointment(
        appointment_id=visits[0].pk, step="arrive", expected=Expected(1, by_header=False), caller=place.staff
    )
    with pytest.raises(Invalid):
        begun(place, CANCEL, [arrived, visits[1]])
    assert not BatchItem.objects.exists()


@pytest.mark.parametrize(
    "asked",
    [
        Asked("cancel"),
        Asked("cancel", reason="because"),
        Asked("move"),
        Asked("move", shift_minutes=0),
        Asked("move", shift_minutes=7),
        Asked("move", shift_minutes=1000),
        Asked("message"),
        Asked("message", words="x" * 301),
        Asked("forget"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_written(place: SmallClinic, asked: Asked) -> None:
    with pytest.raises(Invalid):
        begun(place, asked, booked(place, 9))
    assert not Batch.objects.exists()


def test_where_nobody_works_a_visit_is_refused(place: SmallClinic) -> None:
    visits = booked(place, 9)
    other = second_provider(place)
    Opening.objects.filter(resource=other).delete()
    assert states(worked(place, Asked("move", to_provider_id=other.pk), visits)) == [
        ("refused", "outside-availability")
    ]
