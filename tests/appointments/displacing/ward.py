"""A clinic with two providers who have working hours, so that time off takes them away and gives them back."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from appointments.models import Appointment, DisplacedVisit, Displacement
from appointments.queries.displacing.hits import Away
from appointments.queries.displacing.search import Ways
from appointments.services.booking import book_appointment
from appointments.services.displacing.entering import Entered, displace
from appointments.services.displacing.sending import send_proposals
from mediconnect.outbox.models import Fact
from mediconnect.outbox.rules import encode, name_of
from providers.models import Opening, PractitionerRole, Provider
from providers.services.hours import NewWorkingHours, add_working_hours
from tests.appointments.conftest import SmallClinic, small_clinic

# Both are there every day, from eight to six.
HOURS = NewWorkingHours(rrule="FREQ=DAILY", start_time=dt.time(8), end_time=dt.time(18))


@dataclass
class Ward:
    """The small clinic and a second provider, both with working hours. Ada is the one who falls ill."""

    place: SmallClinic
    ben: Provider

    @property
    def ada(self) -> Provider:
        """The usual provider."""
        return self.place.provider

    def at(self, hour: int, minute: int = 0, *, days: int = 2) -> dt.datetime:
        """Return that wall-clock time, the day after tomorrow unless said otherwise."""
        return self.place.at(hour, minute, days=days)

    def book(self, hour: int, minute: int = 0, *, patient: int = 0, days: int = 2, **changes: Any) -> Appointment:
        """Book a visit then."""
        booking = self.place.booking(self.at(hour, minute, days=days), patient, **changes)
        return book_appointment(booking, caller=self.place.staff)[0]

    def away(self, first: int = 8, last: int = 18, *, days: int = 2, until_days: int | None = None) -> Away:
        """Return an absence of the usual provider, the day after tomorrow unless said otherwise."""
        end = self.at(last, days=days if until_days is None else until_days)
        return Away(self.place.clinic.pk, self.ada.pk, self.at(first, days=days), end, "unwell")

    def closed(self, *, days: int = 2) -> Away:
        """Return a closure of the whole clinic for a day."""
        return Away(self.place.clinic.pk, None, self.at(0, days=days), self.at(0, days=days + 1), "burst pipe")

    def displace(self, away: Away | None = None, ways: Ways | None = None, **more: Any) -> Entered:
        """Enter the absence at the desk."""
        return displace(away or self.away(), ways or Ways(), caller=self.place.staff, **more)

    def one(self, entered: Entered) -> Displacement:
        """Return what was displaced at this clinic."""
        return next(one for one in entered.displacements if one.clinic_id == self.place.clinic.pk)

    def asked(self, ways: Ways | None = None) -> tuple[Displacement, list[DisplacedVisit]]:
        """Enter the usual absence, send what is proposed, and return it with its rows in order of the old times."""
        displacement = send_proposals(displacement_id=self.one(self.displace(ways=ways)).pk, caller=self.place.staff)
        return displacement, rows_of(displacement)

    def row(self, visit: Appointment) -> DisplacedVisit:
        """Return the latest row of a visit."""
        return DisplacedVisit.objects.filter(appointment=visit.pk).latest("created_at")


def ward(patients: int = 3) -> Ward:
    """Make the clinic."""
    place = small_clinic(patients=patients)
    Opening.objects.filter(resource=place.provider).delete()
    ben = Provider.objects.create(name="Dr. Ben Hsu")
    PractitionerRole.objects.create(provider=ben, clinic=place.clinic)
    for provider in (place.provider, ben):
        work(provider.pk, place)
    return Ward(place, ben)


def work(resource_id: uuid.UUID, place: SmallClinic) -> None:
    """Give somebody the usual hours."""
    add_working_hours(resource_id=resource_id, clinic_id=place.clinic.pk, hours=HOURS)


def rows_of(displacement: Displacement) -> list[DisplacedVisit]:
    """Return the rows in order of the old times, as they are now."""
    return list(displacement.visits.order_by("was_starts_at", "id"))


def said(event: Any) -> Fact:
    """Return the fact as the outbox hands it to whoever listens."""
    kind: type = type(event)
    return Fact(name=name_of(kind), args=encode(event))


def facts(name: str) -> list[dict[str, Any]]:
    """Return what was told under this name, in order."""
    return list(Fact.objects.filter(name=f"appointments.{name}").order_by("id").values_list("args", flat=True))
