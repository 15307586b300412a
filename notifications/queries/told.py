"""Of which visits a message speaks, and which time it tells of each."""

import datetime as dt
import uuid

from django.db.models import Q, QuerySet

from appointments.models import Appointment, Status
from notifications.models import Kind, Message, Reminder, State


def times_told(message: Message) -> dict[uuid.UUID, dt.datetime]:
    """Return the visits that a message speaks of, its own first, with the time that it tells of each; none for account mail.

    Those beside its own are the visits of the reminders that became this message. A message in place of another that
    could not be delivered speaks of all that the other did; thanks for an answer speak of all that it confirmed.
    """
    if message.visit_id is None or message.visit_starts_at is None:
        return {}
    told = _times_joined(message, message.visit_id, message.visit_starts_at)
    return told | _others_confirmed(message, message.visit_id) if message.kind == Kind.THANKS else told


def _times_joined(message: Message, own: uuid.UUID, own_starts_at: dt.datetime) -> dict[uuid.UUID, dt.datetime]:
    speaking = [message.pk, *([message.instead_of_id] if message.instead_of_id else [])]
    joined = Reminder.objects.filter(message__in=speaking).order_by("visit_starts_at", "id")
    return {own: own_starts_at} | {
        visit: starts_at for visit, starts_at in joined.values_list("visit_id", "visit_starts_at") if visit != own
    }


def _others_confirmed(thanks: Message, own: uuid.UUID) -> dict[uuid.UUID, dt.datetime]:
    """Return the other visits of the message whose answer is thanked for, as far as they are confirmed."""
    asked = thanks.answers.message if thanks.answers is not None else None
    told = times_told(asked) if asked is not None else {}
    confirmed = Appointment.objects.filter(pk__in=told, status=Status.CONFIRMED).exclude(pk=own)
    return {visit: told[visit] for visit in confirmed.values_list("pk", flat=True)}


def told_of(messages: QuerySet[Message]) -> Message | None:
    """Return the latest of these messages that reached somebody, or may have: sent, being sent, or nobody knows yet."""
    arrived = Q(state__in=(State.SENT, State.DELIVERED)) | Q(
        state__in=(State.SENDING, State.WAITING), first_attempt_at__isnull=False, in_doubt=True
    )
    return messages.filter(arrived).order_by("-id").defer("recipient", "body", "html").first()
