"""Hold the offer or the proposal that a message makes, so that it does not end while that is decided by it."""

import uuid
from typing import Final

from django.db import connection

from appointments.models import BatchItem, DisplacedVisit, WaitlistOffer
from notifications.models import Kind, Message, State

# Passed by, not waited for: whoever ends it now is heard at the next look, and the senders go on meanwhile.
_SHARE_OFFER: Final = "SELECT FROM appointments_waitlistoffer WHERE id = %s FOR SHARE SKIP LOCKED"
_SHARE_DISPLACED: Final = "SELECT FROM appointments_displacedvisit WHERE id = %s FOR SHARE SKIP LOCKED"


def share_asked(message: Message) -> bool:
    """Keep what the message asks as it is until the transaction ends; False if it is being changed at this moment.

    An end that commits later finds the send begun, and no send begins after its commit.
    """
    for statement, row in ((_SHARE_OFFER, message.offer_id), (_SHARE_DISPLACED, message.displaced_visit_id)):
        if row is not None and not _found(statement, row):
            return False
    return True


def keep_offer(offer_id: uuid.UUID) -> WaitlistOffer:
    """Return the offer as it is now, after whoever is ending it, and keep it so until the transaction ends."""
    WaitlistOffer.objects.select_for_update(no_key=True, of=("self",)).get(pk=offer_id)
    related = ("entry__clinic", "entry__patient", "entry__appointment", "freed_time", "provider")
    return WaitlistOffer.objects.select_related(*related).get(pk=offer_id)


def keep_displaced(displaced_id: uuid.UUID) -> DisplacedVisit:
    """Return the displaced visit as it is now, after whoever is settling it, and keep it so until the transaction ends."""
    return DisplacedVisit.objects.select_for_update(no_key=True, of=("self",)).get(pk=displaced_id)


def keep_item(item_id: uuid.UUID) -> BatchItem:
    """Return the item of a batch as it is now and keep it so until the transaction ends: it is written about or stopped."""
    BatchItem.objects.select_for_update(no_key=True, of=("self",)).get(pk=item_id)
    return BatchItem.objects.select_related("batch").get(pk=item_id)


def hold_asking(
    kind: Kind, *, offer_id: uuid.UUID | None = None, displaced_id: uuid.UUID | None = None
) -> list[Message]:
    """Lock and return what is queued to ask it, passing by what a sender holds: it reads again by itself.

    Without those of which nobody knows whether they were accepted: they are settled first.
    """
    rows = Message.objects.sealed().filter(
        kind=kind,
        offer=offer_id,
        displaced_visit=displaced_id,
        state__in=(State.QUEUED, State.WAITING),
        in_doubt=False,
    )
    return list(rows.order_by("id").select_for_update(of=("self",), no_key=True, skip_locked=True))


def _found(statement: str, row: uuid.UUID) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(statement, [row])
        return bool(cursor.rowcount == 1)
