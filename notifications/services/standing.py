"""What is known of an address: that its owner wants no messages, or that nothing arrives there; and what follows."""

import uuid
from collections.abc import Mapping
from typing import Final

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from mediconnect.errors import Invalid, NotFound
from mediconnect.resilience.transactions import decide
from mediconnect.telemetry.request_id import current_request_id
from notifications.locks.addresses import hold_waiting
from notifications.models import AddressStanding, Channel, Message, MessageEvent, State
from notifications.queries.addresses import Reach, reach_of
from notifications.rules.reasons import Why
from notifications.services.falling_back import fall_back
from patients.models import ContactPoint, ContactSystem, Dependant

_SYSTEM_OF: Final = {Channel.SMS: ContactSystem.PHONE, Channel.EMAIL: ContactSystem.EMAIL}
_LONGEST_CODE: Final = 40


def opt_out(channel: str, address_index: str, by: AddressStanding.OptedOutBy) -> AddressStanding:
    """Keep that the owner of this address wants no messages on it, and drop what waits; said twice, the first one stands.

    `by` is how we know. Mail of an account is sent all the same: its owner asks for it each time. One transaction.
    """
    with transaction.atomic():
        known = _known(channel, address_index)
        AddressStanding.objects.filter(pk=known.pk, opted_out_at=None).update(opted_out_at=Now(), opted_out_by=by)
        _drop(channel, address_index, Why.OPTED_OUT)
    known.refresh_from_db()
    return known


def opt_in(channel: str, address_index: str) -> None:
    """Keep that the owner of this address wants messages again. What was dropped stays dropped: its time may be over."""
    known = AddressStanding.objects.filter(channel=channel, address_index=address_index, opted_out_at__isnull=False)
    known.update(opted_out_at=None, opted_out_by="")


def note_undeliverable(channel: str, address_index: str, code: str) -> AddressStanding:
    """Keep that nothing arrives at this address, with the service's code, and turn what waits to the other channel.

    The last code stands. Only for codes that are about the address itself: see `rules.statuses`. One transaction.
    """
    with transaction.atomic():
        known = _known(channel, address_index)
        AddressStanding.objects.filter(pk=known.pk).update(
            undeliverable_at=Now(), undeliverable_code=code[:_LONGEST_CODE]
        )
        _drop(channel, address_index, Why.ADDRESS_FAILS)
    known.refresh_from_db()
    return known


def note_reachable(channel: str, address_index: str) -> None:
    """Take back that nothing arrives there: its owner has just written from it."""
    failing = AddressStanding.objects.filter(
        channel=channel, address_index=address_index, undeliverable_at__isnull=False
    )
    failing.update(undeliverable_at=None, undeliverable_code="")


def clear_standing(*, standing_id: uuid.UUID, by_id: uuid.UUID, note: str = "") -> AddressStanding:
    """Let an address be written to again, as a person says; the history keeps who and the note.

    That nothing arrives there needs no note: the next message will tell. An opt-out is lifted only where a note says how
    its owner asked for it; what the carrier blocks stays blocked until START, and the next message brings that back.
    Raises `NotFound`, and `Invalid` for an opt-out without a note.
    """
    words = note.strip()

    def work() -> AddressStanding:
        known = AddressStanding.objects.filter(pk=standing_id).first()
        if known is None:
            raise NotFound
        if known.opted_out_at is not None and not words:
            raise Invalid.field("note", "Say how the owner of this address asked for messages again.")
        AddressStanding.objects.filter(pk=standing_id).update(
            opted_out_at=None, opted_out_by="", undeliverable_at=None, undeliverable_code=""
        )
        known.refresh_from_db()
        return known

    return decide(work, actor_id=by_id, request_id=current_request_id(), reason=words[:200])


def _known(channel: str, address_index: str) -> AddressStanding:
    known, _ = AddressStanding.objects.get_or_create(channel=channel, address_index=address_index)
    return known


def _drop(channel: str, address_index: str, why: Why) -> None:
    """Skip what waits for this address, and write it for the other channel where the person may be written to there.

    A message without an address yet goes to whatever may be used when it is sent: it is skipped only where that is nothing.
    """
    waiting = hold_waiting(channel, address_index, _owners(channel, address_index))
    unaddressed = {message.patient_id for message in waiting if not message.recipient_index and message.patient_id}
    reach = reach_of(unaddressed) if unaddressed else {}
    for message in waiting:
        against = why if message.recipient_index else _why_nowhere(reach, message.patient_id)
        if against is not None:
            _skip(message, against)


def _why_nowhere(reach: Mapping[uuid.UUID, Reach], patient_id: uuid.UUID | None) -> Why | None:
    return reach[patient_id].why_not(None) if patient_id is not None and patient_id in reach else None


def _skip(message: Message, why: Why) -> None:
    Message.objects.filter(pk=message.pk).update(state=State.SKIPPED, reason=why)
    MessageEvent.objects.create(message=message, what=MessageEvent.What.SKIPPED, detail=why, attempt=message.attempts)
    message.state, message.reason = State.SKIPPED, why
    fall_back(message)


def _owners(channel: str, address_index: str) -> set[uuid.UUID]:
    """Return whose address it is, and the dependants who may be written to there."""
    points = ContactPoint.objects.active().filter(system=_SYSTEM_OF[Channel(channel)], value_index=address_index)
    owners = set(points.values_list("patient_id", flat=True))
    rights = Dependant.objects.on(timezone.now().date()).filter(guardian__in=owners)
    return owners | set(rights.values_list("patient_id", flat=True))
