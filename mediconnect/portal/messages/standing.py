"""What is known of a patient's numbers and addresses: whether messages are wanted there, and whether they arrive."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from mediconnect.errors import NotFound
from mediconnect.portal.desk import Desk
from notifications.models import AddressStanding, Channel
from patients.models import ContactPoint, ContactSystem

from .words import reason

_BY: Final = AddressStanding.OptedOutBy
_CHANNELS: Final[Mapping[str, Channel]] = {ContactSystem.PHONE: Channel.SMS, ContactSystem.EMAIL: Channel.EMAIL}
_OPTED_OUT: Final[Mapping[AddressStanding.OptedOutBy, str]] = {
    _BY.REPLY: gettext_noop("Answered STOP on %(day)s: no messages there."),
    _BY.CARRIER: gettext_noop("No messages are wanted there, says the phone company since %(day)s."),
    _BY.UNSUBSCRIBE: gettext_noop("Unsubscribed on %(day)s: no messages there."),
    _BY.COMPLAINT: gettext_noop("Reported our mail as spam on %(day)s: no messages there."),
    _BY.STAFF: gettext_noop("Told the front desk on %(day)s that no messages are wanted there."),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands against writing to a contact. `needs_note`: somebody has to say how its owner asked for messages again."""

    id: uuid.UUID
    sentences: tuple[str, ...]
    needs_note: bool


def standings_of(desk: Desk, points: Iterable[ContactPoint]) -> dict[uuid.UUID, Standing]:
    """Return by contact what stands against writing there. One statement, none for nobody's contacts."""
    by_index = {(_CHANNELS[point.system], point.value_index): point.pk for point in points}
    if not by_index:
        return {}
    known = AddressStanding.objects.filter(address_index__in=[index for _channel, index in by_index])
    found = ((by_index.get((Channel(one.channel), one.address_index)), one) for one in known)
    return {pk: shown for pk, one in found if pk is not None and (shown := _shown(desk, one)).sentences}


def standing_at(patient_id: uuid.UUID, contact_id: uuid.UUID) -> uuid.UUID:
    """Return the id of what is known of a patient's contact; raises `NotFound`."""
    point = ContactPoint.objects.active().filter(patient=patient_id, pk=contact_id).first()
    if point is None:
        raise NotFound
    known = AddressStanding.objects.filter(channel=_CHANNELS[point.system], address_index=point.value_index)
    found: uuid.UUID | None = known.values_list("pk", flat=True).first()
    if found is None:
        raise NotFound
    return found


def _shown(desk: Desk, one: AddressStanding) -> Standing:
    sentences = []
    if one.opted_out_at is not None:
        day = desk.habits.date(one.opted_out_at.astimezone(desk.zone).date())
        sentences.append(_(_OPTED_OUT[_BY(one.opted_out_by or _BY.STAFF)]) % {"day": day})
    if one.undeliverable_at is not None:
        day = desk.habits.date(one.undeliverable_at.astimezone(desk.zone).date())
        words = {"day": day, "why": reason(one.undeliverable_code) if one.undeliverable_code else ""}
        told = (
            _("Nothing arrives there since %(day)s: %(why)s.")
            if words["why"]
            else _("Nothing arrives there since %(day)s.")
        )
        sentences.append(told % words)
    return Standing(one.pk, tuple(sentences), one.opted_out_at is not None)
