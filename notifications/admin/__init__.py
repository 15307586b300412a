"""Messages and what belongs to them, for administrators: nearly all of it to read, since only the system writes it."""

from .answers import AddressStandingAdmin, ReplyAdmin
from .hooks import HookAdmin, HookCallAdmin, HookStandingAdmin
from .messages import MessageAdmin, MessageEventAdmin, ProgressAdmin, ReminderAdmin
from .policies import MessagePolicyAdmin, TemplateAdmin, TypeRemindersAdmin

__all__ = [
    "AddressStandingAdmin",
    "HookAdmin",
    "HookCallAdmin",
    "HookStandingAdmin",
    "MessageAdmin",
    "MessageEventAdmin",
    "MessagePolicyAdmin",
    "ProgressAdmin",
    "ReminderAdmin",
    "ReplyAdmin",
    "TemplateAdmin",
    "TypeRemindersAdmin",
]
