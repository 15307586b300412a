"""Who waits at the clinic of the day: a wish with an offer that stands, and a screen that calls numbers."""

import datetime as dt
import uuid

from django.utils import timezone

from appointments.models import CallScreen, FreedTime, Hold, WaitlistEntry, WaitlistOffer
from tests.browser.clinic_day import ClinicDay


def waiting_of_a_day(day: ClinicDay, note: str = "") -> dict[str, uuid.UUID]:
    """Write them, once however often it is asked for, and return their ids by the words that addresses use."""
    offer = WaitlistOffer.objects.filter(entry__clinic=day.clinic.pk).first() or _offer(day, note)
    screen, _made = CallScreen.objects.get_or_create(
        clinic=day.clinic, defaults={"name": note or "Hall", "secret_hash": str(day.clinic.pk), "created_by": day.admin}
    )
    return {"entry": offer.entry_id, "offer": offer.pk, "screen": screen.pk}


def _offer(day: ClinicDay, note: str) -> WaitlistOffer:
    now = timezone.now()
    start = day.at(0) + dt.timedelta(days=3)
    time = {"provider": day.providers[0], "starts_at": start, "ends_at": start + dt.timedelta(minutes=30)}
    freed = FreedTime.objects.create(clinic=day.clinic, cause="cancelled", offer_from=now, **time)
    until = now + dt.timedelta(hours=2)
    Hold.objects.create(
        clinic=day.clinic, appointment_type=day.consultation, freed_time=freed, expires_at=until, **time
    )
    entry = WaitlistEntry.objects.create(
        clinic=day.clinic,
        patient=day.patients["kofi"],
        appointment_type=day.consultation,
        from_date=day.base.date(),
        until_date=day.base.date() + dt.timedelta(days=20),
        state=WaitlistEntry.State.OFFERED,
        joined_at=now,
        note=note,
    )
    made: WaitlistOffer = WaitlistOffer.objects.create(
        entry=entry, freed_time=freed, made_at=now, expires_at=until, **time
    )
    return made
