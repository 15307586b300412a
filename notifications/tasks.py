"""The queue's doors to messages."""

import time
from typing import Final

from mediconnect.resilience.stopping import is_stopping

from .models import Channel
from .queries.due import seconds_to_next
from .queries.hooks import seconds_to_next_call
from .services.cleaning import forget_rows, forget_words
from .services.hooks.forgetting import forget_calls
from .services.hooks.turning import call_hooks
from .services.listening import check_callbacks as listen_to_services
from .services.planning import plan_missing as plan_visits_without_plan
from .services.polling import PAUSE
from .services.polling import poll_reminders as poll_due_reminders
from .services.sending import turning
from .services.waking import wake_callers, wake_pollers, wake_senders

_POLL_SECONDS: Final = 15.0
"""No batch begins later than this: one takes a second or two, and the queue ends a task after 30."""

_CLEANING_SECONDS: Final = 8.0
"""For each of the three parts, so that all end within a task's 30."""

_ANOTHER_TURN: Final = 2.0
"""Seconds after which to look again where another turn is at work: it may end before it sees what we were woken for."""


def send_due() -> None:
    """Send what is due, and ask for another turn when more soon will be."""
    turning.send_due()
    wait = seconds_to_next(Channel.values)
    if wait is not None and wait < turning.SOON_SECONDS:
        wake_senders(wait=max(wait, 0.2))


def send_hook_calls() -> None:
    """Make the calls to clinics' programs that are due, and ask for another turn when more soon will be."""
    if call_hooks() is None:
        wake_callers(wait=_ANOTHER_TURN)
        return
    wait = seconds_to_next_call()
    if wait is not None and wait < turning.SOON_SECONDS:
        wake_callers(wait=max(wait, 0.2))


def poll_reminders() -> None:
    """Decide about the reminders that are due, batch after batch while there are full ones.

    Where the senders are behind, or the time of a task is over before the work is, it looks again by itself.
    """
    until = time.monotonic() + _POLL_SECONDS
    polled = poll_due_reminders()
    while polled.is_full and time.monotonic() < until and not is_stopping():
        polled = poll_due_reminders()
    if polled.paused_until is not None:
        wake_pollers(wait=PAUSE.total_seconds())
    elif polled.is_full:
        wake_pollers()


def plan_missing() -> None:
    """Plan the reminders of visits that came without a fact: imports, loads, a handler that failed for good."""
    until = time.monotonic() + _POLL_SECONDS
    while plan_visits_without_plan() and time.monotonic() < until and not is_stopping():
        pass


def clean_up() -> None:
    """Forget the words of messages that are long over, and later the messages; what is left over is the next night's."""
    forget_words(seconds=_CLEANING_SECONDS)
    forget_rows(seconds=_CLEANING_SECONDS)
    forget_calls(seconds=_CLEANING_SECONDS)


def check_callbacks() -> None:
    """Notice a service that takes messages and tells nothing of them."""
    listen_to_services()
