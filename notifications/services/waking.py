"""Wake the senders: the queue's row that commits with the message it is for."""

from typing import Final

from mediconnect.outbox.services.waking import WAIT, Bell, wake

SENDERS: Final = Bell("notifications", "notifications.tasks.send_due")


def wake_senders(*, wait: float = WAIT) -> None:
    """Let a worker look for due messages in `wait` seconds, unless one will anyway. Commits with the caller.

    Needed for speed alone: the minute's sweep finds what a lost wake-up left behind.
    """
    wake(bell=SENDERS, wait=wait)
