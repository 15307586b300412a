"""The waitlist of the clinic in plain Python: who waits, what was freed, who is asked, as simply as it can be said."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from .model import CLAIMING, Kept, Kind, Model, Visit

GRID: Final = 10
MOVABLE: Final = ("booked", "confirmed")


@dataclass(eq=False)
class Waiting:
    """A wish; `visit` is what would come sooner. Earlier ones stand earlier in the list."""

    patient: int
    kind: Kind
    provider: int | None
    priority: int
    visit: Visit | None = None
    state: str = "waiting"


@dataclass(eq=False)
class Freed:
    """A time that was given back; `group` where it is a seat of this type."""

    provider: int
    start: int
    end: int
    patient: int | None
    visit: Visit | None
    group: Kind | None = None
    state: str = "open"

    @property
    def standing(self) -> tuple[object, ...]:
        """All that is kept of it."""
        return self.provider, self.start, self.end, self.patient, self.group is not None, self.state


@dataclass(eq=False)
class Offer:
    """A time offered to somebody, with the hold that keeps it."""

    wish: Waiting
    freed: Freed
    start: int
    minutes: int
    hold: Kept
    state: str = "offered"


def left_over(low: int, high: int, taken: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the pieces of five minutes or more that are left, in order."""
    free = [minute for minute in range(low, high) if not any(a <= minute < b for a, b in taken)]
    pieces: list[list[int]] = []
    for minute in free:
        if pieces and pieces[-1][1] == minute:
            pieces[-1][1] += 1
        else:
            pieces.append([minute, minute + 1])
    return [(a, b) for a, b in pieces if b - a >= 5]


@dataclass
class _Undo:
    """What taking a step back would take from the list, and how to leave it there after all."""

    model: "WaitlistModel"
    freed: list[Freed] = field(default_factory=list)
    offers: list[Offer] = field(default_factory=list)

    def take(self) -> None:
        for offer in self.offers:
            self.model.end(offer, "withdrawn")
        for freed in self.freed:
            freed.state = "taken"

    def leave(self) -> None:
        for offer in self.offers:
            offer.state, offer.wish.state = "offered", "offered"
            self.model.holds.append(offer.hold)
        for freed in self.freed:
            freed.state = "open"


