"""How a message leaves the house: Twilio, SendGrid, or the sandbox that delivers to nobody."""

from notifications.channels.choosing import channel_for, is_real, names_of
from notifications.channels.port import Accepted, Attachment, Channel, Letter, OptedOut, Undeliverable, Unknowable

__all__ = [
    "Accepted",
    "Attachment",
    "Channel",
    "Letter",
    "OptedOut",
    "Undeliverable",
    "Unknowable",
    "channel_for",
    "is_real",
    "names_of",
]
