"""Write a message because of a fact."""

from urllib.parse import urljoin

from django.conf import settings
from django.db import connection, transaction

from mediconnect.outbox.models import Fact
from notifications.models import Message
from notifications.services.composing import compose_account


def public_link(path: str) -> str:
    """Return the absolute address of one of our pages, as a person outside reaches it."""
    return urljoin(settings.PUBLIC_URL, path)


def write_message(
    *,
    fact: Fact,
    kind: Message.Kind,
    channel: Message.Channel,
    recipient: str,
    language: str = "en",
    context: dict[str, str] | None = None,
) -> Message:
    """Write the message of this kind about the fact, in the open transaction; the sandbox records it and sends nothing.

    The words are ours, in the recipient's language; `context` holds the link or code that they fill in. Raises
    `CannotBeWritten` where it lacks that, `IntegrityError` where the fact was
    written about in this kind before, and `TransactionManagementError` outside a transaction: a link minted for the
    message must be kept or lost together with it.
    """
    if not connection.in_atomic_block:
        message = "write_message() needs an open transaction."
        raise transaction.TransactionManagementError(message)
    words = compose_account(kind=kind, channel=channel, language=language, values=context or {})
    return Message.objects.create(
        fact=fact,
        kind=kind,
        channel=channel,
        recipient=recipient,
        language=language,
        subject=words.subject,
        body=words.body,
        html=words.html or None,
        segments=words.segments,
    )
