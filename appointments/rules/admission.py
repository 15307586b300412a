"""May this visit be booked? Each rule once, in the order in which a person would want to hear of it."""

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from appointments.errors import (
    BookingLimit,
    BookingLimitAtAll,
    BookingLimitOfType,
    DailyLimit,
    NotBookableOnline,
    OutsideAvailability,
    PatientOverlap,
    SlotTaken,
    TooFar,
    TooSoon,
)
from mediconnect.errors import DomainError

from .terms import Span, Terms


@dataclass(frozen=True, slots=True)
class Conflict:
    """A live claim that overlaps the wish, on one of the resources that it might use; its buffers (minutes) are part of it."""

    resource_id: uuid.UUID
    start: dt.datetime
    end: dt.datetime
    held_until: dt.datetime | None = None
    buffer_before: int = 0
    buffer_after: int = 0

    def meets(self, span: Span) -> bool:
        """Return whether the visits themselves would overlap, and not only what is kept free around them."""
        start = self.start + dt.timedelta(minutes=self.buffer_before)
        return start < span.end and self.end - dt.timedelta(minutes=self.buffer_after) > span.start


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything that the rules need to know, read in one statement while the resources are locked."""

    now: dt.datetime
    open: bool
    second_open: bool = True
    conflicts: Sequence[Conflict] = ()
    closed_things: frozenset[uuid.UUID] = frozenset()
    patient_visit: uuid.UUID | None = None
    visits_that_day: int = 0
    open_bookings: int = 0
    open_of_type: int = 0
    open_at_all: int = 0
    session_id: uuid.UUID | None = None
    seats_taken: frozenset[int] = frozenset()
    seats_held: int = 0
    lapsed_holds: Sequence[uuid.UUID] = field(default=())

    @property
    def meets(self) -> bool:
        """Whether the group has its time: somebody has a seat. One that everybody left keeps its row and no time."""
        return self.session_id is not None and bool(self.seats_taken)


@dataclass(frozen=True, slots=True)
class Blocked:
    """One rule that says no: its name in the contract, the refusal it leads to, and until when where that is known.

    `says` is what the rule says in numbers, for whoever is refused: minutes, days or how many. `second_provider_id` is set
    where it is the second provider who is in the way.
    """

    rule: str
    refusal: type[DomainError]
    until: dt.datetime | None = None
    says: Mapping[str, int | str] = field(default_factory=dict)
    second_provider_id: uuid.UUID | None = None


def free_of(things: Iterable[uuid.UUID], situation: Situation, *, liked: uuid.UUID | None = None) -> uuid.UUID | None:
    """Return the first room or device that is neither taken nor closed, the `liked` one before others; None when all are."""
    taken = {conflict.resource_id for conflict in situation.conflicts} | situation.closed_things
    free = [thing for thing in things if thing not in taken]
    return liked if liked in free else next(iter(free), None)


def free_seat(terms: Terms, situation: Situation) -> int | None:
    """Return the lowest seat that is not taken, once as many as are held are set aside; None when the group is full."""
    if len(situation.seats_taken) + situation.seats_held >= terms.capacity:
        return None
    return next(seat for seat in range(1, terms.capacity + 1) if seat not in situation.seats_taken)


def _policy(terms: Terms, span: Span, situation: Situation) -> Iterator[Blocked]:
    """Yield what binds patients alone: a clinic may break its own habits."""
    if not terms.bookable_online:
        yield Blocked("online", NotBookableOnline)
    if span.start < situation.now + dt.timedelta(minutes=terms.minimum_notice_minutes):
        yield Blocked("notice", TooSoon, says={"minutes": terms.minimum_notice_minutes})
    if span.start > situation.now + dt.timedelta(days=terms.horizon_days):
        yield Blocked("horizon", TooFar, says={"days": terms.horizon_days})
    local = span.start.astimezone(terms.zone)
    if (local.hour * 60 + local.minute) % terms.start_grid:
        yield Blocked("hours", OutsideAvailability)
    yield from _open_bookings(terms, situation)


def _open_bookings(terms: Terms, situation: Situation) -> Iterator[Blocked]:
    """Yield each limit of visits ahead that is reached: with this provider, of this type, at this clinic."""
    for limit, most, count, refusal in (
        ("provider", terms.open_bookings_limit, situation.open_bookings, BookingLimit),
        ("type", terms.open_of_type_limit, situation.open_of_type, BookingLimitOfType),
        ("clinic", terms.open_at_all_limit, situation.open_at_all, BookingLimitAtAll),
    ):
        if most is not None and count >= most:
            yield Blocked("booking_limit", refusal, says={"limit": limit, "most": most})


def _providers(terms: Terms, span: Span, situation: Situation) -> Iterator[Blocked]:
    """Yield what the provider's time is taken by, then what the second one's is."""
    for provider in terms.providers:
        second = provider if provider == terms.second_provider_id else None
        for conflict in situation.conflicts:
            if conflict.resource_id != provider:
                continue
            if conflict.held_until is not None:
                yield Blocked("held", SlotTaken, conflict.held_until, second_provider_id=second)
            else:
                rule = "booked" if conflict.meets(span) else "buffer"
                yield Blocked(rule, SlotTaken, conflict.end, second_provider_id=second)


def _places(terms: Terms, span: Span, situation: Situation) -> Iterator[Blocked]:
    if terms.is_group and free_seat(terms, situation) is None:
        yield Blocked("booked", SlotTaken)
        return
    if terms.is_group and situation.meets:
        return
    yield from _providers(terms, span, situation)
    if terms.needs_room and free_of(terms.rooms, situation) is None:
        yield Blocked("room", SlotTaken)
    if terms.needs_device and free_of(terms.devices, situation) is None:
        yield Blocked("room", SlotTaken)


def blocked_by(terms: Terms, span: Span, situation: Situation, *, by_patient: bool) -> list[Blocked]:
    """Return every rule that keeps this visit from being booked; none means that it may be.

    `by_patient` adds the policy for bookings that patients make themselves.
    """
    found = [Blocked("patient_overlap", PatientOverlap)] if situation.patient_visit else []
    if by_patient:
        found += _policy(terms, span, situation)
    if not situation.open:
        found.append(Blocked("hours", OutsideAvailability))
    if not situation.second_open:
        found.append(Blocked("hours", OutsideAvailability, second_provider_id=terms.second_provider_id))
    if terms.daily_limit is not None and situation.visits_that_day >= terms.daily_limit:
        found.append(Blocked("daily_limit", DailyLimit, says={"most": terms.daily_limit}))
    return [*found, *_places(terms, span, situation)]
