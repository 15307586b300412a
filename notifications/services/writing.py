"""Write a message because of a fact."""

from typing import Final
from urllib.parse import urljoin

from django.conf import settings
from django.db import connection, transaction
from django.template.loader import render_to_string

from mediconnect.outbox.models import Fact
from notifications.models import Message

_SUBJECTS: Final = {
    Message.Kind.PASSWORD_RESET: "Your new password",
    Message.Kind.PASSWORD_CHANGED: "Your password was changed",
    Message.Kind.INVITATION: "Your invitation to MediConnect",
    Message.Kind.COLLEAGUE_INVITED: "Your sign-in to MediConnect",
    Message.Kind.ACCOUNT_CODE: "Your code",
    Message.Kind.EMAIL_CHECK: "Please confirm this address",
    Message.Kind.ADDRESS_IN_USE: "This address has an account already",
}


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

    The words come from `templates/notifications/<channel>/<kind>.txt`. Raises `IntegrityError` where the fact was
    written about in this kind before, and `TransactionManagementError` outside a transaction: a link minted for the
    message must be kept or lost together with it.
    """
    if not connection.in_atomic_block:
        message = "write_message() needs an open transaction."
        raise transaction.TransactionManagementError(message)
    return Message.objects.create(
        fact=fact,
        kind=kind,
        channel=channel,
        recipient=recipient,
        language=language,
        subject=_SUBJECTS[kind] if channel == Message.Channel.EMAIL else "",
        body=render_to_string(f"notifications/{channel.value}/{kind.value}.txt", context or {}).strip(),
    )
