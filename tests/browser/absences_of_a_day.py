"""The clinic of a day in which somebody is away tomorrow, over a visit."""

import datetime as dt

from appointments.models import DisplacedVisit
from appointments.queries.displacing.hits import Away
from appointments.queries.displacing.search import Ways
from appointments.services.booking import Caller
from appointments.services.displacing.entering import displace
from tests.browser.clinic_day import ClinicDay


def absence_of_a_day(day: ClinicDay) -> DisplacedVisit:
    """Let the provider of tomorrow's visit be away all of tomorrow, once, and return the row of the visit, its new time held."""
    visit = day.visits["tomorrow"]
    if known := DisplacedVisit.objects.filter(appointment=visit).first():
        return known
    start = visit.starts_at.astimezone(day.base.tzinfo).replace(hour=0, minute=0)
    away = Away(day.clinic.pk, visit.provider_id, start, start + dt.timedelta(days=1))
    entered = displace(away, Ways(), caller=Caller(day.desk.pk, patients_own=False))
    row: DisplacedVisit = entered.displacements[0].visits.get(appointment=visit)
    return row
