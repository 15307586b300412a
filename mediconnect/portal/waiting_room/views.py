"""The doors of the waiting room and of its screens."""

import uuid
from http import HTTPStatus
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from appointments.queries.called import screen_of, shown_on
from appointments.services.screens import LONGEST_NAME, open_screen, revoke_screen, screen_hash
from mediconnect.api.access import ADMINS
from mediconnect.errors import DomainError, NotFound
from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.failures import failed
from mediconnect.portal.once import once
from mediconnect.portal.showing import Refusal, done, refused, show

from .reading import late_of, screens_of

REFRESH: Final = 4
"""Seconds between two looks of a screen: soon enough for whoever walks to a room."""


@require_safe
@desk_page
def waiting_room(request: DeskRequest, desk: Desk) -> HttpResponse:
    """Show the screens, and who will be seen late."""
    return page(request, desk)


def page(
    request: DeskRequest,
    desk: Desk,
    *,
    refusal: Refusal | None = None,
    status: int = HTTPStatus.OK,
    **more: Any,
) -> HttpResponse:
    """Return the page, with what was refused or made above it."""
    words = {
        "room": "arrivals",
        "screens": screens_of(desk),
        "late": late_of(desk),
        "longest": LONGEST_NAME,
        "refusal": refusal,
        **more,
    }
    return show(request, desk, "portal/waiting_room/page.html", words, status=status)


@desk_page(roles=ADMINS)
def new_screen(request: DeskRequest, desk: Desk) -> HttpResponse:
    """Open a screen and show its address, this once."""
    if request.method != "POST":
        return HttpResponseRedirect(_here(desk))
    name = request.POST.get("name", "")

    def work() -> dict[str, Any]:
        screen, secret = open_screen(clinic_id=desk.clinic.pk, name=name, caller=desk.caller)
        # Kept for a form that is sent twice, sealed and for two days, as any answer is.
        return {"name": screen.name, "secret": secret}

    try:
        made = once(request, desk, work)
    except DomainError as error:
        return page(request, desk, refusal=refused(error), status=error.status, typed=name)
    address = request.build_absolute_uri(reverse("portal:screen", kwargs={"secret": made["secret"]}))
    return page(request, desk, opened={"name": made["name"], "address": address})


@require_POST
@desk_page(roles=ADMINS)
def revoke(request: DeskRequest, desk: Desk, screen: uuid.UUID) -> HttpResponse:
    """Close a screen's address for good."""

    def work() -> dict[str, Any]:
        return {"name": revoke_screen(screen_id=screen, clinic_id=desk.clinic.pk, caller=desk.caller).name}

    once(request, desk, work)
    return done(request, _("Closed. Whoever opens its address sees nothing any more."), to=_here(desk))


@require_safe
def screen(request: HttpRequest, secret: str) -> HttpResponse:
    """Show the numbers that are called, to whoever has the address. It names nobody and leads nowhere."""
    found = screen_of(screen_hash(secret))
    if found is None:
        return failed(request, NotFound())
    words = {"screen": found, "shown": shown_on(found), "refresh": REFRESH}
    response = render(request, "portal/waiting_room/screen.html", words)
    add_never_cache_headers(response)
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response


def _here(desk: Desk) -> str:
    return reverse("portal:waiting-room", kwargs={"clinic": desk.clinic.pk})
