"""What the visits of a series would meet, all of them at once: free, or the rule in the way and what is free instead."""

import datetime as dt
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from appointments.errors import PatientOverlap, TooFar
from appointments.models import Appointment
from appointments.queries.explaining import Closed, refined
from appointments.queries.situation import Wish
from appointments.queries.situations import situations_of
from appointments.queries.terms import terms_of
from appointments.rules.admission import Blocked, Situation, blocked_by
from appointments.rules.series import Occurrence, Pattern, Taken, beside, overlaps
from appointments.rules.terms import Terms

from .instead import Alternative, Instead

People = tuple[uuid.UUID, uuid.UUID | None]
WhyStaying = Literal["over", "stray", "there", "chosen"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A time that one visit of a series is to have. `visit_id` is the visit that would move there, None for a new one.

    `minutes` None is the usual length; `skipped` says that the clock skips the time of day that was meant.
    """

    number: int
    start: dt.datetime
    provider_id: uuid.UUID
    minutes: int | None = None
    skipped: bool = False
    visit_id: uuid.UUID | None = None
    second_id: uuid.UUID | None = None

    @property
    def people(self) -> People:
        """Return who is there: the provider, and the second one or None."""
        return self.provider_id, self.second_id


@dataclass(frozen=True, slots=True)
class Planned:
    """What one visit of a series would meet: nothing, or the rules in the way, the first that a person wants to hear first."""

    asked: Asked
    wish: Wish
    situation: Situation
    blocked: Sequence[Blocked] = ()
    alternatives: Sequence[Alternative] = ()

    @property
    def number(self) -> int:
        """Its place in the series."""
        return self.asked.number

    @property
    def free(self) -> bool:
        """Whether nothing is in the way."""
        return not self.blocked


@dataclass(frozen=True, slots=True)
class SeriesPlan:
    """What a series would meet. `visits` keep the numbers of the rule; `left_out` are days without one, `staying` visits."""

    pattern: Pattern
    terms: Terms
    visits: Sequence[Planned]
    left_out: Sequence[Occurrence] = ()
    staying: Sequence["Staying"] = ()

    @property
    def conflicts(self) -> list[Planned]:
        """The visits that something is in the way of."""
        return [one for one in self.visits if not one.free]


@dataclass(frozen=True, slots=True)
class Staying:
    """A visit that a change leaves alone: it is `over` (or under way, or cancelled), `stray`, `there` already, or `chosen` to stay."""

    visit: Appointment
    why: WhyStaying


@dataclass(frozen=True, slots=True)
class For:
    """For whom and what a series is planned; `only` are the providers who may be offered instead, None for all."""

    appointment_type_id: uuid.UUID
    patient_id: uuid.UUID
    only: Collection[uuid.UUID] | None = None


def terms_for(what: For, people: Collection[People]) -> dict[People, Terms]:
    """Return the terms with each of the pairs of people, one statement each. Raises `NotFound` for what is not offered."""
    kind = what.appointment_type_id
    return {
        (one, second): terms_of(appointment_type_id=kind, provider_id=one, second_provider_id=second)
        for one, second in sorted(set(people), key=str)
    }


def planned(what: For, asked: Sequence[Asked], terms: Mapping[People, Terms]) -> list[Planned]:
    """Return what each of the visits would meet, once the earlier ones of the list are there.

    One statement for each provider however many visits; where something is in the way, one or two more for each provider to
    say why, one for the patient's other visits, and one for all that is free instead. Visits that are about to move stand
    in no other's way. True when read; under the locks of what is asked for, true until they are given back.
    """
    own = [one.visit_id for one in asked if one.visit_id]
    wishes = {one.number: _wish(what, one, terms[one.people]) for one in asked}
    situations: dict[int, Situation] = {}
    for people in terms:
        numbers = [one.number for one in asked if one.people == people]
        found = situations_of([wishes[number] for number in numbers], own=own)
        situations |= dict(zip(numbers, found, strict=True))
    taken: list[Taken] = []
    plan = [_judged(one, wishes[one.number], situations[one.number], taken) for one in asked]
    if all(one.free for one in plan):
        return plan
    return _instead(what, _told(plan, terms), taken, own)


def _wish(what: For, one: Asked, terms: Terms) -> Wish:
    return Wish(terms, terms.span(one.start, one.minutes), what.patient_id, by_patient=False)


def _judged(one: Asked, wish: Wish, situation: Situation, taken: list[Taken]) -> Planned:
    """Return what a visit meets; one that meets nothing is taken into account by the next."""
    situation = beside(situation, wish.terms, wish.span, taken)
    blocked = blocked_by(wish.terms, wish.span, situation, by_patient=False)
    if overlaps(wish.span, taken) and not situation.patient_visit:
        blocked = [Blocked("patient_overlap", PatientOverlap), *blocked]
    if not blocked:
        taken.append(Taken(wish.terms.provider_id, wish.span))
    return Planned(one, wish, situation, blocked)


def _told(plan: Sequence[Planned], terms: Mapping[People, Terms]) -> list[Planned]:
    """Return the plan with leave, closures and the end of the calendar told from plain hours."""
    spans = [one.wish.span for one in plan]
    first, last = min(span.start for span in spans), max(span.end for span in spans)
    closed = {people: Closed(one, first, last) for people, one in terms.items()}
    return [replace(one, blocked=_reasons(one, closed[one.asked.people])) for one in plan]


def _reasons(one: Planned, closed: Closed) -> list[Blocked]:
    terms, span = one.wish.terms, one.wish.span
    beyond = span.start > one.situation.now + dt.timedelta(days=terms.horizon_days)
    reasons = refined(one.blocked, terms, span, closed)
    return [Blocked("horizon", TooFar) if rule.rule == "hours" and beyond else rule for rule in reasons]


def _instead(what: For, plan: Sequence[Planned], taken: Sequence[Taken], own: Collection[uuid.UUID]) -> list[Planned]:
    """Return the plan with up to three free times for each visit that has something in the way."""
    blocked = [one.wish for one in plan if not one.free]
    ranges = [(one.span.start, one.span.end) for one in taken]
    instead = Instead.of(blocked, taken=ranges, own=own, only=what.only)
    return [one if one.free else replace(one, alternatives=instead.near(one.wish)) for one in plan]
