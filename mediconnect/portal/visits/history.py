"""What happened to a visit, told in words: who, when, and what it was before and after."""

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from appointments.models import Appointment, CancellationReason, Priority, Status
from mediconnect.accounts.models import User
from mediconnect.habits import Habits
from mediconnect.portal.desk import Desk
from mediconnect.records.encryption import decrypt
from mediconnect.records.models import Change
from providers.models import Resource

# Written on the card itself for those who may read it; the history says only that it changed.
NOTES: Final[Mapping[str, str]] = {
    "reason": gettext_noop("Reason"),
    "patient_note": gettext_noop("Patient’s note"),
    "internal_note": gettext_noop("Internal note"),
}
_THINGS: Final[Mapping[str, str]] = {
    "provider_id": gettext_noop("Provider"),
    "second_provider_id": gettext_noop("Second provider"),
    "room_id": gettext_noop("Room"),
    "device_id": gettext_noop("Device"),
}


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that changed: its name, and how it read before and after. Both are empty where it is not told."""

    word: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One change. `who` is empty where the house itself did it."""

    version: int
    at: dt.datetime
    who: str
    booked: bool
    said: Sequence[Said]


@dataclass(frozen=True)
class Teller:
    """Tells changes of one visit at a clinic: its names, its clock, its habits."""

    desk: Desk
    visit: Appointment
    names: Mapping[uuid.UUID, str]
    habits: Habits

    @classmethod
    def of(cls, desk: Desk, visit: Appointment, changes: Sequence[Change]) -> "Teller":
        """Return the teller of these changes; the names in them are read in two statements."""
        things = {uuid.UUID(one) for change in changes for one in _ids(change)}
        people = {change.actor_id for change in changes if change.actor_id}
        names: dict[uuid.UUID, str] = dict(Resource.objects.filter(pk__in=things).values_list("pk", "name"))
        for pk, name, email in User.objects.filter(pk__in=people).values_list("pk", "display_name", "email"):
            names[pk] = name or email
        if visit.patient.user_id is not None:
            names[visit.patient.user_id] = _("the patient")
        return cls(desk, visit, names, desk.habits)

    def tell(self, changes: Sequence[Change]) -> list[Entry]:
        """Return the changes that say something, newest first."""
        entries: list[Entry] = []
        state = {"starts_at": self.visit.starts_at, "ends_at": self.visit.ends_at}
        for change in reversed(changes):
            before = state | {name: _instant(change.before[name]) for name in state if change.before.get(name)}
            booked = change.operation == "insert"
            said = self._booked(state) if booked else list(self._changed(change, before, state))
            if said:
                who = self.names.get(change.actor_id, "") if change.actor_id else ""
                entries.append(Entry(change.version or 0, change.at, who, booked, said))
            state = before
        return entries

    def _booked(self, state: Mapping[str, dt.datetime]) -> list[Said]:
        return [Said(_("Booked"), "", self.habits.moment(state["starts_at"]))]

    def _changed(
        self, change: Change, before: Mapping[str, dt.datetime], after: Mapping[str, dt.datetime]
    ) -> Iterable[Said]:
        columns = change.after.keys()
        yield from _choices(change)
        if "starts_at" in columns:
            yield Said(_("Start"), self.habits.moment(before["starts_at"]), self.habits.moment(after["starts_at"]))
        lengths = [_minutes(side) for side in (before, after)]
        if lengths[0] != lengths[1]:
            yield Said(_("Length"), *(self.habits.duration(length) for length in lengths))
        for column, word in _THINGS.items():
            if column in columns:
                yield Said(_(word), *(self._name(side.get(column)) for side in (change.before, change.after)))
        if "override_reason" in columns:
            yield Said(_("Against the rules"), change.before["override_reason"], change.after["override_reason"])
        for column, word in NOTES.items():
            if column in columns and _rewritten(change, column):
                yield Said(_(word))

    def _name(self, identifier: str | None) -> str:
        return self.names.get(uuid.UUID(identifier), "…") if identifier else _("none")


def _choices(change: Change) -> Iterable[Said]:
    """Tell what is one of a few: where the visit stands, how soon it is seen, why it was cancelled."""
    sides = (change.before, change.after)
    if "status" in change.after:
        yield Said(_("Status"), *(_(Status(side["status"]).label) for side in sides))
    if "priority" in change.after:
        yield Said(_("Priority"), *(_(Priority(side["priority"]).label) for side in sides))
    if change.after.get("cancellation_reason"):
        yield Said(_("Why"), "", _(CancellationReason(change.after["cancellation_reason"]).label))


def _rewritten(change: Change, column: str) -> bool:
    """Return whether a sealed text reads otherwise: the same text sealed anew is another value, and no change."""
    return decrypt(change.before.get(column) or "") != decrypt(change.after[column] or "")


def _ids(change: Change) -> Iterable[str]:
    sides: tuple[dict[str, Any], ...] = (change.before, change.after)
    return (side[column] for side in sides for column in _THINGS if side.get(column))


def _instant(text: str) -> dt.datetime:
    parsed = parse_datetime(text)
    if parsed is None:
        message = "The history holds a moment that is none."
        raise ValueError(message)
    return parsed


def _minutes(state: Mapping[str, dt.datetime]) -> int:
    return (state["ends_at"] - state["starts_at"]) // dt.timedelta(minutes=1)


@dataclass(slots=True)
class Sum:
    """What several changes amount to, for one word."""

    before: str
    after: str


def summed(entries: Sequence[Entry]) -> list[Said]:
    """Return what these changes, newest first, amount to: for each word how it was at first and is now."""
    sums: dict[str, Sum] = {}
    for entry in reversed(entries):
        for said in entry.said:
            known = sums.setdefault(said.word, Sum(said.before, said.after))
            known.after = said.after
    return [Said(word, one.before, one.after) for word, one in sums.items() if not one.after or one.before != one.after]


def notes_at(visit: Appointment, version: int) -> dict[str, str]:
    """Return the three texts as they were in a version of the visit, which may be its present one."""
    texts = {name: str(getattr(visit, name)) for name in NOTES}
    if version < visit.version:
        for change in Change.objects.of(visit).filter(version__gt=version).order_by("-id"):
            texts |= {name: decrypt(change.before[name]) for name in NOTES if name in change.before}
    return texts
