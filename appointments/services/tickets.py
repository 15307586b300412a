"""Numbers for those who have come: given on arrival where a clinic calls them on a screen, and called."""

import datetime as dt
import uuid

from django.db.models import Max
from django.utils import timezone

from appointments.errors import NotWaiting
from appointments.events import TicketGiven
from appointments.locks import lock_appointment, lock_screens
from appointments.models import Appointment, Status, Ticket
from appointments.queries.line import place_of
from mediconnect.outbox import publish
from mediconnect.resilience.transactions import decide
from mediconnect.telemetry.request_id import current_request_id

from .booking import Caller


def follow_with_ticket(visit: Appointment) -> None:
    """Give whoever has just come a number, and call the number of whoever is shown to a room; in the open transaction.

    Nothing happens in a clinic without a call screen. Whoever comes a second time on a day (an arrival was taken back)
    keeps the number.
    """
    if visit.status == Status.ARRIVED:
        _give(visit)
    elif visit.status == Status.ROOMED:
        Ticket.objects.filter(appointment=visit).update(called_at=timezone.now())


def call_ticket(*, appointment_id: uuid.UUID, caller: Caller) -> Ticket:
    """Call a visit's number on the screens, once more if it was called before; return it.

    Raises `NotFound`, and `NotWaiting` for a visit without a number, or whose patient is with the provider or gone.
    """

    def work() -> Ticket:
        visit = lock_appointment(appointment_id)
        ticket = Ticket.objects.filter(appointment=visit).first()
        if ticket is None or visit.status not in {Status.ARRIVED, Status.ROOMED}:
            raise NotWaiting
        ticket.called_at = timezone.now()
        ticket.save(update_fields=["called_at"])
        return ticket

    return decide(work, actor_id=caller.user_id, request_id=current_request_id())


def _give(visit: Appointment) -> None:
    if not lock_screens(visit.clinic_id) or Ticket.objects.filter(appointment=visit).exists():
        return
    day = _today(visit)
    # Whoever gives the next number waits for this transaction: the screens are locked.
    last = Ticket.objects.filter(clinic=visit.clinic_id, day=day).aggregate(last=Max("number"))["last"]
    place = place_of(visit.pk)
    ticket = Ticket.objects.create(
        appointment=visit,
        clinic_id=visit.clinic_id,
        day=day,
        number=(last or 0) + 1,
        estimated_minutes=place.minutes if place else None,
    )
    publish(TicketGiven(ticket.pk), aggregate_id=visit.pk)


def _today(visit: Appointment) -> dt.date:
    return timezone.now().astimezone(visit.clinic.zone).date()
