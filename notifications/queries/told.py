"""Of which visits a message speaks, and which time it tells of each."""

import datetime as dt
import uuid

from notifications.models import Message, Reminder


def times_told(message: Message) -> dict[uuid.UUID, dt.datetime]:
    """Return the visits that a message speaks of, its own first, with the time that it tells of each; none for account mail.

    Those beside its own are the visits of the reminders that became this message. A message in place of another that
    could not be delivered speaks of all that the other did.
    """
    if message.visit_id is None or message.visit_starts_at is None:
        return {}
    speaking = [message.pk, *([message.instead_of_id] if message.instead_of_id else [])]
    joined = Reminder.objects.filter(message__in=speaking).order_by("visit_starts_at", "id")
    return {message.visit_id: message.visit_starts_at} | {
        visit: starts_at
        for visit, starts_at in joined.values_list("visit_id", "visit_starts_at")
        if visit != message.visit_id
    }
