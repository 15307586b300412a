"""What became of a message that a service took: told in any order, any number of times, and even before we know it was taken."""

import logging
import uuid
from collections.abc import Callable
from typing import Any, Final

from django.db.models import F
from django.db.models.functions import Coalesce, Now

from mediconnect.resilience.transactions import decide
from mediconnect.telemetry.request_id import current_request_id
from notifications.locks.addresses import hold_told
from notifications.models import AddressStanding, Message, MessageEvent, State
from notifications.models.message import TRANSITIONS
from notifications.rules.statuses import Got, Says, Status, got_by
from notifications.services.falling_back import fall_back
from notifications.services.standing import note_undeliverable, opt_in, opt_out

log = logging.getLogger(__name__)

_STATE_OF: Final = {
    Got.TAKEN: State.SENT,
    Got.ON_ITS_WAY: State.SENT,
    Got.DELIVERED: State.DELIVERED,
    Got.FAILED: State.UNDELIVERED,
}
_LINE_OF: Final = {
    Got.TAKEN: MessageEvent.What.SENT,
    Got.ON_ITS_WAY: MessageEvent.What.SENT,
    Got.DELIVERED: MessageEvent.What.DELIVERED,
    Got.FAILED: MessageEvent.What.UNDELIVERED,
}

_By = AddressStanding.OptedOutBy


def note_status(
    *, message_id: uuid.UUID | None, via: str, provider_id: str, source_id: str, status: Status
) -> Message | None:
    """Write down what a service says of a message, and return it as it then is; None where it is not one of ours.

    `via` is the service, `provider_id` its id of the message, by which it is found where it does not say ours.
    `source_id` names this piece of news: told again, nothing happens. The furthest news stands, whatever the order (see
    `rules.statuses.Got`); a failure turns the message to the other channel. What it says of the address is kept as well.
    """

    def work() -> Message | None:
        found = message_id or _id_of(via, provider_id)
        message = hold_told(found) if found else None
        if message is None:
            log.info("%s told of a message that is not there", via)
            return None
        if not MessageEvent.objects.filter(source_id=source_id).exists():
            _take(message, via, provider_id, source_id, status)
        return message

    return decide(work, actor_id=None, request_id=current_request_id(), reason=f"by {via}", fresh_reads=True)


def _take(message: Message, via: str, provider_id: str, source_id: str, status: Status) -> None:
    _line(message, source_id, status)
    if message.first_attempt_at is None:
        return  # queued again since: what came of its former life moves nothing
    if _of_another_attempt(message, provider_id) and status.got is not Got.DELIVERED:
        return  # the attempt that counts is another one
    failed = _advance(message, via, provider_id, status)
    if message.recipient_index and status.says is not Says.NOTHING:
        _HEARD[status.says](message, status)
    if failed:
        fall_back(message)


def _line(message: Message, source_id: str, status: Status) -> None:
    MessageEvent.objects.create(
        message=message,
        what=_LINE_OF.get(status.got, MessageEvent.What.DELIVERED),
        detail=status.code or status.word,
        attempt=message.attempts,
        source_id=source_id,
    )


def _of_another_attempt(message: Message, provider_id: str) -> bool:
    return bool(message.provider_id and provider_id and message.provider_id != provider_id)


def _advance(message: Message, via: str, provider_id: str, status: Status) -> bool:
    """Move the message as far as it got, if that is further than it was; return whether it failed by this."""
    known, state = got_by(message.provider_status), _STATE_OF.get(status.got)
    columns: dict[str, Any] = {}
    if not message.provider_id:
        columns |= {"provider_id": provider_id, "via": via}
    if status.got > known:
        columns["provider_status"] = status.word
    moved = state is not None and state != message.state and state in TRANSITIONS[State(message.state)]
    if moved and state is not None:
        columns |= _columns_of(state, status)
    if columns:
        Message.objects.filter(pk=message.pk).update(**columns)
        message.refresh_from_db(fields=["provider_id", "provider_status", "state", "reason", "via", "last_error"])
    return moved and state == State.UNDELIVERED


def _columns_of(state: State, status: Status) -> dict[str, Any]:
    """Return what changes with the state. A sender that holds the message loses its lease: its result is known by now."""
    columns: dict[str, Any] = {"state": state, "lease_until": None, "lease_token": None, "in_doubt": False}
    if state == State.UNDELIVERED:
        return columns | {"reason": status.why, "last_error": status.code}
    columns |= {"reason": "", "last_error": "", "sent_at": Coalesce(F("sent_at"), Now())}
    return columns | ({"delivered_at": Now()} if state == State.DELIVERED else {})


def _id_of(via: str, provider_id: str) -> uuid.UUID | None:
    if not provider_id:
        return None
    told = Message.objects.filter(provider_id=provider_id, via=via)
    return told.values_list("pk", flat=True).first()


_HEARD: Final[dict[Says, Callable[[Message, Status], object]]] = {
    Says.FAILS: lambda message, status: note_undeliverable(message.channel, message.recipient_index, status.code),
    Says.UNSUBSCRIBED: lambda message, _: opt_out(message.channel, message.recipient_index, _By.UNSUBSCRIBE),
    Says.COMPLAINED: lambda message, _: opt_out(message.channel, message.recipient_index, _By.COMPLAINT),
    Says.OPTED_OUT: lambda message, _: opt_out(message.channel, message.recipient_index, _By.CARRIER),
    Says.OPTED_IN: lambda message, _: opt_in(message.channel, message.recipient_index),
}
