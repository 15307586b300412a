"""Messages and their lives, what is planned, what clinics set, what is known of addresses, and what people answer."""

from .hook import HEARD, CallState, Hook, HookCall, HookEvent, HookStanding, PausedWhy
from .message import OPEN, REQUEUABLE, Channel, Kind, Message, State
from .message_event import MessageEvent
from .policy import MessagePolicy, TypeReminders
from .progress import Progress
from .reminder import Reminder
from .reply import Reply
from .standing import AddressStanding
from .template import Template

__all__ = [
    "HEARD",
    "OPEN",
    "REQUEUABLE",
    "AddressStanding",
    "CallState",
    "Channel",
    "Hook",
    "HookCall",
    "HookEvent",
    "HookStanding",
    "Kind",
    "Message",
    "MessageEvent",
    "MessagePolicy",
    "PausedWhy",
    "Progress",
    "Reminder",
    "Reply",
    "State",
    "Template",
    "TypeReminders",
]
