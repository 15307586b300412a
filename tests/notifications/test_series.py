"""Of a series the first visit is confirmed, and every one is reminded of."""

import datetime as dt

import pytest

from appointments.services.series.booking import SeriesBooking, book_series
from mediconnect.outbox.services.relaying import relay
from notifications.models import Message, Reminder
from patients.models import ContactPoint
from tests.appointments.conftest import SmallClinic

pytestmark = pytest.mark.django_db


def test_the_first_visit_is_confirmed_and_each_is_reminded_of(place: SmallClinic, phone: ContactPoint) -> None:
    day = place.at(9, days=8).date()
    wanted = SeriesBooking(
        place.kind.pk, place.provider.pk, place.patients[0].pk, "FREQ=WEEKLY;COUNT=3", day, dt.time(9)
    )
    _series, visits, _terms = book_series(wanted, caller=place.staff)
    relay()
    told = {message.visit_id: (message.state, message.reason) for message in Message.objects.filter(kind="booked")}
    assert told == {
        visits[0].pk: ("queued", ""),
        visits[1].pk: ("skipped", "part_of_a_series"),
        visits[2].pk: ("skipped", "part_of_a_series"),
    }
    assert set(Reminder.objects.values_list("visit", flat=True)) == {visit.pk for visit in visits}
