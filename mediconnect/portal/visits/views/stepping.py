"""The doors of a visit's day: a step forward with one click, and the last one back."""

import uuid
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from appointments.services.flow import STEPS, advance_appointment
from appointments.services.moving_back import move_back
from appointments.services.undoing import undo_last_step
from mediconnect.errors import DomainError, Invalid
from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.once import once
from mediconnect.portal.showing import done
from mediconnect.portal.visits.around import Around, next_address
from mediconnect.portal.visits.forms import expected_of
from mediconnect.portal.visits.reading import visit_at
from mediconnect.portal.visits.steps import DONE, label
from mediconnect.portal.visits.writing import Wish, may_act, trouble_of, undo_of

from .card import show_card


@desk_page
def step(request: DeskRequest, desk: Desk, visit: uuid.UUID) -> HttpResponse:
    """Take one step of the day, and offer to take it back."""
    around = Around.of(request, desk, visit)
    if request.method != "POST":
        return HttpResponseRedirect(around.card)
    found, name = visit_at(desk, visit), request.POST.get("step", "")
    may_act(desk, found.provider_id)

    def work() -> dict[str, Any]:
        if name not in STEPS:
            raise Invalid.field("step", gettext_noop("There is no such step."))
        taken = advance_appointment(
            appointment_id=visit, step=name, expected=expected_of(request.POST), caller=desk.caller
        )
        return {"version": taken.version}

    try:
        made = once(request, desk, work)
    except DomainError as error:
        words, sources = (label(name, found), STEPS[name].sources) if name in STEPS else ("", ())
        wish = Wish(around.step, [(_("Status"), words)], {"step": name}, sources)
        return show_card(request, desk, around, trouble_of(error, request, desk, around, wish))
    undo = undo_of(request, around, made["version"])
    return done(request, _(DONE[name]), to=next_address(request, around), undo=undo)


@desk_page
def undo(request: DeskRequest, desk: Desk, visit: uuid.UUID) -> HttpResponse:
    """Take the last step of the day back, or the last move."""
    around = Around.of(request, desk, visit)
    if request.method != "POST":
        return HttpResponseRedirect(around.card)
    may_act(desk, visit_at(desk, visit).provider_id)
    is_move = request.POST.get("what") == "move"
    take_back = move_back if is_move else undo_last_step

    def work() -> dict[str, Any]:
        back = take_back(appointment_id=visit, expected=expected_of(request.POST), caller=desk.caller)
        return {"version": back.version}

    try:
        once(request, desk, work)
    except DomainError as error:
        # On top of somebody's change, an undo would take that one back: it is never offered there.
        wish = Wish(around.undo, [(_("Undo"), _("the move") if is_move else _("the last step"))], sources=())
        return show_card(request, desk, around, trouble_of(error, request, desk, around, wish))
    return done(request, _("Taken back."), to=next_address(request, around))
