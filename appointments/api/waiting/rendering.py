"""How a wish and an offer look to their callers: the clinic's own clock, and no more than the caller may see."""

from collections.abc import Sequence
from typing import Any

from appointments.models import WaitlistEntry, WaitlistOffer
from appointments.queries.waitlist.free_now import FreeStart
from appointments.queries.waitlist.seeing import standing_offer
from mediconnect.api.principal import Principal


def render_entry(entry: WaitlistEntry, principal: Principal) -> dict[str, Any]:
    """Return the wish as the contract describes it; what staff alone may know is left out for others."""
    zone = entry.clinic.zone
    shown = {
        "id": entry.pk,
        "version": entry.version,
        "state": entry.state,
        "clinic": entry.clinic_id,
        "timezone": entry.clinic.timezone,
        "patient": entry.patient_id,
        "appointment_type": entry.appointment_type_id,
        "providers": entry.providers,
        "weekdays": entry.weekdays,
        "earliest_time": entry.earliest_time.isoformat("minutes") if entry.earliest_time else None,
        "latest_time": entry.latest_time.isoformat("minutes") if entry.latest_time else None,
        "from_date": entry.from_date.isoformat(),
        "until_date": entry.until_date.isoformat(),
        "notice_minutes": entry.notice_minutes,
        "appointment": entry.appointment_id,
        "offer": render_offer(offer, entry) if (offer := standing_offer(entry)) else None,
        "joined_at": entry.joined_at.astimezone(zone).isoformat(),
        "closed_at": entry.closed_at.astimezone(zone).isoformat() if entry.closed_at else None,
    }
    if principal.kind != "staff":
        return shown
    return shown | {"priority": entry.priority, "source": entry.source, "note": entry.note}


def render_offer(offer: WaitlistOffer, entry: WaitlistEntry) -> dict[str, Any]:
    """Return the offer as the contract describes it."""
    zone = entry.clinic.zone
    return {
        "id": offer.pk,
        "state": offer.state,
        "entry": entry.pk,
        "provider": offer.provider_id,
        "start": offer.starts_at.astimezone(zone).isoformat(),
        "end": offer.ends_at.astimezone(zone).isoformat(),
        "expires_at": offer.expires_at.astimezone(zone).isoformat(),
        "appointment": offer.appointment_id,
    }


def render_free(found: Sequence[FreeStart], entry: WaitlistEntry) -> list[dict[str, Any]]:
    """Return what is free already and would meet the wish, so that nobody waits for what is to be had."""
    zone = entry.clinic.zone
    return [
        {
            "provider": one.provider_id,
            "start": one.start.astimezone(zone).isoformat(),
            "end": one.end.astimezone(zone).isoformat(),
        }
        for one in found
    ]
