"""The steps of a visit's day in the clinic's words: which are possible now, the likely one first, and what is undone."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, pgettext

from appointments.models import Appointment, Status
from appointments.models.status import MOVABLE, TRANSITIONS
from appointments.services.flow import STEPS
from appointments.services.undoing import UNDO_CANCELLATION
from mediconnect.records.models import Change

# What is said once a step is taken. The steps and their order are those of the flow.
DONE: Final[Mapping[str, str]] = {
    "confirm": gettext_noop("Confirmed."),
    "arrive": gettext_noop("Arrived."),
    "room": gettext_noop("In a room."),
    "start": gettext_noop("With the provider."),
    "complete": gettext_noop("Completed."),
    "no-show": gettext_noop("Marked as a no-show. The time is free again."),
}

MOVED: Final = frozenset({"starts_at", "ends_at", "provider_id", "second_provider_id", "room_id", "device_id"})
# Afterwards the patient may have been told; the door still allows it, the card no longer suggests it.
_MOVE_IS_FRESH: Final = dt.timedelta(minutes=30)

What = Literal["step", "move"]


@dataclass(frozen=True, slots=True)
class Button:
    """A step that can be taken with one click."""

    step: str
    label: str
    primary: bool = False


@dataclass(frozen=True, slots=True)
class Back:
    """What can be taken back, and the word for it."""

    what: What
    label: str


def label(step: str, visit: Appointment) -> str:
    """Return what a step is called on its button; the room by its name, where there is one."""
    if step == "room" and visit.room is not None:
        return _("In %(room)s") % {"room": visit.room.name}
    words = {
        "confirm": pgettext("step", "Confirm"),
        "arrive": pgettext("step", "Patient arrived"),
        "room": pgettext("step", "In a room"),
        "start": pgettext("step", "With the provider"),
        "complete": pgettext("step", "Completed"),
        "no-show": pgettext("step", "No-show"),
    }
    return words[step]


def possible(visit: Appointment, *, now: dt.datetime, ahead: bool) -> list[Button]:
    """Return the steps that make sense now, the most likely first.

    `ahead` says that the visit's day is still to come: then nobody arrives, and before its start nobody failed to.
    """
    names = [name for name, step in STEPS.items() if visit.status in step.sources]
    if ahead:
        names = [name for name in names if name == "confirm"]
    elif visit.starts_at > now:
        names = [name for name in names if name != "no-show"]
    else:
        names = [name for name in names if name != "confirm"]
    likely = _likely(visit, names)
    names.sort(key=lambda name: name != likely)
    return [Button(name, label(name, visit), primary=name == likely) for name in names]


def _likely(visit: Appointment, names: Sequence[str]) -> str:
    """Return the step that comes next on most days: to the room where the visit has one, else straight to the provider."""
    usual = ("arrive", "room", "start", "complete", "confirm")
    order = usual if visit.room_id else [name for name in usual if name != "room"]
    return next((name for name in order if name in names), "")


def back_from(visit: Appointment, changes: Sequence[Change], *, now: dt.datetime) -> Back | None:
    """Return what an undo would take back: the last move, or the last step of the day."""
    last = changes[-1] if changes else None
    if last is None or last.operation == "insert":
        return None
    if last.version == visit.version and MOVED & last.after.keys() and visit.status in MOVABLE:
        return Back("move", _("Undo the move")) if now - last.at <= _MOVE_IS_FRESH else None
    walked, at = _walked(changes)
    if visit.status == Status.BOOKED or len(walked) < 2:
        return None
    if visit.status == Status.CANCELLED:
        return Back("step", _("Undo the cancellation")) if now - at <= UNDO_CANCELLATION else None
    if walked[-2] not in TRANSITIONS[walked[-1]]:
        return None
    return Back("step", _("Back to “%(status)s”") % {"status": _(Status(walked[-2]).label)})


def _walked(changes: Sequence[Change]) -> tuple[list[Status], dt.datetime]:
    """Return the statuses that led here, those taken back left out, and when the last one was taken."""
    walked: list[Status] = []
    at = changes[0].at
    for change in changes:
        if "status" not in change.after:
            continue
        status, at = Status(change.after["status"]), change.at
        if len(walked) > 1 and walked[-2] == status:
            walked.pop()
        else:
            walked.append(status)
    return walked, at
