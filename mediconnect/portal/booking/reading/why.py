"""Why not half past nine? The rules that block a wished time in words, and what is free near it."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from appointments.models import Hold
from appointments.queries.availability import Wanted, free_time
from appointments.queries.explaining import explain
from appointments.queries.overbooking import budget_of
from appointments.queries.situation import Wish
from appointments.rules.admission import Blocked
from appointments.rules.overbooking import Budget
from appointments.rules.terms import Terms
from appointments.services.refusing import ALTERNATIVES, alternatives_to
from mediconnect.errors import NotFound
from mediconnect.portal.booking.form import Draft, Slot
from mediconnect.portal.desk import Desk
from mediconnect.portal.reasons import patient_elsewhere, why_blocked

from .choices import Choices
from .times import Choice, busy_of, choice_of, fits, heading, seats_left

_NEAR = dt.timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said about a wished time.

    `choice` is the time itself, where it is free or may be overridden; `reasons` are empty where it is free. `overlap`
    says that the patient is elsewhere then, which no right overrides; `budget` what is left of the day's, where there is one.
    """

    title: str
    free: bool
    choice: Choice | None
    reasons: Sequence[str] = ()
    near: Sequence[Choice] = ()
    may_override: bool = False
    budget: Budget | None = None
    overlap: bool = False
    past: bool = False


def answer(desk: Desk, draft: Draft, chosen: Choices) -> Answer | None:
    """Return what is to be said about the wished time, or None where none is wished for.

    Two to seven statements with a provider; two with any, since no single rule explains why all of them are busy.
    """
    if draft.wish is None or chosen.kind is None or not chosen.providers:
        return None
    if chosen.provider is None:
        return _with_any(desk, draft, draft.wish, chosen)
    return answer_about(desk, draft, chosen, Slot(chosen.provider, draft.wish))


def answer_about(desk: Desk, draft: Draft, chosen: Choices, slot: Slot) -> Answer | None:
    """Return what is to be said about one provider's time. Raises `NotFound` for a provider of another clinic."""
    if chosen.kind is None:
        return None
    name = chosen.name(slot.provider_id)
    title = _moment(desk, slot.start)
    try:
        terms, blocked = explain(
            appointment_type_id=chosen.kind.id,
            provider_id=slot.provider_id,
            start=slot.start,
            patient_id=draft.patient,
            by_patient=False,
            own_hold=own_hold(desk, draft),
            second_provider_id=beside(chosen, slot),
        )
    except NotFound:
        reason = _("%(provider)s does not offer this type of visit.") % {"provider": name}
        return Answer(title, free=False, choice=None, reasons=[reason])
    seats = seats_left(chosen.kind, [slot])[slot] if chosen.kind.is_group and not blocked else None
    choice = choice_of(desk, chosen, slot, seats)
    if not blocked:
        return Answer(title, free=True, choice=choice, past=slot.start < desk.now)
    overlap = any(rule.rule == "patient_overlap" for rule in blocked)
    may_override = desk.may_book(slot.provider_id) and not overlap
    return Answer(
        title,
        free=False,
        choice=choice,
        reasons=list(
            dict.fromkeys(why_blocked(desk, rule, _whose(chosen, rule, name), slot.start) for rule in blocked)
        ),
        near=_near(desk, draft, chosen, terms, slot),
        may_override=may_override,
        budget=_budget(desk, terms, slot) if may_override else None,
        overlap=overlap,
        past=slot.start < desk.now,
    )


def beside(chosen: Choices, slot: Slot) -> uuid.UUID | None:
    """Return who is to be there as well, unless that is whose time it is."""
    return chosen.second if chosen.second != slot.provider_id else None


def _whose(chosen: Choices, rule: Blocked, name: str) -> str:
    """Return the name of whom a rule speaks."""
    return chosen.providers.get(rule.second_provider_id, name) if rule.second_provider_id else name


def _budget(desk: Desk, terms: Terms, slot: Slot) -> Budget | None:
    """Return what is left of this person's budget for overriding on that day, or None where there is no limit."""
    return budget_of(desk.user.pk, terms.clinic_id, terms.local_day(slot.start))


def own_hold(desk: Desk, draft: Draft) -> uuid.UUID | None:
    """Return the hold that the form brings, if it is this person's: what is kept for oneself is free."""
    own = Hold.objects.filter(pk=draft.hold, held_by=desk.user.pk) if draft.hold else Hold.objects.none()
    found: uuid.UUID | None = own.values_list("pk", flat=True).first()
    return found


def _near(desk: Desk, draft: Draft, chosen: Choices, terms: Terms, slot: Slot) -> list[Choice]:
    """Return the nearest free starts of the provider, or of others where the provider has none."""
    found = alternatives_to(Wish(terms, terms.span(slot.start), draft.patient, by_patient=False))
    return choices_of(desk, chosen, found)


def choices_of(desk: Desk, chosen: Choices, found: Sequence[dict[str, Any]]) -> list[Choice]:
    """Return alternatives, as a service or a refusal lists them, in words; those in calendars of one's own alone."""
    slots = [Slot(one["provider"], dt.datetime.fromisoformat(one["start"])) for one in found]
    return [choice_of(desk, chosen, slot) for slot in slots if slot.provider_id in chosen.providers]


def _with_any(desk: Desk, draft: Draft, wish: dt.datetime, chosen: Choices) -> Answer | None:
    """Return who is free at that time, or that nobody is and what is free near it."""
    if chosen.kind is None:
        return None
    day = desk.span(wish.astimezone(desk.zone).date())[0]
    try:
        free = free_time(
            Wanted(chosen.kind.id, min(day, wish), day + _NEAR, chosen.wanted, second_provider_id=chosen.second)
        )
    except NotFound:
        return Answer(_moment(desk, wish), free=False, choice=None, reasons=[_("Nobody offers this type of visit.")])
    busy = busy_of(draft.patient, min(day, wish))
    fitting = [start for start in free.starts if fits(busy, start[0], free.durations[start[1]])]
    nearest = sorted(fitting, key=lambda start: abs(start[0] * 60 - wish.timestamp()))[:ALTERNATIVES]
    slots = [
        Slot(free.providers[place], dt.datetime.fromtimestamp(minute * 60, dt.UTC)) for minute, place, _r in nearest
    ]
    if slots and slots[0].start == wish:
        seats = seats_left(chosen.kind, slots[:1])[slots[0]] if chosen.kind.is_group else None
        return Answer(_moment(desk, wish), free=True, choice=choice_of(desk, chosen, slots[0], seats))
    minute = int(wish.timestamp() // 60)
    elsewhere = any(start <= minute < end for start, end in busy)
    reasons = [patient_elsewhere() if elsewhere else _("Nobody is free then. Choose a provider to see why.")]
    near = [choice_of(desk, chosen, slot) for slot in sorted(slots, key=lambda slot: slot.start)]
    return Answer(_moment(desk, wish), free=False, choice=None, reasons=reasons, near=near, past=wish < desk.now)


def _moment(desk: Desk, moment: dt.datetime) -> str:
    """Return a moment in words, with its day."""
    local = moment.astimezone(desk.zone)
    return f"{heading(desk, local.date())}, {desk.habits.time(local)}"
