"""Where each made-up visit stands: what is over is over, today shows everything, what is to come is booked."""

import datetime as dt
import random
from collections.abc import Sequence
from typing import Final

from appointments.models import Status

from .cast import SEED
from .planning import Planned

_OVER: Final = ((Status.COMPLETED, 84), (Status.NO_SHOW, 7), (Status.CANCELLED, 9))
_SOON: Final = ((Status.ARRIVED, 3), (Status.ROOMED, 2), (Status.CONFIRMED, 1))
_AHEAD: Final = ((Status.BOOKED, 9), (Status.CONFIRMED, 3), (Status.CANCELLED, 1))
_SOON_MINUTES: Final = 45

# By the clinic's clock: a demo that is filled at night still shows a day in full swing.
_EARLIEST, _LATEST = dt.time(10, 30), dt.time(15, 30)

# Which status can lend a visit to one that the day lacks.
_LENDERS: Final = {
    Status.IN_PROGRESS: (Status.ARRIVED, Status.CONFIRMED, Status.BOOKED, Status.COMPLETED),
    Status.ROOMED: (Status.ARRIVED, Status.CONFIRMED, Status.BOOKED, Status.COMPLETED),
    Status.ARRIVED: (Status.CONFIRMED, Status.BOOKED, Status.COMPLETED),
    Status.CONFIRMED: (Status.BOOKED, Status.COMPLETED),
    Status.BOOKED: (Status.CONFIRMED, Status.COMPLETED),
    Status.COMPLETED: (Status.CONFIRMED, Status.BOOKED),
    Status.NO_SHOW: (Status.COMPLETED, Status.CONFIRMED, Status.BOOKED),
    Status.CANCELLED: (Status.COMPLETED, Status.CONFIRMED, Status.BOOKED),
}


def hour_of_the_show(now: dt.datetime) -> dt.datetime:
    """Return `now`, a time by the clinic's clock, or the nearest time at which the clinic is busy."""
    shown = min(max(now.time(), _EARLIEST), _LATEST)
    return dt.datetime.combine(now.date(), shown, now.tzinfo)


def standings(visits: Sequence[Planned], *, now: dt.datetime, show_all: bool) -> list[Status]:
    """Return where each visit stands at `now`; with `show_all` every status occurs, if there are visits enough."""
    found = [_standing(visit, now) for visit in visits]
    if show_all:
        for wanted, lenders in _LENDERS.items():
            if wanted not in found:
                _lend(found, wanted, lenders)
    return found


def _standing(visit: Planned, now: dt.datetime) -> Status:
    dice = random.Random(f"{SEED}/{visit.id}")  # noqa: S311 - the same each time
    if visit.end <= now:
        return _draw(dice, _OVER)
    if visit.start <= now:
        return Status.IN_PROGRESS
    soon = visit.start - now <= dt.timedelta(minutes=_SOON_MINUTES)
    return _draw(dice, _SOON if soon else _AHEAD)


def _draw(dice: random.Random, weighted: Sequence[tuple[Status, int]]) -> Status:
    statuses, weights = zip(*weighted, strict=True)
    return Status(dice.choices(statuses, weights)[0])


def _lend(found: list[Status], wanted: Status, lenders: Sequence[Status]) -> None:
    for lender in lenders:
        if found.count(lender) > 1:
            found[found.index(lender)] = wanted
            return
