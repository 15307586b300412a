"""What the form that moves a visit shows: the day, person and length that are looked at, and what is free there."""

import datetime as dt
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from appointments.models import Appointment
from mediconnect.errors import DomainError
from mediconnect.portal.desk import Desk
from providers.models import Provider

from .errors import ClockChange
from .forms import LONGEST, Move, identifier_of, minutes_of, start_of, wall_words
from .judging import Judgement, judge
from .offers import Offer, free_near, providers_for

Value = TypeVar("Value")

# The lengths that are offered in a list; a hand on the board may choose any five minutes.
_LENGTHS: Final = (10, 15, 20, 30, 40, 45, 60, 75, 90, 120, 150, 180, 240, 300, LONGEST)


@dataclass(frozen=True, slots=True)
class MoveForm:
    """The form as it was typed, or as the visit is. `minutes` is empty where the length stays as it is.

    `second` is the id of who is there as well, "" for nobody; `seconds` are those who could be, none for a group.
    """

    date: dt.date
    time: str
    provider_id: uuid.UUID
    provider: str
    minutes: str
    why: str
    second: str
    seconds: Sequence[tuple[uuid.UUID, str]]
    providers: Sequence[tuple[uuid.UUID, str]]
    lengths: Sequence[int]
    free: Sequence[Offer]
    judgement: Judgement | None

    @property
    def days(self) -> Sequence[tuple[dt.date, Sequence[Offer]]]:
        """What is free by day, the nearest day first, each in the order of the clock."""
        by_day: dict[dt.date, list[Offer]] = {}
        for offer in self.free:
            by_day.setdefault(offer.start.date(), []).append(offer)
        return [(day, sorted(offers, key=lambda one: one.start)) for day, offers in by_day.items()]

    @property
    def is_against_the_rules(self) -> bool:
        """Whether a reason is asked for, or was given already."""
        return bool(self.why) or (self.judgement is not None and self.judgement.verdict == "warned")


def form_of(desk: Desk, visit: Appointment, typed: Mapping[str, str]) -> MoveForm:
    """Return the form with what was typed, whatever of it cannot be read as the visit is.

    Four statements, and those of `judge` where a time is wished for.
    """
    providers = providers_for(desk, visit)
    provider_id = _read(lambda: identifier_of(typed.get("provider", ""), "provider"))
    if provider_id is None or provider_id not in providers:
        provider_id = visit.provider_id
    near, second = _near(desk, visit, typed), _second(visit, typed)
    seconds = _seconds(desk, visit, provider_id)
    minutes = None if visit.session_id else _read(lambda: minutes_of(typed.get("minutes", "")))
    own = (visit.ends_at - visit.starts_at) // dt.timedelta(minutes=1)
    person = (provider_id, providers[provider_id])
    lasting = minutes or (own if provider_id == visit.provider_id and not visit.session_id else None)
    return MoveForm(
        date=near.date(),
        time=typed.get("time") or f"{near:%H:%M}",
        provider_id=provider_id,
        provider=person[1],
        minutes=str(minutes or ""),
        why=typed.get("override_reason", ""),
        second=str(second or ""),
        seconds=seconds,
        providers=list(providers.items()),
        lengths=() if visit.session_id else sorted({*_LENGTHS, minutes or own}),
        free=free_near(desk, visit, near, person, lasting, second=second),
        judgement=_judged(desk, visit, typed, providers),
    )


def _second(visit: Appointment, typed: Mapping[str, str]) -> uuid.UUID | None:
    """Return who is to be there as well: as it was typed, or as the visit is."""
    if "second" not in typed:
        return visit.second_provider_id
    return _read(lambda: identifier_of(typed["second"], "second"))


def _seconds(desk: Desk, visit: Appointment, provider_id: uuid.UUID) -> Sequence[tuple[uuid.UUID, str]]:
    """Return who could be there as well; nobody's to choose for a group, or for whoever acts in one calendar alone."""
    if visit.session_id or not desk.is_desk:
        return ()
    here = Provider.objects.at({desk.clinic.pk}).filter(active=True).exclude(pk=provider_id)
    return list(here.order_by("name", "pk").values_list("pk", "name"))


def _near(desk: Desk, visit: Appointment, typed: Mapping[str, str]) -> dt.datetime:
    """Return the moment that is wished for, or that of the visit on the day that is looked at."""
    now = visit.starts_at.astimezone(desk.zone)
    words = wall_words(typed) or (f"{typed['date']}T{now:%H:%M}" if typed.get("date") else "")
    try:
        return start_of(words, desk.zone) if words else now
    except ClockChange as change:
        first: dt.datetime = change.extra["choices"][0]
        return first
    except DomainError:
        return now


def _judged(
    desk: Desk, visit: Appointment, typed: Mapping[str, str], providers: Mapping[uuid.UUID, str]
) -> Judgement | None:
    """Return what the rules say to a time that was wished for by an address, as a drag does."""
    if not wall_words(typed):
        return None
    wish = _read(lambda: Move.of(typed, desk.zone))
    return judge(desk, visit, wish, providers.get(wish.provider_id or visit.provider_id, "")) if wish else None


def _read(reader: Callable[[], Value | None]) -> Value | None:
    """Return what a reader of the form makes of it, None where it cannot be read."""
    try:
        return reader()
    except DomainError:
        return None
