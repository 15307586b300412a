"""What a message fills in beside a visit's own day and time: until when one can answer, what was before, a number, a note."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from django.utils import timezone

from appointments.events import ProviderRunsLate
from appointments.models import Appointment, Ticket
from mediconnect.habits import Habits
from notifications.errors import CannotBeWritten
from notifications.models import Channel, Kind, Message
from notifications.rules.wording.people import one_line

_LONGEST_NOTE: Final = 300


def times_to_tell(message: Message, visits: Sequence[Appointment]) -> Sequence[Appointment]:
    """Return what {day}, {time} and {provider} are taken from: the visits, or the time that is offered or proposed.

    What is only offered is no visit: it is returned as one that nobody booked.
    """
    if message.offer is not None:
        offer = message.offer
        return [Appointment(clinic=offer.entry.clinic, provider=offer.provider, starts_at=offer.starts_at)]
    if message.kind == Kind.PROPOSAL and message.displaced_visit is not None and visits:
        asked = message.displaced_visit
        if asked.proposed_provider is None or asked.proposed_starts_at is None:
            raise CannotBeWritten("nothing is proposed")
        clinic = visits[0].clinic
        return [Appointment(clinic=clinic, provider=asked.proposed_provider, starts_at=asked.proposed_starts_at)]
    return visits


def values_beside(message: Message, habits: Habits, channel: Channel) -> dict[str, str]:
    """Return what else the words of this message may fill in. Reads only what its kind has."""
    read = _READERS.get(Kind(message.kind))
    return read(message, habits, channel) if read else {}


def _of_offer(message: Message, habits: Habits, channel: Channel) -> dict[str, str]:
    offer = message.offer
    if offer is None:
        return {}
    left = offer.entry.appointment
    return {"until": until(offer.expires_at, habits, channel)} | _old(left.starts_at if left else None, habits, channel)


def _of_proposal(message: Message, habits: Habits, channel: Channel) -> dict[str, str]:
    asked = message.displaced_visit
    if asked is None or asked.expires_at is None:
        return {}
    return {"until": until(asked.expires_at, habits, channel)} | _old(asked.was_starts_at, habits, channel)


def _of_delay(message: Message, _habits: Habits, _channel: Channel) -> dict[str, str]:
    """Return the minutes of the fact that is told; a stand-in tells that of the message in whose place it goes."""
    told = message if message.fact is not None or message.instead_of is None else message.instead_of
    return {"minutes": str(told.fact.read(ProviderRunsLate).minutes)} if told.fact is not None else {}


def _of_ticket(message: Message, _habits: Habits, _channel: Channel) -> dict[str, str]:
    number = Ticket.objects.filter(appointment=message.visit_id).values_list("number", flat=True).first()
    return {"number": str(number)} if number is not None else {}


def _of_note(message: Message, _habits: Habits, _channel: Channel) -> dict[str, str]:
    return {"note": one_line(message.batch.words, _LONGEST_NOTE)} if message.batch is not None else {}


def until(moment: dt.datetime, habits: Habits, channel: Channel) -> str:
    """Return until when one can answer, by the clinic's clock: the time alone where that is today."""
    local = moment.astimezone(habits.zone)
    if local.date() == timezone.now().astimezone(habits.zone).date():
        return habits.time(local)
    return f"{_day(local.date(), habits, channel)}, {habits.time(local)}"


def _old(moment: dt.datetime | None, habits: Habits, channel: Channel) -> dict[str, str]:
    if moment is None:
        return {}
    local = moment.astimezone(habits.zone)
    return {"old_day": _day(local.date(), habits, channel), "old_time": habits.time(local)}


def _day(day: dt.date, habits: Habits, channel: Channel) -> str:
    return habits.short_day(day) if channel == Channel.SMS else habits.day_and_date(day)


_READERS: Final[Mapping[Kind, Callable[[Message, Habits, Channel], dict[str, str]]]] = {
    Kind.OFFER: _of_offer,
    Kind.PROPOSAL: _of_proposal,
    Kind.LATE: _of_delay,
    Kind.PLACE: _of_ticket,
    Kind.NOTE: _of_note,
}
