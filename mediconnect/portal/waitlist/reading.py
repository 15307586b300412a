"""The waitlist as a desk reads it: who waits for what, which times are free at the moment and who is asked for them."""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from appointments.models import FreedTime, WaitlistEntry, WaitlistOffer
from appointments.queries.waitlist.seeing import standing_offer, wishes_visible_to, with_offers
from mediconnect.errors import NotFound
from mediconnect.portal.desk import Desk
from providers.models import AppointmentType, Provider

from .words import CAUSES, PRIORITIES, STATES, wish_in_words

MOST: Final = 200
"""Nobody reads more; a filter by type narrows it."""

_OPEN: Final = (WaitlistEntry.State.WAITING, WaitlistEntry.State.OFFERED)
# A freed time that is over stays in sight until the next morning.
_TIMES: Final = 30


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer that stands."""

    id: uuid.UUID
    starts_at: dt.datetime
    expires_at: dt.datetime
    provider: str
    person: str
    entry_id: uuid.UUID
    may_answer: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One wish of the list."""

    id: uuid.UUID
    person: str
    patient_id: uuid.UUID
    kind: str
    wish: Sequence[str]
    joined_at: dt.datetime
    priority: str
    urgent: bool
    state: str
    is_open: bool
    sooner_than: dt.datetime | None
    offer: Offer | None


@dataclass(frozen=True, slots=True)
class Free:
    """A time that is free at the moment, and who is asked for it."""

    id: uuid.UUID
    starts_at: dt.datetime
    ends_at: dt.datetime
    provider: str
    cause: str
    waits: bool
    offers: Sequence[Offer]


@dataclass(frozen=True, slots=True)
class Waitlist:
    """The page: wishes in their order, free times, and the filters. `more` says that some are not shown."""

    lines: Sequence[Line]
    more: bool
    times: Sequence[Free]
    kinds: Sequence[tuple[str, str]]
    kind: str
    closed: bool
    anybody: bool

    @property
    def asked(self) -> Sequence[Free]:
        """Return the free times for which somebody is asked at the moment."""
        return [time for time in self.times if time.offers]

    @property
    def unasked(self) -> Sequence[Free]:
        """Return the free times for which nobody is."""
        return [time for time in self.times if not time.offers]


def waitlist_of(desk: Desk, *, kind: str = "", closed: bool = False) -> Waitlist:
    """Return the waitlist of the desk's clinic, of one type where `kind` is the id of one. Seven statements.

    Open wishes stand in the order in which they are asked, closed ones with the last one first.
    """
    wishes = wishes_visible_to(desk.principal).filter(clinic=desk.clinic.pk)
    kinds = [(str(pk), name) for pk, name in _kinds(desk)]
    kind = kind if any(kind == key for key, _name in kinds) else ""
    chosen = wishes.filter(appointment_type=uuid.UUID(kind)) if kind else wishes
    if closed:
        rows = _rows(chosen.exclude(state__in=_OPEN).order_by("-closed_at", "-id"))
    else:
        rows = _rows(chosen.filter(state__in=_OPEN).order_by("-priority", "joined_at", "id"))
    times = _times(desk)
    names = _names(desk, [*(provider for row in rows for provider in row.providers), *_asked_of(rows)])
    return Waitlist(
        lines=[line_of(desk, row, names) for row in rows[:MOST]],
        more=len(rows) > MOST,
        times=times,
        kinds=kinds,
        kind=kind,
        closed=closed,
        anybody=bool(rows) or wishes.exists(),
    )


def wish_at(desk: Desk, entry_id: uuid.UUID) -> WaitlistEntry:
    """Return one wish of the desk's clinic, with what stands; raises `NotFound`."""
    wishes = wishes_visible_to(desk.principal).filter(clinic=desk.clinic.pk, pk=entry_id)
    entry = _joined(with_offers(wishes)).first()
    if entry is None:
        raise NotFound("There is no such wish at this clinic.")
    return entry


def line_of(desk: Desk, entry: WaitlistEntry, names: Mapping[uuid.UUID, str]) -> Line:
    """Return a wish as a line of the list."""
    visit = entry.appointment
    return Line(
        id=entry.pk,
        person=_person(entry),
        patient_id=entry.patient_id,
        kind=entry.appointment_type.name,
        wish=wish_in_words(desk, entry, names),
        joined_at=entry.joined_at.astimezone(desk.zone),
        priority=str(PRIORITIES[WaitlistEntry.Priority(entry.priority)]),
        urgent=entry.priority == WaitlistEntry.Priority.URGENT,
        state=str(STATES[WaitlistEntry.State(entry.state)]),
        is_open=entry.state in _OPEN,
        sooner_than=visit.starts_at.astimezone(desk.zone) if visit else None,
        offer=offer_of(desk, standing, entry, names) if (standing := standing_offer(entry)) else None,
    )


