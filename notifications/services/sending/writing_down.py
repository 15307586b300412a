"""Write down what became of a message: its row and a line of its life, together."""

import datetime as dt
from typing import Any, Final

from notifications.models import Message, MessageEvent, State

_LINE_OF: Final = {
    State.SKIPPED: MessageEvent.What.SKIPPED,
    State.DEAD: MessageEvent.What.GIVEN_UP,
    State.UNDELIVERED: MessageEvent.What.UNDELIVERED,
}


def note(
    message: Message, what: MessageEvent.What, detail: str = "", *, attempt: int, until: dt.datetime | None = None
) -> MessageEvent:
    """Add a line to the message's life."""
    return MessageEvent.objects.create(message=message, what=what, detail=detail[:80], attempt=attempt, until=until)


def settle(message: Message, **columns: Any) -> None:
    """Write the outcome into the held row and give the lease back."""
    Message.objects.filter(pk=message.pk).update(lease_until=None, lease_token=None, **columns)


def end(
    message: Message, state: State, why: str, *, attempts: int, error: str = "", in_doubt: bool | None = None
) -> None:
    """End the message here, for this reason. `error` is the class and code of what went wrong, never its words."""
    doubt = message.in_doubt if in_doubt is None else in_doubt
    settle(message, state=state, reason=why, attempts=attempts, last_error=error[:80], in_doubt=doubt)
    note(message, _LINE_OF[state], why, attempt=attempts)


def put_off(message: Message, until: dt.datetime, why: str, *, attempts: int, known: str, **columns: Any) -> None:
    """Let the message wait, which uses no attempt. The line is left out where it waited for the same before (`known`)."""
    settle(message, state=State.WAITING, reason=why, due_at=until, attempts=attempts, **columns)
    if known != why:
        note(message, MessageEvent.What.WAITED, why, attempt=attempts, until=until)


def fail(message: Message, until: dt.datetime, why: str, *, attempts: int, error: str, **columns: Any) -> None:
    """Let the message wait for its next attempt after one that failed; `until` is by the database's clock."""
    settle(message, state=State.WAITING, reason=why, due_at=until, attempts=attempts, last_error=error[:80], **columns)
    note(message, MessageEvent.What.FAILED, error, attempt=attempts, until=until)
