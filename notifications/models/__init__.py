"""Messages and their lives, what is planned, what clinics set, what is known of addresses, and what people answer."""

from .message import OPEN, REQUEUABLE, Channel, Kind, Message, State
from .message_event import MessageEvent
from .policy import MessagePolicy, TypeReminders
from .progress import Progress
from .reminder import Reminder
from .reply import Reply
from .standing import AddressStanding
from .template import Template

__all__ = [
    "OPEN",
    "REQUEUABLE",
    "AddressStanding",
    "Channel",
    "Kind",
    "Message",
    "MessageEvent",
    "MessagePolicy",
    "Progress",
    "Reminder",
    "Reply",
    "State",
    "Template",
    "TypeReminders",
]
