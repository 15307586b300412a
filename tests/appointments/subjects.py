"""What the rules are asked about: terms with plain values, each of which a test may replace."""

import uuid
from typing import Any

from appointments.rules.terms import Terms

CLINIC, PROVIDER, KIND = (uuid.UUID(int=number) for number in (1, 2, 3))


def terms(**changes: Any) -> Terms:
    """Return the terms of a half-hour visit in New York that needs no room and is bound by no limit."""
    words: dict[str, Any] = {
        "clinic_id": CLINIC,
        "provider_id": PROVIDER,
        "appointment_type_id": KIND,
        "timezone": "America/New_York",
        "phone": "",
        "duration": 30,
        "buffer_before": 0,
        "buffer_after": 0,
        "start_grid": 15,
        "bookable_online": True,
        "needs_room": False,
        "needs_device": False,
        "daily_limit": None,
        "capacity": 1,
        "minimum_notice_minutes": 60,
        "horizon_days": 180,
        "cancel_cutoff_hours": 24,
        "move_cutoff_hours": 24,
        "hold_minutes": 5,
        "open_bookings_limit": 3,
        "open_of_type_limit": None,
        "open_at_all_limit": None,
        "rooms": (),
        "devices": (),
    }
    return Terms(**(words | changes))
