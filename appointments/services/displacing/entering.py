"""Enter an absence over booked visits: mark them, close the time, find and hold a new time for each, in one transaction."""

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.db import IntegrityError
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from appointments.errors import PeopleAreHere
from appointments.locks import lock_appointments, lock_displaced, lock_resources
from appointments.models import ACTIVE, Appointment, Claim, DisplacedVisit, Displacement, Hold
from appointments.queries.displacing.grounds import grounds_of
from appointments.queries.displacing.hits import Away, Hit, hits_of, parted, visits_hit
from appointments.queries.displacing.search import Found, Search, Ways, plan
from appointments.services.booking import Caller
from appointments.services.sweeping import drop_lapsed
from mediconnect.errors import Invalid
from mediconnect.resilience.transactions import Restart, constraint, decide
from mediconnect.telemetry.request_id import current_request_id
from providers.locks import lock_clinic
from providers.models import AppointmentType, Closure, Provider, Resource, TimeOff
from providers.queries.plans import pairs_of_clinic
from providers.services.absences import enter_closure, enter_time_off
from providers.services.editing import Edit

from .closing import close
from .keeping import hold_for, until

State = DisplacedVisit.State

# What the tables allow (`new_times_are_sought_within_ninety_days`, `a_proposal_is_held_a_week_at_most`).
WITHIN_DAYS: Final = (1, 90)
ANSWER_HOURS: Final = (1, 168)

# What somebody decided for one visit before anything was written: a provider and a start, or None for the call list.
Choice = tuple[uuid.UUID, dt.datetime] | None
_NOTHING_CHOSEN: Final[Mapping[uuid.UUID, Choice]] = {}


@dataclass(frozen=True, slots=True)
class Planned:
    """A visit that is hit, with the new time that would be held for it (None: to be called), and what else is free."""

    hit: Hit
    found: Found | None
    others: Sequence[Found] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """What entering an absence would do: visits with new times, and those of people who are here already."""

    planned: Sequence[Planned]
    here: Sequence[Appointment]

    @property
    def after(self) -> dt.datetime | None:
        """When the last of those who are here is to be done: an absence that begins then meets nobody."""
        return max((visit.ends_at for visit in self.here), default=None)


@dataclass(frozen=True, slots=True)
class Entered:
    """The absence that was entered, and what it displaced: one row for each clinic where it hit visits."""

    absence: TimeOff | Closure
    displacements: Sequence[Displacement]


def look_ahead(
    away: Away, ways: Ways, *, chosen: Mapping[uuid.UUID, Choice] = _NOTHING_CHOSEN, others: int = 0
) -> Preview:
    """Return what entering the absence would do, without writing or locking anything.

    A fixed number of statements, and one for each type of visit (and unusual length) among those hit, however many there
    are. `chosen` is as in `displace`; `others` asks for so many further free times for each visit. Raises `Invalid`.
    """
    _check(ways)
    now = timezone.now()
    movable, here = parted(visits_hit(_rounded(away), now).select_related("appointment_type", "provider", "patient"))
    hits = hits_of(movable)
    search = _search(hits, away, ways, now, _named(ways, chosen))
    planned = sorted(_choose(search, hits, chosen), key=lambda one: _by_time(one[0].visit))
    return Preview([Planned(hit, found, search.several(hit, others) if others else ()) for hit, found in planned], here)


def displace(
    away: Away, ways: Ways, *, caller: Caller, chosen: Mapping[uuid.UUID, Choice] = _NOTHING_CHOSEN
) -> Entered:
    """Enter the absence, displace the visits in it, and hold a new time for each where one is found; return what was done.

    In one transaction: the visits are marked, the time is closed, what is free is read under the locks of all that may be
    taken, and each visit's row is written with its held time, or for the call list. `chosen` says what somebody decided for
    single visits; a chosen time that is taken meanwhile gives way to what the rules find. Nobody is told anything yet.

    Raises `PeopleAreHere` where patients of that time are at the clinic, `Invalid`, `NotFound`, `NoHoursOfItsOwn`, and
    `TryAgain`. An absence that hits nobody is entered, and displaces nothing.
    """
    _check(ways)
    return decide(
        lambda: _displace(_rounded(away), ways, caller, chosen),
        actor_id=caller.user_id,
        request_id=current_request_id(),
        fresh_reads=True,
    )