class WaitlistModel(Model):
    """The clinic with a waitlist that asks one after another, by priority and then age, at any time of the day."""

    def __init__(self, kinds: list[Kind], *, providers: int, rooms: int, hours: tuple[int, int]) -> None:
        super().__init__(kinds, providers=providers, rooms=rooms, hours=hours)
        self.wishes: list[Waiting] = []
        self.freed: list[Freed] = []
        self.offers: list[Offer] = []

    # What frees time.

    def _free(self, before: Visit, after: Visit | None = None) -> None:
        """Write down what the visit left."""
        group = self.group_at(before.kind, before.provider, before.start) if before.seat else None
        if group is not None and self.members(group):
            seat = Freed(before.provider, before.start, before.end, before.patient, after, before.kind)
            self.freed.append(seat)
            return
        still = [(after.start, after.end)] if after and after.status in CLAIMING else []
        kept = still if after and after.provider == before.provider else []
        for low, high in left_over(before.start, before.end, kept):
            self.freed.append(Freed(before.provider, low, high, before.patient, after))

    def cancel(self, visit: Visit) -> str:
        """Cancel, and free."""
        before = replace(visit)
        outcome = super().cancel(visit)
        if outcome == "done":
            self._free(before, visit)
        return outcome

    def step(self, visit: Visit, name: str) -> str:
        """Take a step; a no-show frees."""
        before = replace(visit)
        outcome = super().step(visit, name)
        if outcome == "done" and name == "no-show":
            self._free(before, visit)
        return outcome

    def move(self, visit: Visit, provider: int, start: int, minutes: int | None) -> str:
        """Move, and free what is left."""
        before = replace(visit)
        outcome = super().move(visit, provider, start, minutes)
        if outcome == "done":
            self._free(before, visit)
        return outcome

    def move_back(self, visit: Visit) -> str:
        """Take the old time back, from the list as well, and free the new one."""
        before, former = replace(visit), visit.former
        undo = self._undo(visit, former.start, former.end) if former and visit.status in MOVABLE else _Undo(self)
        undo.take()
        outcome = super().move_back(visit)
        if outcome == "done":
            self._free(before, visit)
        else:
            undo.leave()
        return outcome

    def undo(self, visit: Visit) -> str:
        """Take a step back; the time it gave back comes back from the list as well."""
        gave_back = visit.status in {"cancelled", "no_show"}
        undo = self._undo(visit, visit.start, visit.end) if gave_back else _Undo(self)
        undo.take()
        outcome = super().undo(visit)
        if outcome != "done":
            undo.leave()
        return outcome

    def release(self, hold: Kept) -> str:
        """Give a hold back; its time is for whoever waits, if anybody does."""
        outcome = super().release(hold)
        if outcome == "done" and self.waited_for(hold.provider):
            end = hold.start + hold.kind.duration
            group = hold.kind if hold.seat_only else None
            self.freed.append(Freed(hold.provider, hold.start, end, hold.patient, None, group))
        return outcome

    def _undo(self, visit: Visit, start: int, end: int) -> _Undo:
        freed = [f for f in self.freed if f.visit is visit and f.state == "open" and f.start < end and f.end > start]
        return _Undo(self, freed, [offer for offer in self.offers if offer.freed in freed and offer.state == "offered"])

    # Who waits.

    def waited_for(self, provider: int) -> list[int]:
        """How long the visits last that are waited for, the shortest first."""
        return sorted(w.kind.duration for w in self.wishes if w.state == "waiting" and w.provider in {None, provider})

    def join(self, wish: Waiting) -> str:
        """Join the list."""
        visit = wish.visit
        if visit is not None and (
            visit.status not in MOVABLE or (visit.patient, visit.kind) != (wish.patient, wish.kind)
        ):
            return "nothing-to-bring-forward"
        if any(
            (w.patient, w.kind) == (wish.patient, wish.kind) and w.state in {"waiting", "offered"} for w in self.wishes
        ):
            return "already-waiting"
        self.wishes.append(wish)
        return "done"

    def leave(self, wish: Waiting) -> str:
        """Leave the list; what was offered goes on."""
        if wish.state == "withdrawn":
            return "done"
        if wish.state not in {"waiting", "offered"}:
            return "wish-closed"
        offer = next((o for o in self.offers if o.wish is wish and o.state == "offered"), None)
        if offer is not None:
            self.end(offer, "withdrawn")
        wish.state = "withdrawn"
        if offer is not None:
            self.offer(offer.freed, liked=offer.hold.room)
        return "done"

    # Who is asked.

    def end(self, offer: Offer, state: str) -> None:
        """End the offer: its wish waits again, its time is held no longer."""
        offer.state, offer.wish.state = state, "waiting"
        self.holds = [hold for hold in self.holds if hold is not offer.hold]

    def offer(self, freed: Freed, liked: int | None = None) -> None:
        """Ask whoever is next, if anybody is and the time is to be had."""
        if freed.state != "open" or any(o.freed is freed and o.state == "offered" for o in self.offers):
            return
        if self._is_taken(freed):
            freed.state = "taken"
            return
        line = sorted(enumerate(self.wishes), key=lambda place: (-place[1].priority, place[0]))
        for _, wish in line:
            start = self._start_for(wish, freed)
            if start is not None:
                self._ask(wish, freed, start, liked)
                return

    def _is_taken(self, freed: Freed) -> bool:
        if freed.group is not None:
            group = self.group_at(freed.group, freed.provider, freed.start)
            return group is not None and len(self.members(group)) >= freed.group.capacity
        holds, self.holds = self.holds, []
        taken = [(a, b) for provider, _, a, b in self.taken() if provider == freed.provider]
        self.holds = holds
        return not left_over(freed.start, freed.end, taken)

    def _start_for(self, wish: Waiting, freed: Freed) -> int | None:
        """When this person could come, if they may be asked."""
        if wish.state != "waiting" or wish.provider not in {None, freed.provider} or wish.patient == freed.patient:
            return None
        if freed.group not in {None, wish.kind} or any(o.wish is wish and o.freed is freed for o in self.offers):
            return None
        if any(w.patient == wish.patient and w.state == "offered" for w in self.wishes):
            return None
        if wish.visit is not None and wish.visit.status not in MOVABLE:
            return None
        minutes = self._minutes(wish)
        for start in self._starts(wish.kind, freed, minutes):
            later = wish.visit is None or start < wish.visit.start
            if later and not self.is_elsewhere(wish.patient, start, start + minutes, wish.visit):
                return start
        return None

    @staticmethod
    def _minutes(wish: Waiting) -> int:
        return wish.visit.minutes if wish.visit is not None else wish.kind.duration

    def _starts(self, kind: Kind, freed: Freed, minutes: int) -> Iterator[int]:
        if kind.capacity > 1 and minutes != kind.duration:
            return
        for start in range(freed.start, freed.end - minutes + 1):
            on_grid = start % GRID == 0
            fits = freed.group is None or start == freed.start
            if on_grid and fits and not self.refusal(kind, freed.provider, start, None, minutes=minutes):
                yield start

    def _ask(self, wish: Waiting, freed: Freed, start: int, liked: int | None) -> None:
        kind, minutes = wish.kind, self._minutes(wish)
        group = self.group_at(kind, freed.provider, start) if kind.capacity > 1 else None
        meets = group is not None and bool(self.members(group))
        meeting = self.meeting(kind, start, None, None, group, minutes)
        room = self.free_room(meeting, liked) if kind.needs_room else None
        hold = Kept(kind, freed.provider, start, room, seat_only=meets, minutes=minutes, of_offer=True)
        self.holds.append(hold)
        self.offers.append(Offer(wish, freed, start, minutes, hold))
        wish.state = "offered"

    # What is answered.

    def decline(self, offer: Offer, state: str = "declined") -> str:
        """Say no, or nothing; the next is asked."""
        if offer.state == "offered":
            self.end(offer, state)
            self.offer(offer.freed, liked=offer.hold.room)
        return "done" if offer.state == state else "offer-over"

    def accept(self, offer: Offer) -> tuple[str, Visit | None]:
        """Say yes; return what was answered, and the visit where one was booked."""
        if offer.state != "offered":
            return ("done" if offer.state == "accepted" else "offer-over"), None
        wish, freed, visit = offer.wish, offer.freed, offer.wish.visit
        if visit is not None and (visit.status not in MOVABLE or visit.start <= offer.start):
            self.end(offer, "withdrawn")
            return "offer-over", None
        refusal = self.refusal(
            wish.kind,
            freed.provider,
            offer.start,
            wish.patient,
            own=visit,
            own_hold=offer.hold,
            minutes=offer.minutes,
        )
        if refusal in {"slot-taken", "outside-availability"}:
            self.end(offer, "withdrawn")
            return "offer-over", None
        if refusal:
            return refusal, None
        return "done", self._take(offer, wish, freed, visit)

    def _take(self, offer: Offer, wish: Waiting, freed: Freed, visit: Visit | None) -> Visit | None:
        booked, before = None, None
        if visit is None:
            booked = Visit(wish.kind, freed.provider, wish.patient, offer.start)
            self._place(booked, None, offer.hold)
            self.visits.append(booked)
        else:
            before = replace(visit)
            visit.provider, visit.start, visit.minutes = freed.provider, offer.start, offer.minutes
            visit.override, visit.steps = False, ["booked"]
            self._place(visit, visit, offer.hold)
            self._moved(visit, before)
        self.holds = [hold for hold in self.holds if hold is not offer.hold]
        if visit is not None and before is not None:
            self._free(before, visit)
        offer.state, wish.state, freed.state = "accepted", "accepted", "filled"
        self._free_rest(offer, wish.kind)
        return booked

    def _free_rest(self, offer: Offer, kind: Kind) -> None:
        freed, waited = offer.freed, self.waited_for(offer.freed.provider)
        if freed.group is not None or not waited:
            return
        used = (offer.start - kind.before, offer.start + offer.minutes + kind.after)
        for low, high in left_over(freed.start, freed.end, [used]):
            if high - low >= waited[0]:
                self.freed.append(Freed(freed.provider, low, high, freed.patient, freed.visit))
