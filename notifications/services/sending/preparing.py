"""Make a message ready: whom to, in which words, with which link; and the letter that a channel gets."""

import datetime as dt
import re
import uuid
from collections.abc import Sequence
from typing import Final

from django.utils import translation

from appointments.models import Appointment
from appointments.queries.calendar import calendar_bytes
from notifications.channels.port import Attachment, Letter
from notifications.models import Channel, Kind, Message
from notifications.queries.addresses import Destination
from notifications.services.composing import compose
from notifications.services.defaults import spoken
from notifications.services.linking import mint_link

_WITH_CALENDAR: Final = (Kind.BOOKED, Kind.MOVED, Kind.CANCELLED)
_LINK: Final = re.compile(r"https?://[^\s\"<>]+/a/[A-Za-z0-9_-]{22}/")

DAY_SECONDS: Final = 24 * 60 * 60
"""How long a message is worth delivering that says nothing else: a link or code of an account is good for a day at most."""


def write_words(message: Message, destination: Destination, visits: Sequence[Appointment]) -> None:
    """Fill in recipient, link and words for the first attempt; later ones send exactly the same.

    Changes the message in memory alone: the caller writes it. Raises `CannotBeWritten`.
    """
    message.channel = destination.channel
    message.language = destination.language
    link = mint_link(message.pk)
    words = compose(message, visits, link_url=link.url)
    message.recipient, message.recipient_index = destination.recipient, destination.index
    message.subject, message.body, message.html = words.subject, words.body, words.html
    message.link_hash, message.segments = link.hash, words.segments


def letter_of(message: Message, visits: Sequence[Appointment], now: dt.datetime, *, attempt: int) -> Letter:
    """Return all that a channel needs to send the message, taken from its row, so that a second letter is like the first."""
    found = _LINK.search(message.body)
    link = found[0] if found else ""
    by_mail = message.channel == Channel.EMAIL
    return Letter(
        message_id=message.pk,
        recipient=message.recipient,
        subject=message.subject,
        body=message.body,
        html=message.html,
        category=message.kind,
        language=message.language,
        valid_seconds=_seconds_left(message, visits, now),
        attachments=_attachments(message, visits, link) if by_mail else (),
        unsubscribe_url=f"{link}unsubscribe/" if link and by_mail else "",
        request_id=message.request_id,
        traceparent=message.trace_context,
        attempt=attempt,
    )


def _seconds_left(message: Message, visits: Sequence[Appointment], now: dt.datetime) -> int:
    """Return how long the message is worth delivering; an answer about a visit that has begun, until it expires."""
    ends = [visit.starts_at for visit in visits if visit.starts_at > now]
    ends += [message.expires_at] if message.expires_at and message.expires_at > now else []
    left = min(ends, default=now + dt.timedelta(seconds=DAY_SECONDS)) - now
    return max(1, int(left.total_seconds()))


def _attachments(message: Message, visits: Sequence[Appointment], link: str) -> tuple[Attachment, ...]:
    """Return each visit for a calendar, in the message's language and with its link."""
    if message.kind not in _WITH_CALENDAR:
        return ()
    with translation.override(spoken(message.language)):
        written = [(visit, *calendar_bytes(visit, link=link)) for visit in visits]
    return tuple(
        Attachment(f"visit-{_short(visit.pk)}.ics", f"text/calendar; charset=utf-8; method={method}", content)
        for visit, method, content in written
    )


def _short(identifier: uuid.UUID) -> str:
    return identifier.hex[-8:]
