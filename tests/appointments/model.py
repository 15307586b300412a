"""A clinic in plain Python: intervals of minutes in lists, and what each request must be answered. It knows no database.

Time is minutes of one day. The rules are written here a second time, as simply as they can be said, to compare with.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

CLAIMING: Final = ("booked", "confirmed", "arrived", "roomed", "in_progress", "completed")
ACTIVE: Final = CLAIMING[:-1]
STEPS: Final = {
    "confirm": (("booked",), "confirmed"),
    "arrive": (("booked", "confirmed"), "arrived"),
    "room": (("arrived",), "roomed"),
    "start": (("arrived", "roomed"), "in_progress"),
    "complete": (("in_progress",), "completed"),
    "no-show": (("booked", "confirmed"), "no_show"),
}
HOLDS_OF_STAFF: Final = 10


@dataclass(frozen=True)
class Kind:
    """A type of visit."""

    name: str
    duration: int
    before: int = 0
    after: int = 0
    needs_room: bool = False
    capacity: int = 1
    daily_limit: int | None = None


@dataclass(eq=False)
class Visit:
    """A visit; `steps` are the statuses it came through, with what was undone left out."""

    kind: Kind
    provider: int
    patient: int
    start: int
    room: int | None = None
    seat: int | None = None
    override: bool = False
    steps: list[str] = field(default_factory=lambda: ["booked"])
    minutes: int = 0
    # Where a move took it from, until something else happens to it.
    former: "Visit | None" = None

    def __post_init__(self) -> None:
        """Last as long as usual."""
        self.minutes = self.minutes or self.kind.duration

    @property
    def status(self) -> str:
        """Where it stands."""
        return self.steps[-1]

    @property
    def end(self) -> int:
        """When it ends."""
        return self.start + self.minutes

    @property
    def standing(self) -> tuple[object, ...]:
        """All that a move may change."""
        return self.provider, self.start, self.minutes, self.room, self.seat, self.override, self.status


@dataclass(eq=False)
class Kept:
    """A hold: with a seat in a group that meets, or with the whole time."""

    kind: Kind
    provider: int
    start: int
    room: int | None
    seat_only: bool
    live: bool = True
    patient: int | None = None
    # Of a visit of another length than usual, and not kept by somebody who types.
    minutes: int = 0
    of_offer: bool = False


@dataclass(eq=False)
class Group:
    """A group's time, which keeps its place in the books when everybody has left."""

    kind: Kind
    provider: int
    start: int
    room: int | None


