"""Whether a message is sent now, later, or not at all: decided from what is true at this moment, and from nothing older."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Final

from appointments.models.status import MOVABLE, Status

from .reasons import Why

# A change is told in the night where the visit begins before people are up and had two hours' notice.
_NOTICE: Final = dt.timedelta(hours=2)
_HOUR: Final = dt.timedelta(hours=1)

_ASK_TO_COME: Final = frozenset({"booked", "moved", "reminder", "thanks"})
_ABOUT_A_TIME: Final = _ASK_TO_COME | {"proposal", "proposal_over", "note"}
_CHANGES: Final = frozenset({"moved", "cancelled"})
# What staff write unasked, and what is of no use once the visit has begun.
_CANNOT_WAIT: Final = _CHANGES | {"proposal", "proposal_over", "note"}
# Of somebody who may have come already, and whose time may have passed.
_OF_THE_DAY: Final = frozenset({"late", "place"})


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitNow:
    """A visit as it is now, beside the time that the message would tell."""

    id: uuid.UUID
    status: str
    starts_at: dt.datetime
    told_starts_at: dt.datetime
    displaced: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What is true at the moment of sending.

    `visits` are those that the message speaks of, its own first; none for mail of an account. `known_time` is the time
    that the person was told last, None where a cancellation was or nothing. `over` says why the offer or the proposal that
    the message makes does not stand any more. `blocked` says why there is no address.
    `quiet_until` is the end of the night if it is night now. `recent` are the moments of the last hour in which this
    address was written to unasked, in order; `cap` is how many may be.
    """

    now: dt.datetime
    kind: str
    urgent: bool
    expires_at: dt.datetime | None
    visits: tuple[VisitNow, ...] = ()
    known_time: dt.datetime | None = None
    over: Why | None = None
    blocked: Why | None = None
    quiet_until: dt.datetime | None = None
    recent: tuple[dt.datetime, ...] = ()
    cap: int = 3


@dataclass(frozen=True, slots=True)
class Go:
    """Send it, about these visits."""

    visits: tuple[uuid.UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Skip:
    """Do not send it, for good."""

    why: Why


@dataclass(frozen=True, slots=True)
class Wait:
    """Look again then; no attempt is used."""

    until: dt.datetime
    why: Why


def decide_sending(situation: Situation) -> Go | Skip | Wait:
    """Return whether to send now. The first reason against it is the one that is told: the visit's before the person's."""
    against = [_against(situation, visit) for visit in situation.visits]
    if against and against[0] is not None and all(against):
        return Skip(against[0])
    if situation.over is not None:
        return Skip(situation.over)
    # A reminder may tell of later visits than its own: it is over with the last of them, which was looked at above.
    if situation.kind != "reminder" and situation.expires_at is not None and situation.expires_at <= situation.now:
        return Skip(Why.EXPIRED)
    if situation.kind == "moved" and situation.visits[0].told_starts_at == situation.known_time:
        return Skip(Why.NOTHING_NEW)
    if situation.blocked is not None:
        return Skip(situation.blocked)
    return _pace(situation) or Go(
        tuple(visit.id for visit, why in zip(situation.visits, against, strict=True) if why is None)
    )


def _against(situation: Situation, visit: VisitNow) -> Why | None:
    """Return why this visit is not spoken of, None if it is."""
    kind = situation.kind
    if kind in _OF_THE_DAY:
        return _against_on_the_day(kind, visit)
    if kind == "cancelled" and visit.status != Status.CANCELLED:
        return Why.NOT_CANCELLED
    if kind in _ABOUT_A_TIME and (changed := _changed(visit)):
        return changed
    if kind in _ASK_TO_COME and visit.displaced:
        return Why.VISIT_DISPLACED
    if (kind in _ABOUT_A_TIME or kind in _CHANGES) and visit.starts_at <= situation.now:
        return Why.VISIT_BEGUN
    return None


def _changed(visit: VisitNow) -> Why | None:
    """Return why the time that is told is not so any more, None if it is."""
    if visit.status == Status.CANCELLED:
        return Why.VISIT_CANCELLED
    if visit.status not in MOVABLE:
        return Why.VISIT_OVER
    return Why.VISIT_MOVED if visit.starts_at != visit.told_starts_at else None


def _against_on_the_day(kind: str, visit: VisitNow) -> Why | None:
    """Return why somebody is not told that a visit begins later, or where they stand in line."""
    if visit.status == Status.CANCELLED:
        return Why.VISIT_CANCELLED
    if kind == "place":
        return None if visit.status == Status.ARRIVED else Why.NOT_IN_LINE
    if visit.status not in (*MOVABLE, Status.ARRIVED):
        return Why.VISIT_OVER
    return Why.VISIT_MOVED if visit.starts_at != visit.told_starts_at else None


def _pace(situation: Situation) -> Wait | None:
    """Return what makes an unasked message wait: the night, or that the person was written to enough in this hour."""
    if situation.urgent or not situation.visits:
        return None
    if situation.quiet_until is not None and not _cannot_wait(situation, situation.quiet_until):
        return Wait(situation.quiet_until, Why.QUIET_HOURS)
    if len(situation.recent) >= situation.cap:
        return Wait(situation.recent[-situation.cap] + _HOUR, Why.HOURLY_CAP)
    return None


def _cannot_wait(situation: Situation, quiet_until: dt.datetime) -> bool:
    """Return whether the morning is too late: for the visit, or to answer what is asked."""
    if situation.kind not in _CANNOT_WAIT:
        return False
    ends = [visit.starts_at for visit in situation.visits]
    if situation.kind == "proposal" and situation.expires_at is not None:
        ends.append(situation.expires_at)
    return min(ends) < quiet_until + _NOTICE
