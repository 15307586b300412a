"""Read what is true of a message at this moment: its visits, its person's address, the hour, what was sent before."""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final
from zoneinfo import ZoneInfo

from appointments.models import Appointment
from notifications.locks.messages import queue_for_address
from notifications.models import Channel, Kind, Message, MessagePolicy
from notifications.queries.addresses import Destination, destinations_of
from notifications.rules.asking import why_offer_is_over, why_proposal_is_over
from notifications.rules.deciding import Situation, VisitNow
from notifications.rules.quiet import quiet_until
from notifications.rules.reasons import Why

_HOUR: Final = dt.timedelta(hours=1)
# What tells a person when a visit is, or that it is not.
_TELLING: Final = (Kind.BOOKED, Kind.MOVED, Kind.REMINDER, Kind.CANCELLED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """A situation and the rows it was read from."""

    situation: Situation
    destination: Destination | None = None
    visits: dict[uuid.UUID, Appointment] = field(default_factory=dict)


def present_of(message: Message, now: dt.datetime, told: dict[uuid.UUID, dt.datetime]) -> Present:
    """Return what is true of the message now, in the open transaction that keeps its visits (`told`) and what it asks."""
    bare = Situation(now=now, kind=message.kind, urgent=message.urgent, expires_at=message.expires_at)
    if message.patient_id is None or not (told or message.offer_id):
        return Present(situation=bare)
    visits = Appointment.objects.select_related("clinic", "provider", "patient").in_bulk(list(told))
    destination, blocked = _destination(message, message.patient_id)
    policy = MessagePolicy.objects.filter(clinic=message.clinic_id).first() or MessagePolicy()
    situation = replace(
        bare,
        visits=tuple(
            VisitNow(
                id=pk,
                status=visits[pk].status,
                starts_at=visits[pk].starts_at,
                told_starts_at=starts_at,
                displaced=visits[pk].displaced,
            )
            for pk, starts_at in told.items()
        ),
        known_time=_known_time(message) if message.kind == Kind.MOVED else None,
        over=_over(message, now),
        blocked=blocked,
        quiet_until=quiet_until(now, zone=_zone_of(message, visits), begins=policy.quiet_from, ends=policy.quiet_until),
        recent=() if message.urgent or destination is None else _recent(message, destination, now),
        cap=policy.hourly_cap,
    )
    return Present(situation=situation, destination=destination, visits=visits)


def _over(message: Message, now: dt.datetime) -> Why | None:
    """Return why what the message asks is over; None for one that asks nothing of the kind."""
    if message.kind == Kind.OFFER and message.offer is not None:
        return why_offer_is_over(message.offer.state, message.offer.expires_at, now)
    if message.kind == Kind.PROPOSAL and message.displaced_visit is not None:
        return why_proposal_is_over(message.displaced_visit.state, message.displaced_visit.expires_at, now)
    return None


def _zone_of(message: Message, visits: Mapping[uuid.UUID, Appointment]) -> ZoneInfo:
    """Return the clock by which it is night for the patient; that of a visit is read already."""
    known = next(iter(visits.values()), message)
    own = known.patient.timezone if known.patient else ""
    return ZoneInfo(own or (known.clinic.timezone if known.clinic else "UTC"))


def _destination(message: Message, patient_id: uuid.UUID) -> tuple[Destination | None, Why | None]:
    """Return the address to write to, or why there is none.

    That is the address of the attempt before while it may be used; else, and before the first attempt, the first usable
    one of the message's channel, else of the other, if that one does not tell the same already. What may have arrived at
    an address goes to no other.
    """
    found = destinations_of(patient_id)
    usable = [one for one in found.usable if one.channel == message.channel or _may_change_to(message, one.channel)]
    usable.sort(key=lambda one: (not _is_of(message, one), one.channel != message.channel))
    may_have_arrived = message.recipient_index and message.ambiguities
    if usable and (_is_of(message, usable[0]) or not may_have_arrived):
        return usable[0], None
    return None, found.blocked.get(Channel(message.channel), found.why_none)


def _is_of(message: Message, address: Destination) -> bool:
    return (address.channel, address.index) == (message.channel, message.recipient_index)


def _may_change_to(message: Message, channel: str) -> bool:
    """Say whether the message may go by the other channel: nothing else is on its way there."""
    if message.instead_of_id is not None:
        return False
    same = Message.objects.filter(
        visit=message.visit_id,
        visit_version=message.visit_version,
        kind=message.kind,
        lead_minutes=message.lead_minutes,
        channel=channel,
        answers=message.answers_id,
        offer=message.offer_id,
        displaced_visit=message.displaced_visit_id,
        batch=message.batch_id,
    )
    return not same.exists()


def _known_time(message: Message) -> dt.datetime | None:
    """Return the time of the visit that was told last, None if nothing was or if a cancellation was."""
    told = Message.objects.filter(visit=message.visit_id, kind__in=_TELLING, sent_at__isnull=False)
    told = told.exclude(pk=message.pk).exclude(state=Message.State.UNDELIVERED)
    last = told.order_by("-sent_at").values_list("kind", "visit_starts_at").first()
    return None if last is None or last[0] == Kind.CANCELLED else last[1]


def _recent(message: Message, destination: Destination, now: dt.datetime) -> tuple[dt.datetime, ...]:
    queue_for_address(destination.channel, destination.index)
    sent = Message.objects.filter(
        channel=destination.channel, recipient_index=destination.index, urgent=False, first_attempt_at__gt=now - _HOUR
    ).exclude(pk=message.pk)
    moments = sent.order_by("first_attempt_at").values_list("first_attempt_at", flat=True)
    return tuple(moment for moment in moments if moment is not None)
