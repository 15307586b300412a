"""What a calendar feed shows: the provider's visits, in full where its maker works, and elsewhere only that time is taken."""

import datetime as dt
import hashlib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final, NamedTuple

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext

from appointments.models import CalendarFeed, Status
from appointments.models.appointment import Appointment
from appointments.rules.feeds import Entry, calendar_text
from providers.models import Membership, Role

BEHIND: Final = dt.timedelta(days=30)
AHEAD: Final = dt.timedelta(days=180)
"""What programs are given: a month back, half a year ahead."""

_LONGEST_SECRET: Final = 100
# A subscription is read as a whole each time, so what is left out disappears; programs show a cancelled entry each in
# their own way, some as time that is taken.
_LEFT_OUT: Final = frozenset({Status.CANCELLED, Status.NO_SHOW})


class Row(NamedTuple):
    """A visit, as far as a feed may know of it. The names are empty unless the feed names patients."""

    id: uuid.UUID
    version: int
    status: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    updated_at: dt.datetime
    session_id: uuid.UUID | None
    clinic_id: uuid.UUID
    clinic: str
    room: str | None
    given_name: str = ""
    family_name: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What there is to show. `etag` tells one state from another without writing it out."""

    feed: CalendarFeed
    rows: list[Row]
    open_clinics: frozenset[uuid.UUID]
    etag: str

    def text(self) -> bytes:
        """Return the calendar. In the house's own language: a program reads it, whoever looks at it afterwards."""
        with translation.override(settings.LANGUAGE_CODE):
            return calendar_text(self.feed.provider.name, self._entries())

    def _entries(self) -> Iterator[Entry]:
        for _key, group in groupby(self.rows, key=lambda row: (row.starts_at, row.session_id or row.id)):
            members = list(group)
            there = [row for row in members if row.status not in _LEFT_OUT]
            if there:
                yield self._entry(members, there)

    def _entry(self, members: list[Row], there: list[Row]) -> Entry:
        """Return one entry for a visit, or for all who come to a group together."""
        first = there[0]
        is_open = first.clinic_id in self.open_clinics
        return Entry(
            uid=f"{first.session_id or first.id}-taken@mediconnect",
            start=first.starts_at,
            end=max(row.ends_at for row in there),
            summary=self._summary(there) if is_open else gettext("Busy"),
            location=first.clinic if is_open else "",
            # Of a group the sum: it rises with each who comes, changes or leaves.
            sequence=sum(row.version for row in members),
            changed_at=max(row.updated_at for row in members),
        )

    def _summary(self, there: list[Row]) -> str:
        who = ", ".join(f"{row.given_name} {row.family_name}".strip() for row in there)
        words = who if self.feed.names_patients and who else gettext("Booked")
        return f"{words} · {there[0].room}" if there[0].room else words


def secret_hash(secret: str) -> str:
    """Return what is kept of a secret. It is found by this and never compared, so no time tells how near a guess was."""
    return hashlib.sha256(secret.encode()).hexdigest()


def find_feed(secret: str) -> CalendarFeed | None:
    """Return the feed with this secret, unless it was revoked or its maker's account is closed. One statement."""
    if not 0 < len(secret) <= _LONGEST_SECRET:
        return None
    found = CalendarFeed.objects.filter(secret_hash=secret_hash(secret), revoked_at=None, created_by__is_active=True)
    return found.select_related("provider").first()


def read_feed(feed: CalendarFeed, today: dt.date) -> Reading:
    """Return what the feed shows on this day (UTC), in two statements however much that is.

    In full are visits at clinics where the maker works today: as a provider for the own calendar, as an admin for
    somebody else's. Everything else is only taken: whoever left a clinic reads nothing more of it.
    """
    own = feed.provider.user_id is not None and feed.provider.user_id == feed.created_by_id
    role = Role.PROVIDER if own else Role.CLINIC_ADMIN
    clinics = Membership.objects.filter(user=feed.created_by_id, role=role).values_list("clinic_id", flat=True)
    open_clinics = frozenset(clinics)
    rows = _rows(feed, today, open_clinics)
    return Reading(feed, rows, open_clinics, _etag(feed, rows, open_clinics))


def feeds_of(provider_id: uuid.UUID) -> "QuerySet[CalendarFeed]":
    """Return the provider's feeds that are not revoked, the oldest first, with their makers."""
    return (
        CalendarFeed.objects.filter(provider=provider_id, revoked_at=None)
        .select_related("created_by")
        .order_by("created_at", "pk")
    )


def _rows(feed: CalendarFeed, today: dt.date, open_clinics: frozenset[uuid.UUID]) -> list[Row]:
    midnight = dt.datetime.combine(today, dt.time(), dt.UTC)
    visits = (
        Appointment.objects.filter(Q(provider=feed.provider_id) | Q(second_provider=feed.provider_id))
        .filter(starts_at__gte=midnight - BEHIND, starts_at__lt=midnight + AHEAD)
        # Of a group those who left count on in its sequence.
        .filter(~Q(status__in=_LEFT_OUT) | Q(session__isnull=False))
        .order_by("starts_at", "session_id", "pk")
    )
    columns = ["id", "version", "status", "starts_at", "ends_at", "updated_at", "session_id", "clinic_id"]
    columns += ["clinic__name", "room__name"]
    if feed.names_patients:
        columns += ["patient__given_name", "patient__family_name"]
    read: list[tuple[Any, ...]] = list(visits.values_list(*columns))
    return [_shown(Row(*values), open_clinics) for values in read]


def _shown(row: Row, open_clinics: frozenset[uuid.UUID]) -> Row:
    """Return the row without what its reader may not know, before anything is made of it."""
    if row.clinic_id in open_clinics:
        return row
    return row._replace(clinic="", room=None, given_name="", family_name="")


def _etag(feed: CalendarFeed, rows: list[Row], open_clinics: frozenset[uuid.UUID]) -> str:
    state = hashlib.sha256(
        repr((feed.pk, feed.provider.name, feed.names_patients, sorted(map(str, open_clinics)))).encode()
    )
    for row in rows:
        state.update(repr(tuple(map(str, row))).encode())
    return f'"{state.hexdigest()[:32]}"'
