"""The doors of one reply: read it, answer it with one click, close it with a note."""

import uuid
from collections.abc import Callable, Mapping
from typing import Any, Final

from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_safe

from appointments.services.flow import advance_appointment
from mediconnect.api.access import DESK
from mediconnect.errors import DomainError, Invalid, NotFound
from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.messages.beneath import Beneath, show_beside
from mediconnect.portal.messages.reading import answer_of, reply_at
from mediconnect.portal.once import once
from mediconnect.portal.showing import done, refused
from mediconnect.portal.visits.forms import expected_of
from notifications.models import Kind, Reply, State
from notifications.services.answering import answer_reply, close_reply

from .messages import note_of

_PANEL: Final = "portal/messages/_reply.html"

# What a button says that it does: the message that goes out, and the notice.
_ANSWERS: Final[Mapping[str, tuple[Kind, str]]] = {
    "confirm": (Kind.THANKS, gettext_noop("Confirmed, and the patient is thanked.")),
    "will_call": (Kind.WILL_CALL, gettext_noop("The patient is told that you will call.")),
    "please_call": (Kind.PLEASE_CALL, gettext_noop("The patient is asked to call.")),
}


@require_safe
@desk_page
def reply(request: DeskRequest, desk: Desk, reply: uuid.UUID) -> HttpResponse:
    """Show a reply, what it answers, and what can be done."""
    return _shown(request, desk, reply_at(desk, reply))


@desk_page(roles=DESK)
def answer(request: DeskRequest, desk: Desk, reply: uuid.UUID) -> HttpResponse:
    """Answer a reply in one of the ways that there are, and close it."""
    found = reply_at(desk, reply)
    if request.method != "POST":
        return HttpResponseRedirect(_beneath(request, desk, found).address("reply", reply=reply))
    do = request.POST.get("do", "")

    def work() -> dict[str, Any]:
        if do not in _ANSWERS:
            raise Invalid.field("do", gettext_noop("There is no such step."))
        if do == "confirm":
            _confirm(request, desk, found)
        message = answer_reply(reply_id=reply, kind=_ANSWERS[do][0], by_id=desk.user.pk)
        return {"told": message.state != State.SKIPPED}

    def notice(answered: Mapping[str, Any]) -> str:
        if answered.get("told", True):
            return _(_ANSWERS[do][1])
        return _("Confirmed. No message went out: none reaches the patient.")

    return _done(request, desk, found, work, notice)


@desk_page(roles=DESK)
def close(request: DeskRequest, desk: Desk, reply: uuid.UUID) -> HttpResponse:
    """Close a reply with a note of what was done."""
    found = reply_at(desk, reply)
    if request.method != "POST":
        return HttpResponseRedirect(_beneath(request, desk, found).address("reply", reply=reply))

    def work() -> dict[str, Any]:
        close_reply(reply_id=reply, note=note_of(request), by_id=desk.user.pk)
        return {}

    return _done(request, desk, found, work, lambda _answered: _("Closed."))


def _confirm(request: DeskRequest, desk: Desk, reply: Reply) -> None:
    """Confirm the visit that the reply is about, as it was when its button was shown."""
    visit = reply.visit
    if visit is None or not desk.visits().filter(pk=visit.pk).exists():
        raise NotFound
    advance_appointment(appointment_id=visit.pk, step="confirm", expected=expected_of(request.POST), caller=desk.caller)


def _done(
    request: DeskRequest,
    desk: Desk,
    reply: Reply,
    work: Callable[[], dict[str, Any]],
    notice: Callable[[Mapping[str, Any]], str],
) -> HttpResponse:
    """Run the work once; go back to the list where the button stood in it, else to the reply, with what was refused.

    `notice` says what was done, from what the work returned.
    """
    try:
        answered = once(request, desk, work)
    except DomainError as error:
        words = {"refusal": refused(error), "typed": request.POST.get("note", "")}
        return _shown(request, desk, reply_at(desk, reply.pk), words, error.status)
    beneath = _beneath(request, desk, reply)
    to = beneath.close(request) if request.POST.get("next") == "list" else beneath.address("reply", reply=reply.pk)
    return done(request, notice(answered), to=to)


def _beneath(request: DeskRequest, desk: Desk, reply: Reply) -> Beneath:
    return Beneath.of(request, desk, reply.visit, reply.patient)


def _shown(
    request: DeskRequest, desk: Desk, reply: Reply, words: Mapping[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    beneath = _beneath(request, desk, reply)
    context = {"reply": answer_of(desk, reply), "by": reply.closed_by, "card": beneath.card(request), **(words or {})}
    return show_beside(request, beneath, _PANEL, context, status=status)
