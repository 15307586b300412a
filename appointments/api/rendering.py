"""How a visit looks to its callers: the contract's names, the clinic's own offset, and no more than the caller may see."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from appointments.models import Appointment, Hold
from appointments.queries.visits import COLUMNS
from appointments.rules.terms import Terms, zone_of
from mediconnect.api.principal import Principal


def columns_of(visit: Appointment, timezone: str) -> dict[str, Any]:
    """Return a visit in hand as the columns that a list would have read."""
    joined = {"clinic__timezone": timezone, "series__size": visit.series.size if visit.series else None}
    return {name: joined[name] if name in joined else getattr(visit, name) for name in COLUMNS}


def render(row: Mapping[str, Any], principal: Principal) -> dict[str, Any]:
    """Return the visit as the contract describes it; what staff alone may know is left out for others."""
    zone = zone_of(row["clinic__timezone"])

    def local(instant: dt.datetime | None) -> str | None:
        return instant.astimezone(zone).isoformat() if instant is not None else None

    shown = {
        "id": row["id"],
        "version": row["version"],
        "status": row["status"],
        "clinic": row["clinic_id"],
        "timezone": row["clinic__timezone"],
        "provider": row["provider_id"],
        "second_provider": row["second_provider_id"],
        "room": row["room_id"],
        "appointment_type": row["appointment_type_id"],
        "patient": row["patient_id"],
        "start": local(row["starts_at"]),
        "end": local(row["ends_at"]),
        "reason": row["reason"],
        "patient_note": row["patient_note"],
        "cancellation_reason": row["cancellation_reason"] or None,
        "source": row["source"],
        "series": {"id": row["series_id"], "occurrence": row["occurrence"], "of": row["series__size"]}
        if row["series_id"]
        else None,
        "created_at": local(row["created_at"]),
        "updated_at": local(row["updated_at"]),
    }
    if principal.kind != "staff":
        return shown
    return shown | {
        "internal_note": row["internal_note"],
        "device": row["device_id"],
        "session": row["session_id"],
        "seat": row["seat"],
        "override": {"reason": row["override_reason"], "by": row["overridden_by_id"]}
        if row["override_reason"]
        else None,
        "arrived_at": local(row["arrived_at"]),
        "roomed_at": local(row["roomed_at"]),
        "started_at": local(row["started_at"]),
        "ended_at": local(row["ended_at"]),
    }


def render_hold(hold: Hold, terms: Terms) -> dict[str, Any]:
    """Return the hold as the contract describes it."""
    return {
        "id": hold.pk,
        "clinic": hold.clinic_id,
        "timezone": terms.timezone,
        "provider": hold.provider_id,
        "second_provider": hold.second_provider_id,
        "room": hold.room_id,
        "appointment_type": hold.appointment_type_id,
        "patient": hold.patient_id,
        "start": hold.starts_at.astimezone(terms.zone).isoformat(),
        "end": hold.ends_at.astimezone(terms.zone).isoformat(),
        "expires_at": hold.expires_at.astimezone(terms.zone).isoformat(),
    }
