"""Messages that reached somebody, and what services tell of them, for tests of what comes back."""

import itertools
from typing import Any

from django.utils import timezone

from appointments.models import Appointment
from notifications.models import Message, Reply, State
from notifications.services.replying import Incoming, receive_reply
from patients.models import index_of_value
from tests.factories import MessageFactory
from tests.notifications.conftest import EMAIL, PHONE

_SIDS = itertools.count(1)


def told(visit: Appointment, *, address: str = PHONE, **columns: Any) -> Message:
    """Return a message about the visit that was sent to the address just now; a text, unless it is an e-mail address."""
    by_mail = "@" in address
    words: dict[str, Any] = {
        "visit": visit,
        "channel": "email" if by_mail else "sms",
        "recipient": address,
        "recipient_index": index_of_value("email" if by_mail else "phone", address),
        "body": "Visit on Thursday. Reply 1 to confirm.",
        "state": State.SENT,
        "sent_at": timezone.now(),
        "first_attempt_at": timezone.now(),
        "last_attempt_at": timezone.now(),
        "attempts": 1,
        "via": "sendgrid" if by_mail else "twilio",
        "provider_id": f"{'mail' if by_mail else 'SM'}{next(_SIDS):032d}",
        "provider_status": "queued",
    }
    message: Message = MessageFactory.create(**(words | columns))
    return message


def mailed(visit: Appointment, **columns: Any) -> Message:
    """Return a mail about the visit that was sent just now."""
    return told(visit, address=EMAIL, **columns)


def says(body: str, *, sender: str = PHONE, sid: str = "", opt_out_type: str = "") -> Reply:
    """Let a text come in."""
    provider_id = sid or f"SM{next(_SIDS):032d}"
    return receive_reply(Incoming(provider_id=provider_id, sender=sender, body=body, opt_out_type=opt_out_type))