class Model:
    """The clinic. Each method carries a request out and returns its answer: `done`, or the code of a refusal."""

    def __init__(self, kinds: list[Kind], *, providers: int, rooms: int, hours: tuple[int, int]) -> None:
        self.kinds, self.rooms = kinds, range(rooms)
        self.opens: list[list[tuple[int, int]]] = [[hours] for _ in range(providers)]
        self.visits: list[Visit] = []
        self.holds: list[Kept] = []
        self.groups: list[Group] = []

    # What is there.

    def is_open(self, provider: int, start: int, end: int, opens: list[tuple[int, int]] | None = None) -> bool:
        """Whether each minute is open."""
        pieces = self.opens[provider] if opens is None else opens
        return all(any(low <= minute < high for low, high in pieces) for minute in range(start, end))

    def members(self, group: Group, but: Visit | None = None) -> list[Visit]:
        """Who has a seat in the group."""
        return [v for v in self.visits if v is not but and v.seat and v.status in CLAIMING
                and (v.kind, v.provider, v.start) == (group.kind, group.provider, group.start)]  # fmt: skip

    def group_at(self, kind: Kind, provider: int, start: int) -> Group | None:
        """The group of that time, whether or not anybody is in it."""
        return next((g for g in self.groups if (g.kind, g.provider, g.start) == (kind, provider, start)), None)

    def held_seats(self, group: Group, but: Kept | None) -> int:
        """How many seats of the group are held."""
        return sum(
            h.live and h.seat_only and h is not but and self.group_at(h.kind, h.provider, h.start) is group
            for h in self.holds
        )

    def taken(
        self, own: Visit | None = None, own_hold: Kept | None = None, but: Group | None = None
    ) -> Iterator[tuple[int, int | None, int, int]]:
        """Every (provider, room, from, until) that is occupied, buffers included."""
        for visit in self.visits:
            if visit is not own and visit.status in CLAIMING and not visit.seat:
                yield self._occupied(visit.kind, visit.provider, visit.room, visit.start, visit.minutes)
        for group in self.groups:
            if group is not but and self.members(group, but=own):
                yield self._occupied(group.kind, group.provider, group.room, group.start)
        for hold in self.holds:
            if hold is not own_hold and hold.live and not hold.seat_only:
                yield self._occupied(hold.kind, hold.provider, hold.room, hold.start, hold.minutes)

    @staticmethod
    def _occupied(
        kind: Kind, provider: int, room: int | None, start: int, minutes: int = 0
    ) -> tuple[int, int | None, int, int]:
        return provider, room, start - kind.before, start + (minutes or kind.duration) + kind.after

    def refusal(
        self,
        kind: Kind,
        provider: int,
        start: int,
        patient: int | None,
        own: Visit | None = None,
        own_hold: Kept | None = None,
        minutes: int = 0,
    ) -> str:
        """Why the visit may not be; empty if it may."""
        end = start + (minutes or kind.duration)
        if self.is_elsewhere(patient, start, end, own):
            return "patient-overlap"
        if not self.is_open(provider, start, end):
            return "outside-availability"
        that_day = [
            v for v in self.visits if v is not own and v.status in CLAIMING and (v.kind, v.provider) == (kind, provider)
        ]
        if kind.daily_limit is not None and len(that_day) >= kind.daily_limit:
            return "daily-limit"
        return "" if self._has_room(kind, provider, start, own, own_hold, minutes) else "slot-taken"

    def _has_room(
        self, kind: Kind, provider: int, start: int, own: Visit | None, own_hold: Kept | None, minutes: int
    ) -> bool:
        """Whether there is a seat in the group, or the whole time with its provider and a room."""
        group = self.group_at(kind, provider, start)
        if group is not None:
            members = self.members(group, but=own)
            if len(members) + self.held_seats(group, own_hold) >= kind.capacity:
                return False
            if members:
                return True
        meeting = self.meeting(kind, start, own, own_hold, group, minutes)
        if any(p == provider for p, _ in meeting):
            return False
        return not kind.needs_room or self.free_room(meeting) is not None

    def is_elsewhere(self, patient: int | None, start: int, end: int, own: Visit | None) -> bool:
        """Whether the patient has a visit then."""
        return any(
            v.patient == patient and v is not own and v.status in CLAIMING and v.start < end and start < v.end
            for v in self.visits
        )

    def meeting(
        self, kind: Kind, start: int, own: Visit | None, own_hold: Kept | None, group: Group | None, minutes: int = 0
    ) -> list[tuple[int, int | None]]:
        """Which (provider, room) pairs are occupied at some time that the visit would occupy."""
        low, high = start - kind.before, start + (minutes or kind.duration) + kind.after
        return [(p, room) for p, room, a, b in self.taken(own, own_hold, group) if a < high and low < b]

    def free_room(self, meeting: list[tuple[int, int | None]], liked: int | None = None) -> int | None:
        """The room that is liked if nobody is in it, else the first one that nobody is in."""
        free = [room for room in self.rooms if room not in {taken for _, taken in meeting}]
        return liked if liked in free else next(iter(free), None)

    def free(self, kind: Kind, provider: int, grid: range) -> list[int]:
        """When a visit may begin."""
        return [start for start in grid if not self.refusal(kind, provider, start, None)]

    # What is asked for.

    def book(self, visit: Visit, hold: Kept | None = None) -> str:
        """Book the visit, with a hold or without."""
        refusal = self.refusal(visit.kind, visit.provider, visit.start, visit.patient, own_hold=hold)
        if refusal and not (visit.override and refusal != "patient-overlap"):
            return refusal
        self._place(visit, None, hold)
        self.visits.append(visit)
        if hold in self.holds:
            self.holds.remove(hold)
        return "done"

    def _place(self, visit: Visit, own: Visit | None, hold: Kept | None) -> None:
        kind, group = visit.kind, self.group_at(visit.kind, visit.provider, visit.start)
        liked = hold.room if hold is not None else visit.room
        meeting = self.meeting(kind, visit.start, own, hold, group, visit.minutes)
        room = self.free_room(meeting, liked) if kind.needs_room else None
        visit.room, visit.seat = room, None
        if visit.override and kind.needs_room:
            visit.room = room if room is not None else liked or 0
        elif visit.override:
            visit.room = None
        elif kind.capacity > 1:
            if group is None:
                group = Group(kind, visit.provider, visit.start, room)
                self.groups.append(group)
            members = self.members(group, but=own)
            if not members:
                group.room = room
            visit.room = group.room
            seats = {member.seat for member in members}
            visit.seat = next(seat for seat in range(1, kind.capacity + 1) if seat not in seats)

    def hold(self, kind: Kind, provider: int, start: int, patient: int | None) -> Kept | str:
        """Hold the time; return the hold, or the code of the refusal."""
        if sum(hold.live and not hold.of_offer for hold in self.holds) >= HOLDS_OF_STAFF:
            return "hold-limit"
        refusal = self.refusal(kind, provider, start, patient)
        if refusal:
            return refusal
        group = self.group_at(kind, provider, start)
        room = self.free_room(self.meeting(kind, start, None, None, group)) if kind.needs_room else None
        seat_only = group is not None and bool(self.members(group))
        kept = Kept(kind, provider, start, room, seat_only=seat_only, patient=patient)
        self.holds.append(kept)
        return kept

    def release(self, hold: Kept) -> str:
        """Give the hold back."""
        if hold not in self.holds or not hold.live:
            return "not-found"
        self.holds.remove(hold)
        return "done"

    def move(self, visit: Visit, provider: int, start: int, minutes: int | None) -> str:
        """Move the visit, perhaps to another length."""
        if visit.status not in {"booked", "confirmed"}:
            return "invalid-transition"
        if visit.kind.capacity > 1:
            if minutes not in {None, visit.kind.duration}:
                return "group-length"
            minutes = visit.kind.duration
        lasting = minutes or visit.minutes
        refusal = self.refusal(visit.kind, provider, start, visit.patient, own=visit, minutes=lasting)
        if refusal:
            return refusal
        before = replace(visit)
        visit.provider, visit.start, visit.minutes = provider, start, lasting
        visit.override, visit.steps = False, ["booked"]
        self._place(visit, visit, None)
        self._moved(visit, before)
        return "done"

    @staticmethod
    def _moved(visit: Visit, before: Visit) -> None:
        """Remember where it was, if it was elsewhere."""
        places = [(v.provider, v.start, v.minutes, v.room) for v in (visit, before)]
        visit.former = before if places[0] != places[1] else None

    def move_back(self, visit: Visit) -> str:
        """Return the visit to where its last move took it from."""
        former = visit.former
        if former is None:
            return "nothing-to-undo"
        if self.is_elsewhere(visit.patient, former.start, former.end, visit):
            return "patient-overlap"
        if not former.override:
            if not self.is_open(former.provider, former.start, former.end):
                return "outside-availability"
            if not self._has_room(visit.kind, former.provider, former.start, visit, None, former.minutes):
                return "slot-taken"
        before = replace(visit)
        visit.provider, visit.start, visit.minutes, visit.room = (
            former.provider,
            former.start,
            former.minutes,
            former.room,
        )
        visit.override, visit.steps = former.override, list(former.steps)
        self._place(visit, visit, None)
        self._moved(visit, before)
        return "done"

    def cancel(self, visit: Visit) -> str:
        """Cancel the visit."""
        if visit.status not in {"booked", "confirmed", "arrived", "roomed"}:
            return "invalid-transition"
        visit.steps.append("cancelled")
        visit.former = None
        return "done"

    def step(self, visit: Visit, name: str) -> str:
        """Take a step of the day."""
        sources, target = STEPS[name]
        if visit.status not in sources:
            return "invalid-transition"
        visit.steps.append(target)
        visit.former = None
        return "done"

    def undo(self, visit: Visit) -> str:
        """Take the last step back."""
        if visit.status == "booked":
            return "nothing-to-undo"
        if visit.status in {"cancelled", "no_show"}:
            if self.is_elsewhere(visit.patient, visit.start, visit.end, visit):
                return "patient-overlap"
            if not visit.override and self._is_lost(visit):
                return "slot-taken"
        visit.steps = ["booked"] if visit.status == "cancelled" else visit.steps[:-1]
        visit.former = None
        return "done"

    def _is_lost(self, visit: Visit) -> bool:
        """Whether what the visit gave back is no longer to be had."""
        if not self.is_open(visit.provider, visit.start, visit.end):
            return True
        group = self.group_at(visit.kind, visit.provider, visit.start) if visit.seat else None
        if group is not None:
            members = self.members(group)
            if visit.seat in {member.seat for member in members}:
                return True
            if members:
                return len(members) + self.held_seats(group, None) >= visit.kind.capacity
        rooms = {visit.room, group.room if group else None} - {None}
        meeting = self.meeting(visit.kind, visit.start, visit, None, group, visit.minutes)
        return any(p == visit.provider or room in rooms for p, room in meeting)

    def edit_hours(self, provider: int, opens: list[tuple[int, int]]) -> str:
        """Let the provider's hours be these."""
        for visit in self.visits:
            inside = self.is_open(provider, visit.start, visit.end, opens)
            if visit.provider == provider and visit.status in ACTIVE and not visit.override and not inside:
                return "openings_cover_their_visits"
        self.opens[provider] = opens
        return "done"
