"""A series at the clinic of the day: three weekly visits of one patient, from tomorrow on."""

import datetime as dt

from appointments.models import Series
from appointments.services.booking import Caller
from appointments.services.series.booking import SeriesBooking, book_series
from tests.browser.clinic_day import ClinicDay


def series_of_a_day(day: ClinicDay) -> Series:
    """Book the series and return it."""
    wanted = SeriesBooking(
        appointment_type_id=day.follow_up.pk,
        provider_id=day.providers[0].pk,
        patient_id=day.patients["maria"].pk,
        rrule="FREQ=WEEKLY;COUNT=3",
        starts_on=day.base.date() + dt.timedelta(days=2),
        start_time=dt.time(16),
    )
    series, _visits, _terms = book_series(wanted, caller=Caller(day.desk.pk, patients_own=False))
    return series
