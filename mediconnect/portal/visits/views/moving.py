"""The door through which a visit is moved, lengthened, shortened or given to somebody else, with or without a script."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from appointments.errors import InvalidTransition
from appointments.models import Appointment
from appointments.models.status import MOVABLE
from appointments.services.booking import Override
from appointments.services.moving import KEPT, reschedule_appointment
from mediconnect.errors import DomainError
from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.once import once
from mediconnect.portal.reasons import moment_beside
from mediconnect.portal.showing import done, show
from mediconnect.portal.visits.around import Around, beside, next_address
from mediconnect.portal.visits.errors import ClockChange
from mediconnect.portal.visits.forms import Move, expected_of
from mediconnect.portal.visits.moving import MoveForm, form_of
from mediconnect.portal.visits.offers import Offer, proposed
from mediconnect.portal.visits.reading import name_of, sketch_of, visit_at
from mediconnect.portal.visits.writing import Trouble, Wish, may_act, refusal_of, trouble_of, undo_of

from .card import show_card

_TIMES = "portal/visits/_times.html"


@desk_page
def move(request: DeskRequest, desk: Desk, visit: uuid.UUID) -> HttpResponse:
    """Offer free times, then move."""
    around = Around.of(request, desk, visit)
    found = visit_at(desk, visit)
    may_act(desk, found.provider_id)
    if request.method == "POST":
        return _moved(request, desk, around, found)
    if not sketch_of(desk, found).can_move:
        return show_card(request, desk, around, refusal_of(InvalidTransition(status_now=found.status)))
    return _ask(request, desk, around, found, request.GET.dict())


def _moved(request: DeskRequest, desk: Desk, around: Around, found: Appointment) -> HttpResponse:
    wish: Move | None = None
    try:
        wish = Move.of(request.POST.dict(), desk.zone)
        may_act(desk, wish.provider_id or found.provider_id)
        if isinstance(wish.second, uuid.UUID) and wish.second != found.second_provider_id:
            may_act(desk, wish.second)
        asked = wish
        made = once(request, desk, lambda: _work(request, desk, found, asked))
    except DomainError as error:
        return _not_moved(request, desk, around, found, wish, error)
    start, before = (dt.datetime.fromisoformat(made[name]) for name in ("start", "before"))
    words = {"time": moment_beside(desk, start, before)}
    notice = _("Moved to %(time)s.") % words if start != before else _("Changed.")
    undo = undo_of(request, around, made["version"], what="move")
    return done(request, notice, to=next_address(request, around), undo=undo)


def _work(request: DeskRequest, desk: Desk, found: Appointment, wish: Move) -> dict[str, Any]:
    moved, _terms = reschedule_appointment(
        appointment_id=found.pk,
        start=wish.start,
        expected=expected_of(request.POST),
        caller=desk.caller,
        provider_id=wish.provider_id,
        override=Override(desk.user.pk, wish.why) if wish.why else None,
        minutes=wish.minutes,
        second_provider_id=wish.second,
    )
    return {"version": moved.version, "start": moved.starts_at.isoformat(), "before": found.starts_at.isoformat()}


def _not_moved(
    request: DeskRequest, desk: Desk, around: Around, found: Appointment, wish: Move | None, error: DomainError
) -> HttpResponse:
    """Show the form with what was typed, why it was refused, and what is free instead; the card where it cannot move."""
    mine = _told(desk, found, wish) if wish else []
    fields = wish.again() if wish else {}
    trouble = trouble_of(error, request, desk, around, Wish(around.move, mine, fields, MOVABLE))
    if trouble.clash or isinstance(error, InvalidTransition):
        return show_card(request, desk, around, trouble)
    return _ask(request, desk, around, found, request.POST.dict(), trouble, _instead(desk, found, wish, error))


def _told(desk: Desk, found: Appointment, wish: Move) -> list[tuple[str, str]]:
    """Return a wish in words: what of the visit it changes."""
    told = [(_("Start"), desk.habits.moment(wish.start))]
    if wish.provider_id is not None and wish.provider_id != found.provider_id:
        told.append((_("Provider"), name_of(desk, wish.provider_id)))
    if wish.second not in {KEPT, found.second_provider_id}:
        told.append(
            (_("Second provider"), name_of(desk, wish.second) if isinstance(wish.second, uuid.UUID) else _("nobody"))
        )
    if wish.minutes:
        told.append((_("Length"), desk.habits.duration(wish.minutes)))
    return told


def _instead(desk: Desk, found: Appointment, wish: Move | None, error: DomainError) -> Sequence[Offer]:
    """Return what may be chosen instead with one click: alternatives, or the two readings of a time."""
    if isinstance(error, ClockChange):
        return [Offer(choice, found.provider_id, "") for choice in error.extra["choices"]]
    return proposed(desk, error.extra.get("alternatives") or ())


def _explained(trouble: Trouble | None, form: MoveForm) -> Trouble | None:
    """Return the trouble in the words of the rules, where they say no: they name who is in the way, and until when."""
    judgement = form.judgement
    if trouble is None or trouble.refusal is None or judgement is None or not judgement.rules:
        return trouble
    return replace(trouble, refusal=replace(trouble.refusal, sentence=judgement.words))


def _ask(
    request: DeskRequest,
    desk: Desk,
    around: Around,
    found: Appointment,
    typed: Mapping[str, str],
    trouble: Trouble | None = None,
    instead: Sequence[Offer] = (),
) -> HttpResponse:
    card, form = sketch_of(desk, found), form_of(desk, found, typed)
    trouble = _explained(trouble, form)
    context = {"card": card, "form": form, "trouble": trouble, "instead": instead, "around": around}
    if request.htmx and request.htmx.target == "move-times":
        return show(request, desk, _TIMES, context, fragments={"move-times": _TIMES})
    status = trouble.status if trouble else 200
    return beside(request, desk, around, card.day, "portal/visits/_move.html", context, status=status)
