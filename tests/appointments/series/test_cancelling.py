"""Visits of a series are cancelled as they were meant, and come back together or not at all."""

import uuid
from typing import Any

import pytest
from django.db import transaction

from appointments.errors import NothingToUndo, SeriesOver, SlotTaken
from appointments.models import Appointment, Series
from appointments.rules.series import Scope
from appointments.services.booking import book_appointment
from appointments.services.cancelling import cancel_appointment
from appointments.services.flow import advance_appointment
from appointments.services.series.booking import book_series
from appointments.services.series.cancelling import cancel_series, restore_series
from mediconnect.api.versions import Expected
from mediconnect.errors import Invalid, NotFound, NotPermitted, VersionConflict
from mediconnect.outbox.models import Fact
from tests.appointments.conftest import SmallClinic

from .conftest import weekly

pytestmark = pytest.mark.django_db


def booked(place: SmallClinic, count: int = 4) -> tuple[Series, list[Appointment]]:
    series, visits, _ = book_series(weekly(place, count), caller=place.staff)
    return series, visits


def versions(series: Series) -> dict[uuid.UUID, int]:
    return dict(Appointment.objects.filter(series=series).values_list("pk", "version"))


def statuses(series: Series) -> list[str]:
    return list(Appointment.objects.filter(series=series).order_by("occurrence").values_list("status", flat=True))


@pytest.mark.parametrize(
    ("scope", "left"),
    [
        (Scope.THIS, ["booked", "cancelled", "booked", "booked"]),
        (Scope.FOLLOWING, ["booked", "cancelled", "cancelled", "cancelled"]),
        (Scope.ALL, ["cancelled"] * 4),
    ],
)
def test_this_following_or_all(year: SmallClinic, scope: Scope, left: list[str]) -> None:
    series, _visits = booked(year)
    change = cancel_series(
        series_id=series.pk,
        scope=scope,
        seen_from=2,
        reason="clinic_other",
        versions=versions(series),
        caller=year.staff,
    )
    assert statuses(series) == left
    assert [visit.status for visit in change.changed] == ["cancelled"] * left.count("cancelled")
    assert Fact.objects.filter(name__endswith="AppointmentCancelled").count() == left.count("cancelled")
    series.refresh_from_db()
    assert (series.cancelled_at is not None) == (scope == Scope.ALL)


def test_who_has_arrived_and_what_is_cancelled_are_left_alone_and_listed(year: SmallClinic) -> None:
    series, visits = booked(year)
    advance_appointment(
        appointment_id=visits[0].pk, step="arrive", expected=Expected(1, by_header=False), caller=year.staff
    )
    cancel_appointment(
        appointment_id=visits[2].pk, reason="clinic_other", expected=Expected(1, by_header=False), caller=year.staff
    )
    change = cancel_series(
        series_id=series.pk,
        scope=Scope.ALL,
        seen_from=1,
        reason="clinic_other",
        versions=versions(series),
        caller=year.staff,
    )
    assert [visit.occurrence for visit in change.changed] == [2, 4]
    assert [visit.occurrence for visit in change.left] == [1, 3]
    assert statuses(series) == ["arrived", "cancelled", "cancelled", "cancelled"]
    with pytest.raises(SeriesOver):
        cancel_series(
            series_id=series.pk, scope=Scope.ALL, seen_from=1, reason="clinic_other", versions={}, caller=year.staff
        )


def test_a_visit_that_changed_since_it_was_seen_stops_it_all(year: SmallClinic) -> None:
    series, visits = booked(year)
    seen = versions(series)
    advance_appointment(
        appointment_id=visits[2].pk, step="confirm", expected=Expected(1, by_header=False), caller=year.staff
    )
    with pytest.raises(VersionConflict) as refusal, transaction.atomic():
        cancel_series(
            series_id=series.pk, scope=Scope.ALL, seen_from=1, reason="clinic_other", versions=seen, caller=year.staff
        )
    assert refusal.value.extra["occurrence"] == 3
    assert statuses(series) == ["booked", "booked", "confirmed", "booked"]


def test_a_cancellation_comes_back_whole(year: SmallClinic) -> None:
    series, _visits = booked(year)
    change = cancel_series(
        series_id=series.pk,
        scope=Scope.ALL,
        seen_from=1,
        reason="clinic_other",
        versions=versions(series),
        caller=year.staff,
    )
    made = {visit.pk: visit.version for visit in change.changed}
    back = restore_series(series_id=series.pk, versions=made, caller=year.staff)
    assert len(back.changed) == 4
    assert statuses(series) == ["booked"] * 4
    series.refresh_from_db()
    assert series.cancelled_at is None
    with pytest.raises(NothingToUndo):
        restore_series(series_id=series.pk, versions=versions(series), caller=year.staff)


def test_or_not_at_all_where_one_time_is_lost(year: SmallClinic) -> None:
    series, _visits = booked(year)
    change = cancel_series(
        series_id=series.pk,
        scope=Scope.FOLLOWING,
        seen_from=2,
        reason="clinic_other",
        versions=versions(series),
        caller=year.staff,
    )
    book_appointment(year.booking(year.at(9, days=23), patient=1), caller=year.staff)
    with pytest.raises(SlotTaken), transaction.atomic():
        restore_series(series_id=series.pk, versions={one.pk: one.version for one in change.changed}, caller=year.staff)
    assert statuses(series) == ["booked", "cancelled", "cancelled", "cancelled"]


def test_what_makes_no_sense_is_refused(year: SmallClinic) -> None:
    series, visits = booked(year)
    words: dict[str, Any] = {"scope": Scope.ALL, "seen_from": 1, "versions": versions(series)}
    with pytest.raises(Invalid), transaction.atomic():
        cancel_series(series_id=series.pk, reason="boredom", caller=year.staff, **words)
    with pytest.raises(NotFound):
        cancel_series(series_id=visits[0].pk, reason="clinic_other", caller=year.staff, **words)
    with pytest.raises(NotPermitted):
        cancel_series(series_id=series.pk, reason="clinic_other", caller=year.patient_caller(), **words)
    with pytest.raises(NotFound):
        restore_series(series_id=series.pk, versions={series.pk: 1}, caller=year.staff)
