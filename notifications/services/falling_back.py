"""Try the other channel where one cannot reach a person: once, and only while it is still worth it."""

from typing import Final

from django.utils import timezone

from notifications.models import Kind, Message, MessageEvent
from notifications.queries.addresses import destinations_of
from notifications.services.telling import Telling
from notifications.services.waking import wake_senders
from notifications.services.writing import tell_one

_OF_THE_DAY: Final = (Kind.LATE, Kind.PLACE)


def fall_back(message: Message) -> Message | None:
    """Write the same step of the same visit, or the same offer, on the other channel, in the open transaction.

    None where there is no other. `message` could not be delivered. A message that itself stands in for another has no
    second stand-in, mail of an account has none, and nothing is written once the visit began, or what is told of a day
    is past it, or the message is past its time.
    """
    now = timezone.now()
    if message.patient_id is None or message.clinic_id is None or message.instead_of_id is not None:
        return None
    begun = message.visit is not None and message.visit.starts_at <= now and message.kind not in _OF_THE_DAY
    if begun or (message.expires_at is not None and message.expires_at <= now):
        return None
    other = next((one for one in destinations_of(message.patient_id).usable if one.channel != message.channel), None)
    if other is None:
        return None
    stand_in = tell_one(
        Telling(
            visit=message.visit,
            kind=Message.Kind(message.kind),
            version=message.visit_version,
            offer=message.offer,
            displaced=message.displaced_visit,
            batch=message.batch,
            urgent=message.urgent,
            lead_minutes=message.lead_minutes,
            channel=Message.Channel(other.channel),
            instead_of=message,
            answers=message.answers,
            expires_at=None if message.answers else message.expires_at,
        )
    )
    if stand_in.instead_of_id != message.pk:
        return None
    MessageEvent.objects.create(message=message, what=MessageEvent.What.FELL_BACK, detail=other.channel)
    wake_senders()
    return stand_in
