"""Where a person can be reached."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.db.models import Q
from django.utils import timezone

from notifications.models import AddressStanding, Channel
from notifications.rules.reasons import Why
from patients.models import ContactPoint, ContactSystem, Dependant

_CHANNEL_OF: Final = {ContactSystem.EMAIL: Channel.EMAIL, ContactSystem.PHONE: Channel.SMS}
_SYSTEM_OF: Final = {channel: system for system, channel in _CHANNEL_OF.items()}

# Of several reasons the one that somebody can do most about is told.
_MOST_TELLING: Final = (Why.RECORD_CLOSED, Why.OPTED_OUT, Why.ADDRESS_FAILS, Why.NO_CONSENT, Why.NO_ADDRESS)


@dataclass(frozen=True, slots=True)
class Address:
    """A channel, the address on it, and the language of its owner."""

    channel: Channel
    recipient: str
    language: str


@dataclass(frozen=True, slots=True)
class Destination:
    """An address that may be written to, its blind index, and the language of its owner."""

    channel: Channel
    recipient: str = field(repr=False)
    index: str
    language: str


@dataclass(frozen=True, slots=True)
class Destinations:
    """Where a person may be written to, the preferred address first, and why not on the channels that are missing."""

    usable: tuple[Destination, ...]
    blocked: Mapping[Channel, Why]

    @property
    def why_none(self) -> Why:
        """Why there is nowhere to write to; has a meaning only where nothing is usable."""
        return most_telling(self.blocked.values())


@dataclass(frozen=True, slots=True)
class Reach:
    """On which channels a person may be written to, the preferred one first, in which language; and why not on the others."""

    languages: Mapping[Channel, str]
    blocked: Mapping[Channel, Why]

    def preferred(self) -> Channel | None:
        """Return the channel of the preferred address, None where nothing is usable."""
        return next(iter(self.languages), None)

    def why_not(self, channel: Channel | None) -> Why | None:
        """Return why the channel, or with None every channel, cannot be used; None where it can."""
        if channel is not None:
            return self.blocked.get(channel)
        return None if self.languages else most_telling(self.blocked.values())


@dataclass(frozen=True, slots=True)
class _Point:
    """A contact point as far as it decides; what it holds stays sealed until it is written to."""

    id: uuid.UUID
    channel: Channel
    index: str
    language: str
    against: Why | None


def most_telling(reasons: Iterable[Why]) -> Why:
    """Return the reason that somebody can do most about: an opt-out before a missing address."""
    found = set(reasons)
    return next((why for why in _MOST_TELLING if why in found), Why.NO_ADDRESS)


def address_of(patient_id: uuid.UUID, *, channel: Channel | None = None) -> Address | None:
    """Return the patient's first contact that may be written to, e-mail before phone, or only that of one channel; None without."""
    points = ContactPoint.objects.filter(patient_id=patient_id, active=True, consent=True).select_related("patient")
    if channel is not None:
        points = points.filter(system=_SYSTEM_OF[channel])
    point = points.order_by("system", "rank", "id").first()  # "email" sorts before "phone"
    if point is None:
        return None
    return Address(_CHANNEL_OF[ContactSystem(point.system)], point.value, point.patient.language)


def destinations_of(patient_id: uuid.UUID) -> Destinations:
    """Return where the patient may be written to about visits: lowest rank first, a phone before an e-mail of equal rank.

    Left out are addresses without consent, those whose owner wants no messages, and those known to receive none. A
    patient with none of its own that may be used is written to at its guardians', whose right holds today, in their
    language: a child has no phone. About somebody whose record is closed nobody is written to: they may have died.
    """
    points = _points_of([patient_id])[patient_id]
    usable = [point for point in points if point.against is None]
    values = ContactPoint.objects.in_bulk([point.id for point in usable])
    found = (
        Destination(point.channel, values[point.id].value, point.index, point.language)
        for point in usable
        if point.id in values
    )
    return Destinations(tuple(found), _blocked(points))


def reach_of(patient_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Reach]:
    """Return on which channels each patient may be written to.

    Says the same as `destinations_of`, in five statements for any number of patients, and opens no seal.
    """
    return {patient_id: _reach(points) for patient_id, points in _points_of(patient_ids).items()}


def system_of(channel: Channel) -> ContactSystem:
    """Return what kind of contact point the channel writes to."""
    return _SYSTEM_OF[channel]


def _reach(points: Sequence[_Point]) -> Reach:
    languages: dict[Channel, str] = {}
    for point in points:
        if point.against is None:
            languages.setdefault(point.channel, point.language)
    return Reach(languages, _blocked(points))


def _blocked(points: Sequence[_Point]) -> dict[Channel, Why]:
    """Return why each channel cannot be used, without those that can."""
    against = defaultdict[Channel, set[Why]](set)
    for point in points:
        if point.against is not None:
            against[point.channel].add(point.against)
    open_ones = {point.channel for point in points if point.against is None}
    return {channel: most_telling(against[channel]) for channel in Channel if channel not in open_ones}


def _points_of(patient_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[_Point]]:
    """Return the contact points of each patient in the order in which they are tried, guardians' last and only where needed."""
    own = _read(patient_ids)
    found = {patient_id: own.get(patient_id, []) for patient_id in patient_ids}
    unreachable = [patient_id for patient_id, points in found.items() if all(point.against for point in points)]
    if not unreachable:
        return found
    rights = Dependant.objects.on(timezone.now().date()).filter(patient__in=unreachable, patient__active=True)
    rights = rights.order_by("created_at", "id")
    pairs = list(rights.values_list("patient_id", "guardian_id"))
    theirs = _read({guardian_id for _, guardian_id in pairs})
    for patient_id, guardian_id in pairs:
        found[patient_id] = [*found[patient_id], *theirs.get(guardian_id, [])]
    return found


def _read(patient_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[_Point]]:
    if not patient_ids:
        return {}
    columns = ("id", "patient_id", "system", "value_index", "consent", "patient__language", "patient__active")
    listed = ContactPoint.objects.active().filter(patient__in=patient_ids).order_by("rank", "-system", "id")
    rows = list(listed.values_list(*columns, named=True))
    standing = {
        (known.channel, known.address_index): known
        for known in AddressStanding.objects.filter(address_index__in={row.value_index for row in rows}).exclude(
            Q(opted_out_at=None) & Q(undeliverable_at=None)
        )
    }
    found = defaultdict[uuid.UUID, list[_Point]](list)
    for row in rows:
        channel = _CHANNEL_OF[ContactSystem(row.system)]
        known = standing.get((channel, row.value_index))
        against = _against(known, consent=row.consent) if row.patient__active else Why.RECORD_CLOSED
        found[row.patient_id].append(_Point(row.id, channel, row.value_index, row.patient__language, against))
    return found


def _against(known: AddressStanding | None, *, consent: bool) -> Why | None:
    if known is not None and known.opted_out_at is not None:
        return Why.OPTED_OUT
    if not consent:
        return Why.NO_CONSENT
    return Why.ADDRESS_FAILS if known is not None else None
