"""React to facts of the waiting room: a number with its place in line, and a provider who runs late."""

import datetime as dt
from typing import Final

from django.utils import timezone

from appointments.events import ProviderRunsLate, TicketGiven
from appointments.locks import lock_appointment
from appointments.models import Status, Ticket
from mediconnect.outbox.models import Fact
from notifications.models import Kind
from notifications.queries.times import times_since
from notifications.rules.reasons import Why
from notifications.services.telling import Telling
from notifications.services.writing import tell_one

_USEFUL: Final = dt.timedelta(hours=1)
"""A place in line that comes later than this after the number was given is of no use to who sits there."""


def write_place(fact: Fact) -> None:
    """Tell somebody who has come the number and where to see the place in line, at once."""
    ticket = Ticket.objects.get(pk=fact.read(TicketGiven).ticket_id)
    visit = lock_appointment(ticket.appointment_id)
    tell_one(
        Telling(
            kind=Kind.PLACE,
            visit=visit,
            version=times_since([visit])[visit.pk].version,
            fact=fact,
            urgent=True,
            skip=None if visit.status == Status.ARRIVED else Why.NOT_IN_LINE,
            expires_at=timezone.now() + _USEFUL,
        )
    )


def write_late(fact: Fact) -> None:
    """Tell once of a visit's time that it will begin so many minutes later, at once: somebody may be on the way."""
    event = fact.read(ProviderRunsLate)
    visit = lock_appointment(event.appointment_id)
    tell_one(
        Telling(
            kind=Kind.LATE,
            visit=visit,
            version=times_since([visit])[visit.pk].version,
            fact=fact,
            urgent=True,
            expires_at=visit.starts_at + dt.timedelta(minutes=event.minutes),
        )
    )
