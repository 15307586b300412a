"""People who wait, and times that are freed, in few words."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.db.models.functions import Now
from django.utils import timezone

from appointments.models import (
    Appointment,
    Claim,
    FreedTime,
    Hold,
    WaitlistEntry,
    WaitlistOffer,
    WaitlistPass,
    WaitlistPolicy,
)
from appointments.services.booking import book_appointment
from appointments.services.cancelling import cancel_appointment
from appointments.services.waitlist.joining import Wishing, join_waitlist
from appointments.services.waitlist.offering import offer_now
from mediconnect.api.versions import Expected
from mediconnect.outbox.models import Fact
from notifications.models import MessagePolicy
from tests.appointments.conftest import SmallClinic


@dataclass
class Line:
    """The waitlist of the small clinic, where nobody sleeps unless a test says so."""

    place: SmallClinic

    def __post_init__(self) -> None:
        """Have no quiet hours."""
        MessagePolicy.objects.update_or_create(
            clinic=self.place.clinic, defaults={"quiet_from": dt.time(0), "quiet_until": dt.time(0)}
        )

    def policy(self, **changes: Any) -> WaitlistPolicy:
        """Set how the clinic offers."""
        policy, _ = WaitlistPolicy.objects.update_or_create(
            clinic=self.place.clinic, appointment_type=changes.pop("appointment_type", None), defaults=changes
        )
        return policy

    def wish(self, patient: int, **changes: Any) -> Wishing:
        """Return a wish for the usual type, any day of the next week."""
        words: dict[str, Any] = {
            "patient_id": self.place.patients[patient].pk,
            "appointment_type_id": self.place.kind.pk,
            "until_date": self.place.at(9, days=7).date(),
        }
        return Wishing(**(words | changes))

    def wait(self, patient: int, **changes: Any) -> WaitlistEntry:
        """Let the patient join."""
        return join_waitlist(self.wish(patient, **changes), caller=self.place.staff)

    def visit(self, start: dt.datetime, patient: int = 0, **changes: Any) -> Appointment:
        """Book."""
        return book_appointment(self.place.booking(start, patient, **changes), caller=self.place.staff)[0]

    def cancel(self, visit: Appointment, patient: int | None = 0, reason: str = "patient_request") -> FreedTime:
        """Cancel, as this patient or (None) as staff, and return what was freed."""
        visit.refresh_from_db()
        cancel_appointment(
            appointment_id=visit.pk,
            reason=reason,
            expected=Expected(visit.version, by_header=False),
            caller=self.place.staff if patient is None else self.place.patient_caller(patient),
        )
        return FreedTime.objects.filter(appointment=visit).latest("created_at")

    def freed(self, start: dt.datetime, patient: int = 0, **changes: Any) -> FreedTime:
        """Book and cancel, so that the time is free."""
        return self.cancel(self.visit(start, patient, **changes), patient)

    def offered(self, freed: FreedTime) -> list[WaitlistOffer]:
        """Offer it now."""
        return offer_now(freed_time_id=freed.pk)

    def live(self, freed: FreedTime) -> list[WaitlistOffer]:
        """Return who is asked at the moment."""
        return list(WaitlistOffer.objects.filter(freed_time=freed, state="offered").order_by("place"))

    def asked(self, freed: FreedTime) -> list[int]:
        """Return which patients were ever asked, first who was asked first."""
        numbers = {patient.pk: number for number, patient in enumerate(self.place.patients)}
        offers = WaitlistOffer.objects.filter(freed_time=freed).order_by("made_at", "place", "pk")
        return [numbers[pk] for pk in offers.values_list("entry__patient", flat=True)]

    def passes(self, freed: FreedTime) -> dict[int, str]:
        """Return why which patients were passed over."""
        numbers = {patient.pk: number for number, patient in enumerate(self.place.patients)}
        rows = WaitlistPass.objects.filter(freed_time=freed).order_by("pk").values_list("entry__patient", "why")
        return {numbers[pk]: why for pk, why in rows}


def run_out(offer: WaitlistOffer) -> None:
    """Let the time to answer be over since a second; the hold still keeps the time, as it does for a minute."""
    WaitlistOffer.objects.filter(pk=offer.pk).update(expires_at=Now() - dt.timedelta(seconds=1))
    until = timezone.now() + dt.timedelta(seconds=59)
    Hold.objects.filter(freed_time=offer.freed_time_id).update(expires_at=until)
    Claim.objects.filter(hold__freed_time=offer.freed_time_id).update(expires_at=until)


def facts(name: str, about: uuid.UUID | None = None) -> int:
    """Return how often something was said."""
    found = Fact.objects.filter(name=f"appointments.{name}")
    return (found.filter(aggregate_id=about) if about else found).count()