def _displace(away: Away, ways: Ways, caller: Caller, chosen: Mapping[uuid.UUID, Choice]) -> Entered:
    others = _named(ways, chosen)
    locked = _lock(away, others, list(visits_hit(away, timezone.now())))
    now = timezone.now()
    promised = _promised(away)
    visits = lock_appointments([*visits_hit(away, now).values_list("pk", flat=True), *promised.values()])
    movable, here = parted(sorted((one for one in visits if _is_hit(one, away, now)), key=_by_time))
    if here:
        raise PeopleAreHere(here=here)
    if not needed_by(movable) <= locked:
        raise Restart  # somebody booked another type of visit between the look and the lock
    for row_id in promised:
        close(lock_displaced(row_id), State.TO_CALL)
    _mark(movable)
    absence = _enter(away).record
    hits = hits_of(movable)
    planned = _choose(_search(hits, away, ways, now, others), hits, chosen)
    clinics = sorted({visit.clinic_id for visit in movable})
    displacements = [_displacement(absence, clinic, ways, caller) for clinic in clinics]
    _keep(planned, displacements, now)
    return Entered(absence, displacements)


def _named(ways: Ways, chosen: Mapping[uuid.UUID, Choice]) -> set[uuid.UUID]:
    """Return who may have to step in: by the rules, or for a single visit."""
    return {*ways.substitutes, *(choice[0] for choice in chosen.values() if choice)}


def _by_time(visit: Appointment) -> tuple[dt.datetime, uuid.UUID]:
    return visit.starts_at, visit.pk


def _is_hit(visit: Appointment, away: Away, now: dt.datetime) -> bool:
    """Return whether a visit, locked, is one of those that the absence hits; those of earlier absences are locked as well."""
    is_theirs = visit.clinic_id == away.clinic_id if away.provider_id is None else away.provider_id in _seen_by(visit)
    is_then = visit.starts_at < away.ends_at and visit.ends_at > max(away.starts_at, now)
    return is_theirs and is_then and visit.status in ACTIVE and not visit.displaced


def _seen_by(visit: Appointment) -> tuple[uuid.UUID | None, ...]:
    return visit.provider_id, visit.second_provider_id


def _promised(away: Away) -> dict[uuid.UUID, uuid.UUID]:
    """Return the times in this absence that are held for visits of an earlier one: each row with its visit."""
    whose = (
        Q(clinic=away.clinic_id)
        if away.provider_id is None
        else Q(provider=away.provider_id) | Q(second_provider=away.provider_id)
    )
    holds = Hold.objects.filter(
        whose, displaced_visit__isnull=False, starts_at__lt=away.ends_at, ends_at__gt=away.starts_at
    )
    return dict(holds.values_list("displaced_visit", "displaced_visit__appointment"))


def _lock(away: Away, others: Collection[uuid.UUID], visits: Sequence[Appointment]) -> set[uuid.UUID]:
    """Lock the clinic that closes, then everything whose openings change or whose time may be taken, in one order."""
    wanted = {*needed_by(visits), *others}
    if away.provider_id is None:
        lock_clinic(away.clinic_id)
        wanted |= {resource for resource, _clinic in pairs_of_clinic(away.clinic_id)}
    else:
        wanted.add(away.provider_id)
    lock_resources(wanted)
    return wanted


def needed_by(visits: Iterable[Appointment]) -> set[uuid.UUID]:
    """Return everything that these visits, or new times for them, may claim: their own, and rooms and devices of their kinds."""
    wanted, kinds = set[uuid.UUID](), set[uuid.UUID]()
    for visit in visits:
        taken = (visit.provider_id, visit.second_provider_id, visit.room_id, visit.device_id)
        wanted |= {one for one in taken if one}
        kinds.add(visit.appointment_type_id)
    rooms = Q()
    for clinic, room_kind, device_kind in AppointmentType.objects.filter(pk__in=kinds).values_list(
        "clinic_id", "room_kind", "device_kind"
    ):
        rooms |= Q(clinic=clinic, category__in=[one for one in (room_kind, device_kind) if one])
    if rooms:
        wanted |= set(Resource.objects.filter(rooms, active=True).values_list("pk", flat=True))
    return wanted


def _mark(visits: Sequence[Appointment]) -> None:
    """Mark the visits as displaced in one statement: they keep their time, and nothing demands that it be open."""
    marked = Appointment.objects.filter(pk__in=[visit.pk for visit in visits])
    marked.update(displaced=True, updated_at=Now())


def _enter(away: Away) -> Edit[TimeOff] | Edit[Closure]:
    if away.provider_id is None:
        return enter_closure(
            clinic_id=away.clinic_id, starts_at=away.starts_at, ends_at=away.ends_at, reason=away.reason
        )
    return enter_time_off(
        resource_id=away.provider_id, starts_at=away.starts_at, ends_at=away.ends_at, reason=away.reason
    )


