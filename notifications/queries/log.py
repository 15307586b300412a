"""Messages to look through: whose they are to see, and what of them may be shown."""

import uuid

from django.db.models import Exists, OuterRef, Q, QuerySet

from appointments.models import WaitlistOffer
from mediconnect.api.access import CLINIC_ADMIN, FRONT_DESK, PROVIDER
from mediconnect.api.principal import Principal
from notifications.models import Channel, Message, Reminder
from notifications.models.message import MessageQuerySet
from patients.rules.contacts import masked_email, masked_phone


def visible_to(principal: Principal) -> MessageQuerySet:
    """Return the messages that a member of staff may see: a desk's clinic's, a provider's about visits and offers of the own calendar.

    Messages about an account belong to no clinic and are nobody's here. Each comes with its clinic.
    """
    messages: MessageQuerySet = Message.objects.filter(clinic__isnull=False).select_related("clinic")
    if principal.kind != "staff":
        return messages.none()
    if principal.is_superuser:
        return messages
    desk = principal.clinics(FRONT_DESK) | principal.clinics(CLINIC_ADMIN)
    own = principal.clinics(PROVIDER) - desk
    words = Q(clinic__in=desk)
    if own:
        told = Q(message=OuterRef("pk")) | Q(message=OuterRef("instead_of"))
        joined = Exists(Reminder.objects.filter(told, visit__provider__user=principal.user_id))
        offers = Q(offer__provider__user=principal.user_id)
        words |= Q(Q(visit__provider__user=principal.user_id) | offers | Q(joined), clinic__in=own)
    return messages.filter(words)


def about(visit_id: uuid.UUID) -> QuerySet[Message]:
    """Return the messages about a visit, newest first; among them those that tell of others first, or stand in for such.

    So are offers of a time to which the visit would move.
    """
    joined = Reminder.objects.filter(visit=visit_id, message__isnull=False).values("message")
    offers = WaitlistOffer.objects.filter(entry__appointment=visit_id).values("pk")
    return Message.objects.filter(Q(visit=visit_id) | Q(pk__in=joined) | Q(instead_of__in=joined) | Q(offer__in=offers))


def masked(channel: str, recipient: str) -> str:
    """Return as much of an address as its owner recognises it by: “•••• 4821”, “a•••@example.org”; "" for none yet."""
    if not recipient:
        return ""
    return masked_phone(recipient) if channel == Channel.SMS else masked_email(recipient)