def offer_of(desk: Desk, offer: WaitlistOffer, entry: WaitlistEntry, names: Mapping[uuid.UUID, str]) -> Offer:
    """Return an offer as it is shown: with whom, when, and until when it stands."""
    return Offer(
        id=offer.pk,
        starts_at=offer.starts_at.astimezone(desk.zone),
        expires_at=offer.expires_at.astimezone(desk.zone),
        provider=names.get(offer.provider_id, ""),
        person=_person(entry),
        entry_id=entry.pk,
        may_answer=desk.may_book(offer.provider_id),
    )


def names_for(desk: Desk, entry: WaitlistEntry, others: Iterable[uuid.UUID] = ()) -> dict[uuid.UUID, str]:
    """Return the names of the providers that a wish speaks of, and of the `others`. One statement."""
    return _names(desk, [*entry.providers, *_asked_of([entry]), *others])


def kinds_for(desk: Desk) -> list[tuple[uuid.UUID, str]]:
    """Return the types of visit that one can wait for, by name."""
    return list(_kinds(desk))


def providers_for(desk: Desk) -> list[tuple[uuid.UUID, str]]:
    """Return the providers whom one can wait for, by name: a provider only for itself."""
    here = Provider.objects.filter(active=True, roles__clinic=desk.clinic.pk, roles__active=True)
    if desk.only_provider is not None:
        here = here.filter(pk=desk.only_provider)
    return list(here.order_by("name", "id").values_list("pk", "name"))


def _kinds(desk: Desk) -> QuerySet[AppointmentType, tuple[uuid.UUID, str]]:
    return (
        AppointmentType.objects.filter(clinic=desk.clinic.pk, active=True)
        .order_by("name", "id")
        .values_list("pk", "name")
    )


def _rows(wishes: QuerySet[WaitlistEntry]) -> list[WaitlistEntry]:
    return list(_joined(with_offers(wishes))[: MOST + 1])


def _joined(wishes: QuerySet[WaitlistEntry]) -> QuerySet[WaitlistEntry]:
    return wishes.select_related("clinic", "patient", "appointment_type", "appointment").defer(
        "note", "patient__notes", "appointment__reason", "appointment__patient_note", "appointment__internal_note"
    )


def _asked_of(rows: Sequence[WaitlistEntry]) -> list[uuid.UUID]:
    return [offer.provider_id for row in rows if (offer := standing_offer(row))]


def _names(desk: Desk, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, str]:
    wanted = set(ids)
    if not wanted:
        return {}
    here = Provider.objects.filter(pk__in=wanted, roles__clinic=desk.clinic.pk).distinct()
    return dict(here.values_list("pk", "name"))


def _times(desk: Desk) -> list[Free]:
    """Return the times that are free now, with who is asked; a provider sees those of the own calendar."""
    rows = FreedTime.objects.filter(clinic=desk.clinic.pk, state=FreedTime.State.OPEN, starts_at__gt=desk.now)
    if desk.only_provider is not None:
        rows = rows.filter(provider=desk.only_provider)
    found = list(rows.select_related("provider").order_by("starts_at", "id")[:_TIMES])
    offers = defaultdict[uuid.UUID, list[Offer]](list)
    live = WaitlistOffer.objects.filter(freed_time__in=[row.pk for row in found], state=WaitlistOffer.State.OFFERED)
    for offer in live.select_related("entry__patient", "provider").order_by("place") if found else ():
        names = {offer.provider_id: offer.provider.name}
        offers[offer.freed_time_id].append(offer_of(desk, offer, offer.entry, names))
    return [
        Free(
            id=row.pk,
            starts_at=row.starts_at.astimezone(desk.zone),
            ends_at=row.ends_at.astimezone(desk.zone),
            provider=row.provider.name,
            cause=str(CAUSES[FreedTime.Cause(row.cause)]),
            waits=row.offer_from > desk.now,
            offers=offers[row.pk],
        )
        for row in found
    ]


def _person(entry: WaitlistEntry) -> str:
    patient = entry.patient
    return ", ".join(part for part in (patient.family_name, patient.given_name) if part) or _("somebody")
