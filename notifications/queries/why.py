"""Why a message was, or was not, sent: everything that was decided about it, in the codes that rows keep."""

from dataclasses import dataclass

from notifications.models import Message, MessageEvent, Reminder, Reply


@dataclass(frozen=True, slots=True)
class Story:
    """A message's whole life. `reminders` are the plans it was written for, `replies` what was answered to it."""

    message: Message
    reminders: tuple[Reminder, ...]
    events: tuple[MessageEvent, ...]
    replies: tuple[Reply, ...]
    fallback: Message | None


def story_of(message: Message) -> Story:
    """Return what happened to the message, in the order in which it happened. Four statements."""
    reminders = Reminder.objects.filter(message=message).select_related("visit").order_by("visit_starts_at", "id")
    return Story(
        message=message,
        reminders=tuple(reminders),
        events=tuple(MessageEvent.objects.filter(message=message).select_related("by").order_by("id")),
        replies=tuple(Reply.objects.filter(message=message).order_by("received_at", "id")),
        fallback=Message.objects.filter(instead_of=message).first(),
    )
