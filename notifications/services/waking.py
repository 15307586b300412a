"""Wake the senders, or those who look for due reminders: the queue's row that commits with what it is for."""

from typing import Final

from mediconnect.outbox.services.waking import WAIT, Bell, wake

SENDERS: Final = Bell("notifications", "notifications.tasks.send_due")
# Beside the polls, which take seconds of five minutes: there a worker may wait for others' programs, while facts and
# messages have their own.
CALLERS: Final = Bell("reminders", "notifications.tasks.send_hook_calls")
POLLERS: Final = Bell("reminders", "notifications.tasks.poll_reminders")


def wake_senders(*, wait: float = WAIT) -> None:
    """Let a worker look for due messages in `wait` seconds, unless one will anyway. Commits with the caller.

    Needed for speed alone: the minute's sweep finds what a lost wake-up left behind.
    """
    wake(bell=SENDERS, wait=wait)


def wake_pollers(*, wait: float = WAIT) -> None:
    """Let a worker look for due reminders in `wait` seconds, before the next of its regular looks."""
    wake(bell=POLLERS, wait=wait)


def wake_callers(*, wait: float = WAIT) -> None:
    """Let a worker look for due calls to clinics' programs in `wait` seconds, unless one will anyway."""
    wake(bell=CALLERS, wait=wait)
