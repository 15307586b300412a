"""Write a row about a visit: one to come is booked like any other, one that is over is written down."""

import datetime as dt
import uuid
from typing import Any

from appointments.models import Source
from appointments.services.booking import Booking, Caller, book_appointment
from appointments.services.recording import OVER, PastVisit, record_past_visit
from mediconnect.operations.exchange.kinds.kind import Order
from mediconnect.operations.exchange.scene import Scene


def write(scene: Scene, order: Order) -> uuid.UUID:
    """Book or write down the visit of a row; return its id. Raises what those services raise. Nobody is written to."""
    plan, caller = order.plan, Caller(scene.by_id, patients_own=False)
    what: dict[str, Any] = {
        "appointment_type_id": uuid.UUID(plan["type"]),
        "provider_id": uuid.UUID(plan["provider"]),
        "patient_id": uuid.UUID(plan["patient"]),
    }
    start, minutes, reason = dt.datetime.fromisoformat(plan["start"]), plan["minutes"], plan["reason"]
    if plan["status"] in OVER:
        past = PastVisit(**what, start=start, minutes=minutes, reason=reason, status=plan["status"])
        return record_past_visit(past, caller=caller).pk
    booking = Booking(**what, start=start, minutes=minutes, reason=reason, source=Source.IMPORTED)
    visit, _terms = book_appointment(booking, caller=caller)
    return visit.pk
