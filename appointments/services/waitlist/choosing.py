"""Choose who is asked for a freed time, in the clinic's order, and say of everybody passed over why."""

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from appointments.models import FreedTime, WaitlistPolicy
from appointments.ports import quiet_until
from appointments.queries.availability import Wanted, free_time
from appointments.queries.situation import Wish, situation_of
from appointments.queries.waitlist.matching import Candidate
from appointments.queries.waitlist.policies import patience_of
from appointments.rules.admission import blocked_by
from appointments.rules.terms import Terms
from appointments.rules.waitlist import WHY_BLOCKED, Passed, overlap
from mediconnect.errors import NotFound


@dataclass(frozen=True, slots=True)
class Slot:
    """A visit that fits into a freed time: its type, start and length in minutes."""

    appointment_type_id: uuid.UUID
    start: dt.datetime
    minutes: int

    @property
    def end(self) -> dt.datetime:
        """When it ends."""
        return self.start + dt.timedelta(minutes=self.minutes)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Somebody who is to be asked, and for what."""

    candidate: Candidate
    slot: Slot


@dataclass
class Choosing:
    """The choice for one freed time under the lock. What is free is read once for each type and length, not for each person.

    `terms` are those of the types whose resources are locked. `slot` is given where others are asked already: whoever is
    asked with them is asked for the same. `passed` collects who was passed over and why, `quiet` whose night ends when.
    """

    freed: FreedTime
    now: dt.datetime
    terms: Mapping[uuid.UUID, Terms]
    policies: Mapping[uuid.UUID | None, WaitlistPolicy]
    slot: Slot | None = None
    passed: list[tuple[uuid.UUID, Passed]] = field(default_factory=list)
    quiet: dict[uuid.UUID, dt.datetime] = field(default_factory=dict)
    _starts: dict[tuple[uuid.UUID, int], list[dt.datetime]] = field(default_factory=dict)
    _why: dict[tuple[uuid.UUID, int], Passed] = field(default_factory=dict)

    def policy(self, appointment_type_id: uuid.UUID) -> WaitlistPolicy:
        """Return how this type's time is offered."""
        return self.policies.get(appointment_type_id) or self.policies[None]

    def answer_by(self, slot: Slot) -> dt.datetime | None:
        """Return until when an offer of the slot would stand; None where it is too late for one."""
        return patience_of(self.policy(slot.appointment_type_id)).answer_by(slot.start, self.now)

    def look(self, candidates: Iterable[Candidate]) -> list[Chosen]:
        """Return who could be asked, first who is to be asked first, each with the first start that meets their wish."""
        awake: list[Chosen] = []
        for one in candidates:
            slots = self._slots(one)
            outcome = self._outcome(one, slots) if slots is not None else None
            if isinstance(outcome, Slot):
                awake.append(Chosen(one, outcome))
            elif outcome is not None:
                self.passed.append((one.entry_id, outcome))
        nights = quiet_until([one.candidate.patient_id for one in awake], self.freed.clinic_id, self.now)
        self.quiet |= nights
        asleep = [one for one in awake if one.candidate.patient_id in nights]
        self.passed += [(one.candidate.entry_id, Passed.QUIET_HOURS) for one in asleep]
        return [one for one in awake if one.candidate.patient_id not in nights]

    @property
    def is_hopeless(self) -> bool:
        """Whether no visit of any type or length that was asked about fits, so that it does not matter who comes next."""
        return self.slot is None and bool(self._starts) and not any(self._starts.values())

    def _slots(self, one: Candidate) -> list[Slot] | None:
        """Return the slots that are free, in order; None for a type whose resources are not locked."""
        if one.appointment_type_id not in self.terms:
            return None
        if self.slot is not None:
            same = (one.appointment_type_id, one.minutes) == (self.slot.appointment_type_id, self.slot.minutes)
            return [self.slot] if same else None
        return [
            Slot(one.appointment_type_id, start, one.minutes)
            for start in self._free(one.appointment_type_id, one.minutes)
        ]

    def _outcome(self, one: Candidate, slots: list[Slot]) -> Slot | Passed | None:
        """Return the first slot that the person could be asked for, or why there is none; None where none was wished for."""
        if one.gave_back:
            return Passed.GAVE_BACK
        if one.has_offer:
            return Passed.HAS_OFFER
        if not slots:
            return self._why[one.appointment_type_id, one.minutes] if self._wished_for(one) else None
        freed, zone = self.freed, self.terms[one.appointment_type_id].zone
        wished = [slot for slot in slots if one.asking.meets(slot.start, slot.end, freed.provider_id, zone)]
        if not wished:
            return None
        return self._in_time(one, wished)

    def _in_time(self, one: Candidate, slots: list[Slot]) -> Slot | Passed:
        sooner = [slot for slot in slots if one.visit_start is None or slot.start < one.visit_start]
        if not sooner:
            return Passed.NOT_SOONER
        offered = [slot for slot in sooner if self.answer_by(slot) is not None]
        if not offered:
            return Passed.TOO_LATE
        known = [slot for slot in offered if one.asking.knows_in_time(slot.start, self.now)]
        if not known:
            return Passed.NOTICE
        alone = [slot for slot in known if not overlap(slot.start, slot.end, one.busy)]
        if not alone:
            return Passed.OWN_VISIT
        return alone[0]

    def _wished_for(self, one: Candidate) -> bool:
        """Return whether the time as a whole is one of the wish, so that it matters why no visit fits into it."""
        end = min(self.freed.ends_at, self.freed.starts_at + dt.timedelta(minutes=one.minutes))
        zone = self.terms[one.appointment_type_id].zone
        return one.asking.meets(self.freed.starts_at, end, self.freed.provider_id, zone)

    def _free(self, kind: uuid.UUID, minutes: int) -> list[dt.datetime]:
        """Return when a visit of this type and length may begin within the freed time. One statement, the first time."""
        if (kind, minutes) not in self._starts:
            starts = self._read(kind, minutes)
            self._starts[kind, minutes] = starts
            if not starts:
                self._why[kind, minutes] = self._blocked(kind, minutes)
        return self._starts[kind, minutes]

    def _read(self, kind: uuid.UUID, minutes: int) -> list[dt.datetime]:
        freed, terms = self.freed, self.terms[kind]
        last = freed.ends_at - dt.timedelta(minutes=minutes)
        if last < freed.starts_at or (terms.is_group and minutes != terms.duration):
            return []
        wanted = Wanted(
            kind,
            freed.starts_at,
            last + dt.timedelta(minutes=1),
            [freed.provider_id],
            minutes=minutes if minutes != terms.duration else None,
        )
        try:
            found = free_time(wanted).starts
        except NotFound:
            return []
        starts = [dt.datetime.fromtimestamp(minute * 60, dt.UTC) for minute, _place, _room in found]
        return [start for start in starts if freed.session_id is None or start == freed.starts_at]

    def _blocked(self, kind: uuid.UUID, minutes: int) -> Passed:
        """Return why no visit of this type fits: what the rules say of the time's own beginning."""
        terms = self.terms[kind]
        wish = Wish(terms, terms.span(self.freed.starts_at, minutes), None, by_patient=False)
        for blocked in blocked_by(terms, wish.span, situation_of(wish), by_patient=False):
            return WHY_BLOCKED.get(blocked.rule, Passed.NO_FIT)
        return Passed.NO_FIT
