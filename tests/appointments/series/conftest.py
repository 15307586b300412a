"""A clinic whose calendar is open for more than a year, and series to book in it."""

import datetime as dt
from typing import Any

import pytest

from appointments.services.series.booking import SeriesBooking
from providers.models import Clinic, Opening
from tests.appointments.conftest import SmallClinic, open_always


def year_long(place: SmallClinic) -> SmallClinic:
    """Open the clinic's provider all day for four hundred days."""
    Clinic.objects.filter(pk=place.clinic.pk).update(horizon_days=400)
    Opening.objects.filter(resource=place.provider).delete()
    open_always(place.provider, place.clinic, days=420)
    return place


def weekly(place: SmallClinic, count: int = 4, hour: int = 9, **changes: Any) -> SeriesBooking:
    """Return a weekly series of the first patient with the usual provider, begun the day after tomorrow."""
    words: dict[str, Any] = {
        "appointment_type_id": place.kind.pk,
        "provider_id": place.provider.pk,
        "patient_id": place.patients[0].pk,
        "rrule": f"FREQ=WEEKLY;COUNT={count}",
        "starts_on": place.at(hour).date(),
        "start_time": dt.time(hour),
    }
    return SeriesBooking(**(words | changes))


@pytest.fixture
def year(place: SmallClinic) -> SmallClinic:
    """The small clinic, open for more than a year."""
    return year_long(place)
