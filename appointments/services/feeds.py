"""Give a provider's calendar a secret address that other programs read, and take it back."""

import secrets
import uuid
from typing import Final

from django.db.models import Q
from django.db.models.functions import Now, TruncMinute
from django.utils import timezone

from appointments.errors import TooManyFeeds
from appointments.models import CalendarFeed
from appointments.queries.feeds import secret_hash
from mediconnect.errors import Invalid, NotFound
from mediconnect.resilience.transactions import decide
from mediconnect.telemetry.request_id import current_request_id
from providers.locks import lock_resource
from providers.models import Provider

from .booking import Caller

MOST_FEEDS: Final = 10
"""Of one provider: a phone, a computer, a family calendar and then some."""

_SECRET_BYTES: Final = 24
"""192 random bits; the brief for guessing is 128."""


def make_feed(*, provider_id: uuid.UUID, name: str, names_patients: bool, caller: Caller) -> tuple[CalendarFeed, str]:
    """Return a feed of the provider's visits and its secret, which is shown this once: only its hash is kept.

    `name` says where it is read, in 60 characters. Whoever makes it decides what it shows, today and later: see
    `read_feed`. Raises `NotFound`, `Invalid` by field, `TooManyFeeds`.
    """
    words = name.strip()
    if not 1 <= len(words) <= 60:
        raise Invalid.field("name", "Say in at most 60 characters where it will be read.")
    secret = secrets.token_urlsafe(_SECRET_BYTES)

    def work() -> CalendarFeed:
        if not Provider.objects.filter(pk=provider_id).exists():
            raise NotFound
        lock_resource(provider_id)
        if CalendarFeed.objects.filter(provider=provider_id, revoked_at=None).count() >= MOST_FEEDS:
            raise TooManyFeeds
        feed: CalendarFeed = CalendarFeed.objects.create(
            provider_id=provider_id,
            name=words,
            secret_hash=secret_hash(secret),
            names_patients=names_patients,
            created_by_id=caller.signed_in_id,
        )
        return feed

    return decide(work, actor_id=caller.user_id, request_id=current_request_id()), secret


def revoke_feed(*, feed_id: uuid.UUID, caller: Caller) -> CalendarFeed:
    """Return the feed, whose address leads nowhere from now on; one that was revoked before stays so. Raises `NotFound`."""

    def work() -> CalendarFeed:
        CalendarFeed.objects.filter(pk=feed_id, revoked_at=None).update(revoked_at=Now())
        feed = CalendarFeed.objects.filter(pk=feed_id).first()
        if feed is None:
            raise NotFound
        return feed

    return decide(work, actor_id=caller.user_id, request_id=current_request_id())


def note_reading(feed: CalendarFeed) -> None:
    """Keep that the feed was read, to the minute: a program that reads it every second writes once in sixty."""
    minute = timezone.now().replace(second=0, microsecond=0)
    if feed.read_at is None or feed.read_at < minute:
        unread = Q(read_at=None) | Q(read_at__lt=TruncMinute(Now()))
        CalendarFeed.objects.filter(unread, pk=feed.pk).update(read_at=TruncMinute(Now()))