def _search(hits: Sequence[Hit], away: Away, ways: Ways, now: dt.datetime, others: Collection[uuid.UUID]) -> Search:
    until_when = max([away.ends_at, *(hit.visit.ends_at for hit in hits)]) + dt.timedelta(days=ways.within_days)
    return Search(grounds_of(hits, others, now, until_when), away, ways, now)


def _choose(search: Search, hits: Sequence[Hit], chosen: Mapping[uuid.UUID, Choice]) -> list[tuple[Hit, Found | None]]:
    """Return each visit with its new time: first what somebody chose, then what the rules find for the others."""
    decided: dict[uuid.UUID, Found | None] = {}
    for hit in hits:
        if hit.visit.pk not in chosen:
            continue
        choice = chosen[hit.visit.pk]
        found = search.at(hit, *choice) if choice else None
        if found is not None:
            search.take(hit, found)
        if found is not None or choice is None:
            decided[hit.visit.pk] = found
    rest = plan(search, [hit for hit in hits if hit.visit.pk not in decided])
    return [(hit, decided[hit.visit.pk]) for hit in hits if hit.visit.pk in decided] + rest


def _displacement(absence: TimeOff | Closure, clinic_id: uuid.UUID, ways: Ways, caller: Caller) -> Displacement:
    return Displacement.objects.create(
        clinic_id=clinic_id,
        time_off=absence if isinstance(absence, TimeOff) else None,
        closure=absence if isinstance(absence, Closure) else None,
        same_provider=ways.same_provider,
        substitutes=list(ways.substitutes),
        within_days=ways.within_days,
        answer_hours=ways.answer_hours,
        moves_without_asking=ways.moves_without_asking,
        created_by_id=caller.signed_in_id,
    )


def _keep(planned: Sequence[tuple[Hit, Found | None]], displacements: Sequence[Displacement], now: dt.datetime) -> None:
    """Write each visit's row and the hold of its new time: two statements, whatever the number of visits."""
    by_clinic = {one.clinic_id: one for one in displacements}
    rows = [_row(by_clinic[hit.visit.clinic_id], hit.visit, found, now) for hit, found in planned]
    DisplacedVisit.objects.bulk_create(rows)
    free_from_lapsed({one for _hit, found in planned if found for one in found.takes})
    holds = [hold_for(row, hit.visit, found) for row, (hit, found) in zip(rows, planned, strict=True) if found]
    try:
        Hold.objects.bulk_create(holds)
    except IntegrityError as error:
        if constraint(error) == "a_resource_is_claimed_once":
            raise Restart from error  # taken by whoever locks nothing: look again
        raise


def free_from_lapsed(resources: Collection[uuid.UUID]) -> None:
    """Delete the holds on these resources, which are locked, that have run out: they would refuse new ones."""
    lapsed = Claim.objects.filter(resource__in=resources, expires_at__lte=Now()).values_list("hold", flat=True)
    drop_lapsed(sorted(set(lapsed)))


def _row(displacement: Displacement, visit: Appointment, found: Found | None, now: dt.datetime) -> DisplacedVisit:
    row = DisplacedVisit(
        displacement=displacement,
        appointment=visit,
        was_provider_id=visit.provider_id,
        appointment_type_id=visit.appointment_type_id,
        was_starts_at=visit.starts_at,
        was_ends_at=visit.ends_at,
        state=State.TO_CALL,
    )
    if found is not None:
        row.state = State.PROPOSED
        row.proposed_provider_id = found.provider_id
        row.proposed_starts_at, row.proposed_ends_at = found.starts_at, found.ends_at
        row.expires_at = until(found.starts_at, displacement.answer_hours, now)
    return row


def _rounded(away: Away) -> Away:
    """Return the absence in whole minutes, begun and broken ones counted as a whole, as it will be entered."""
    start, end = away.starts_at.replace(second=0, microsecond=0), away.ends_at.replace(second=0, microsecond=0)
    if end < away.ends_at:
        end += dt.timedelta(minutes=1)
    return Away(away.clinic_id, away.provider_id, start, end, away.reason)


def _check(ways: Ways) -> None:
    for name, (least, most) in (("within_days", WITHIN_DAYS), ("answer_hours", ANSWER_HOURS)):
        if not least <= getattr(ways, name) <= most:
            raise Invalid.field(name, f"This is {least} to {most}.")
    known = Provider.objects.filter(pk__in=ways.substitutes, active=True).count()
    if known != len(set(ways.substitutes)):
        raise Invalid.field("substitutes", "One of these is no provider.")
