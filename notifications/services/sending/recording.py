"""Record how a call ended, in one transaction that only the holder of the lease can write."""

import datetime as dt
import logging
from collections.abc import Callable
from typing import Any, Final

from django.db import transaction
from django.db.models import Q

from mediconnect.resilience.breaker import Breaker, breaker_of
from mediconnect.resilience.retry import delay
from notifications.channels.choosing import channel_for
from notifications.locks.messages import database_now, hold
from notifications.models import AddressStanding, Channel, Message, MessageEvent, State
from notifications.rules.reasons import Why
from notifications.rules.statuses import fails_for_good
from notifications.services.falling_back import fall_back
from notifications.services.standing import note_undeliverable, opt_out
from patients.models import ContactSystem, index_of_value

from .carrying import Failed, HeldBack, NobodyKnows, NotAccepted, Outcome, Rejected, Sent, Unreachable, is_answer
from .claiming import WAIT_FOR_EVENT, Call, most_attempts
from .writing_down import end, fail, note, put_off, settle

log = logging.getLogger(__name__)

_SOON_TO_BE_SEEN: Final = 5.0
"""Seconds until a text that was accepted stands in Twilio's list. Our own assumption, and longer than it ever took us."""

_LOOK_UP_DELAY: Final = 5
"""A look-up that failed is repeated after about half a minute, as a sixth attempt would be: nobody's time is running."""

_LEAST_WAIT: Final = 1.0
"""Seconds; a wait of nothing would turn the loop in circles."""


def record(call: Call, outcome: Outcome) -> None:
    """Write the outcome of a call. Refused, and logged, where the lease was lost: another sender decides by now."""
    with transaction.atomic():
        message = hold(call.message_id, call.token)
        if message is None:
            log.warning("message %s: a result came after its lease (%s)", call.message_id, type(outcome).__name__)
            if isinstance(outcome, Sent):
                _complete(call, outcome)
            return
        _WRITERS[type(outcome)](call, message, outcome, database_now())
    if isinstance(outcome, Unreachable):
        _remember_address(message, outcome)


def _sent(call: Call, message: Message, outcome: Sent, now: dt.datetime) -> None:
    accepted = outcome.accepted
    if call.looks_up:
        note(message, MessageEvent.What.LOOKED_UP, "accepted", attempt=call.attempt)
    settle(
        message,
        state=State.SENT,
        reason="",
        last_error="",
        attempts=call.attempt,
        in_doubt=False,
        sent_at=now,
        via=outcome.via[:10],
        provider_id=accepted.provider_id,
        provider_status=accepted.provider_status[:20],
        segments=accepted.segments or message.segments,
    )
    note(message, MessageEvent.What.SENT, outcome.via, attempt=call.attempt)


def _complete(call: Call, outcome: Sent) -> None:
    """Add the service's id where its own word about the message came before ours: that word stands."""
    told = Message.objects.filter(pk=call.message_id, state__in=[State.SENT, State.DELIVERED, State.UNDELIVERED])
    told.filter(Q(provider_id="") | Q(provider_id=outcome.accepted.provider_id)).update(
        via=outcome.via[:10], provider_id=outcome.accepted.provider_id, in_doubt=False
    )


def _held_back(call: Call, message: Message, outcome: HeldBack, now: dt.datetime) -> None:
    """Give the attempt back: the service was not asked, or asked us to come later."""
    until = now + dt.timedelta(seconds=max(_LEAST_WAIT, outcome.seconds))
    if call.looks_up:
        put_off(message, until, Why.LOOKING_UP, attempts=call.attempt, known=message.reason)
        return
    if call.line_id is not None and not outcome.begun:
        MessageEvent.objects.filter(pk=call.line_id).delete()  # it was not tried after all
    attempts = call.attempt - 1
    put_off(
        message,
        until,
        outcome.why,
        attempts=attempts,
        known="" if outcome.begun else message.reason,
        in_doubt=False,
        last_attempt_at=call.tried_before,
        first_attempt_at=message.first_attempt_at if attempts or outcome.begun else None,
    )


def _failed(call: Call, message: Message, outcome: Failed, now: dt.datetime) -> None:
    if call.looks_up:
        _look_up_failed(call, message, now)
    elif outcome.ambiguous and not outcome.answered:
        seconds = WAIT_FOR_EVENT.total_seconds() if message.channel == Channel.EMAIL else _SOON_TO_BE_SEEN
        until = now + dt.timedelta(seconds=seconds)
        fail(message, until, Why.LOOKING_UP, attempts=call.attempt, error=outcome.code, in_doubt=True)
    elif outcome.ambiguous and message.channel == Channel.SMS:
        # It says it failed; whether all of it did is looked up when the next attempt is due.
        until = now + dt.timedelta(seconds=delay(call.attempt - 1))
        fail(message, until, Why.RETRY, attempts=call.attempt, error=outcome.code, in_doubt=True)
    else:
        _again_or_dead(call, message, now, outcome.code, wait=delay(call.attempt - 1), unsure=outcome.ambiguous)


