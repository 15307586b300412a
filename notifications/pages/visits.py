"""The page of a link, and what is done from it to one visit. A GET changes nothing: scanners of mail follow links."""

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from appointments.api.calendar import calendar_file
from notifications.errors import LinkRevoked
from notifications.models import Message
from notifications.services.linking import Standing
from notifications.services.linking.acting import (
    ask_for_call,
    cancel_by_link,
    confirm_by_link,
    undo_by_link,
    waits_for_call,
)
from notifications.services.writing import public_link

from .asking import show_asked
from .checking import ask
from .doors import Holder, link_page, to
from .forms import CancelForm
from .showing import show, shown
from .trying import status_of, tried

_GONE = 410
REFRESH_SECONDS: Final = 30
"""A place in line changes when somebody is called: every few minutes."""


@require_safe
@link_page
def link(request: HttpRequest, holder: Holder) -> HttpResponse:
    """Show the visits that the message told of, or the time that it offered or proposed."""
    if holder.opened.asks:
        return show_asked(request, holder)
    waiting = waits_for_call(holder.opened) if holder.checked else ()
    visits = [shown(holder, told, waiting) for told in holder.opened.visits]
    dead = all(visit.standing == Standing.REVOKED and not (visit.undo or visit.moved) for visit in visits)
    by_email = holder.opened.message.channel == Message.Channel.EMAIL
    in_line, still = any(visit.place for visit in visits), "still" in request.GET
    response = show(
        request,
        holder,
        "link",
        status=_GONE if dead else 200,
        visits=visits,
        by_email=by_email,
        in_line=in_line,
        still=still,
    )
    if in_line and not still:
        # Without a script; whoever reads slowly, or aloud, can stop it.
        response["Refresh"] = str(REFRESH_SECONDS)
    return response


@require_POST
@link_page
def confirm(_request: HttpRequest, holder: Holder, number: int) -> HttpResponse:
    """Confirm at once; nothing is told by it."""
    confirm_by_link(token=holder.token, number=number)
    return to(holder.at("link"))


@require_http_methods(["GET", "HEAD", "POST"])
@link_page
def cancel(request: HttpRequest, holder: Holder, number: int) -> HttpResponse:
    """Ask why, and cancel."""
    told = holder.opened.told(number)
    if number not in holder.checked:
        return ask(request, holder, f"{number}/cancel")
    form = CancelForm(request.POST if request.method == "POST" else None)
    done, error = tried(
        told,
        form,
        lambda: cancel_by_link(token=holder.token, number=number, reason=form.cleaned_data["reason"]),
    )
    if done:
        return to(holder.at("link"))
    visit = shown(holder, told, waits_for_call(holder.opened))
    return show(request, holder, "cancel", status=status_of(form, error), visit=visit, form=form, error=error)


@require_POST
@link_page
def undo(request: HttpRequest, holder: Holder, number: int) -> HttpResponse:
    """Take a cancellation back, within two minutes."""
    if number not in holder.checked:
        return ask(request, holder)
    undo_by_link(token=holder.token, number=number)
    return to(holder.at("link"))


@require_POST
@link_page
def call(request: HttpRequest, holder: Holder, number: int) -> HttpResponse:
    """Ask the clinic to call."""
    told = holder.opened.told(number)
    if number not in holder.checked:
        return ask(request, holder, f"{number}/move")
    ask_for_call(opened=holder.opened, told=told)
    return to(holder.at("link"))


@require_safe
@link_page
def calendar(_request: HttpRequest, holder: Holder, number: int) -> HttpResponse:
    """Return the visit for a calendar, which others may see: the clinic's name and the time, as on the page."""
    told = holder.opened.told(number)
    if told.standing is Standing.REVOKED:
        raise LinkRevoked
    return calendar_file(told.visit, link=public_link(holder.at("link")))
