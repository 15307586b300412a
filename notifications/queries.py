"""Where a person can be reached."""

import uuid
from dataclasses import dataclass

from notifications.models import Message
from patients.models import ContactPoint, ContactSystem

_CHANNEL_OF = {ContactSystem.EMAIL: Message.Channel.EMAIL, ContactSystem.PHONE: Message.Channel.SMS}
_SYSTEM_OF = {channel: system for system, channel in _CHANNEL_OF.items()}


@dataclass(frozen=True, slots=True)
class Address:
    """A channel, the address on it, and the language of its owner."""

    channel: Message.Channel
    recipient: str
    language: str


def address_of(patient_id: uuid.UUID, *, channel: Message.Channel | None = None) -> Address | None:
    """Return the patient's first contact that may be written to, e-mail before phone, or only that of one channel; None without."""
    points = ContactPoint.objects.filter(patient_id=patient_id, active=True, consent=True).select_related("patient")
    if channel is not None:
        points = points.filter(system=_SYSTEM_OF[channel])
    point = points.order_by("system", "rank", "id").first()  # "email" sorts before "phone"
    if point is None:
        return None
    return Address(_CHANNEL_OF[ContactSystem(point.system)], point.value, point.patient.language)