def _look_up_failed(call: Call, message: Message, now: dt.datetime) -> None:
    """Ask again later, unless the service answered that the attempt failed and is otherwise well: then it is sent again."""
    if is_answer(message.last_error) and _breaker(call).room() > 0:
        _again_or_dead(call, message, now, message.last_error, unsure=True)
        return
    until = now + dt.timedelta(seconds=delay(_LOOK_UP_DELAY))
    put_off(message, until, Why.LOOKING_UP, attempts=call.attempt, known=message.reason)


def _again_or_dead(
    call: Call, message: Message, now: dt.datetime, error: str, *, wait: float = 0.0, unsure: bool = False
) -> None:
    """Plan the next attempt, or give the message up after its last. An outage that the breaker knows of kills nothing.

    `unsure`: the last one may have been accepted, so that one more of them is an ambiguity.
    """
    again = {"attempts": call.attempt, "in_doubt": False, "ambiguities": message.ambiguities + unsure}
    if call.attempt < most_attempts(call.channel):
        _wait_after(call, message, now + dt.timedelta(seconds=wait), Why.RETRY, error, again)
        return
    breaker = _breaker(call)
    if breaker.room() == 0:
        until = now + dt.timedelta(seconds=max(_LEAST_WAIT, breaker.state().retry_after))
        _wait_after(call, message, until, Why.SERVICE_AWAY, error, again)
        return
    if not call.looks_up:
        note(message, MessageEvent.What.FAILED, error, attempt=call.attempt)
    end(message, State.DEAD, Why.ATTEMPTS_USED_UP, attempts=call.attempt, error=error, in_doubt=unsure)
    if not unsure:
        fall_back(message)


def _breaker(call: Call) -> Breaker:
    return breaker_of(channel_for(call.channel).name)


def _wait_after(call: Call, message: Message, until: dt.datetime, why: Why, error: str, known: dict[str, Any]) -> None:
    """Let the message wait for its next attempt; the line that the last one failed is there already after a look-up."""
    settle(message, state=State.WAITING, reason=why, due_at=until, last_error=error[:80], **known)
    if not call.looks_up:
        note(message, MessageEvent.What.FAILED, error, attempt=call.attempt, until=until)


def _rejected(call: Call, message: Message, outcome: Rejected, _now: dt.datetime) -> None:
    note(message, MessageEvent.What.FAILED, outcome.code, attempt=call.attempt)
    end(message, State.DEAD, Why.REFUSED, attempts=call.attempt, error=outcome.code, in_doubt=False)
    fall_back(message)


def _unreachable(call: Call, message: Message, outcome: Unreachable, _now: dt.datetime) -> None:
    note(message, MessageEvent.What.FAILED, outcome.code, attempt=call.attempt)
    why = Why.OPTED_OUT if outcome.opted_out else Why.UNDELIVERABLE
    end(message, State.UNDELIVERED, why, attempts=call.attempt, error=outcome.code, in_doubt=False)
    message.state = State.UNDELIVERED
    fall_back(message)


def _not_accepted(call: Call, message: Message, _outcome: NotAccepted, now: dt.datetime) -> None:
    """The attempt before came to nothing for sure, so the next one doubles nothing."""
    note(message, MessageEvent.What.LOOKED_UP, "not_accepted", attempt=call.attempt)
    _again_or_dead(call, message, now, message.last_error)


def _nobody_knows(call: Call, message: Message, _outcome: NobodyKnows, now: dt.datetime) -> None:
    """Send again once without knowing, and say so on the message; a second time a person decides."""
    note(message, MessageEvent.What.LOOKED_UP, "nobody_knows", attempt=call.attempt)
    if message.ambiguities and not is_answer(message.last_error):
        end(message, State.DEAD, Why.LOOKING_UP, attempts=call.attempt, error=message.last_error)
        return
    _again_or_dead(call, message, now, message.last_error, unsure=True)


def _remember_address(message: Message, outcome: Unreachable) -> None:
    """Keep what was learnt of the address, for whoever would write to it next."""
    system = ContactSystem.PHONE if message.channel == Channel.SMS else ContactSystem.EMAIL
    index = message.recipient_index or index_of_value(system, message.recipient)
    with transaction.atomic():
        if outcome.opted_out:
            opt_out(message.channel, index, AddressStanding.OptedOutBy.CARRIER)
        elif fails_for_good(outcome.code):
            note_undeliverable(message.channel, index, outcome.code)


_WRITERS: Final[dict[type, Callable[..., None]]] = {
    Sent: _sent,
    HeldBack: _held_back,
    Failed: _failed,
    Rejected: _rejected,
    Unreachable: _unreachable,
    NotAccepted: _not_accepted,
    NobodyKnows: _nobody_knows,
}
