"""The queue's doors to messages."""

from .models import Channel
from .queries.due import seconds_to_next
from .services.cleaning import forget_rows, forget_words
from .services.sending import turning
from .services.waking import wake_senders


def send_due() -> None:
    """Send what is due, and ask for another turn when more soon will be."""
    turning.send_due()
    wait = seconds_to_next(Channel.values)
    if wait is not None and wait < turning.SOON_SECONDS:
        wake_senders(wait=max(wait, 0.2))


def clean_up() -> None:
    """Forget the words of messages that are long over, and later the messages."""
    forget_words()
    forget_rows()
