"""The doors of the day board."""

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, HttpResponseNotModified, HttpResponseRedirect, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from appointments.queries.availability import Wanted, free_time
from appointments.queries.pulse import pulse_of
from mediconnect.errors import NotFound
from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.showing import show
from providers.models import AppointmentType

from .reading import Board, View, board_of, view_of

_DAY = dt.timedelta(days=1)
# How far a jump to the next free time looks before it says that there is none.
_AHEAD = dt.timedelta(days=60)


@require_safe
@desk_page
def board(request: DeskRequest, desk: Desk) -> HttpResponse:
    """Show a day of the clinic: the page, or the board alone to a page that refreshes itself."""
    return over_board(request, desk, desk.day(request.GET.get("date")), "portal/board/_nothing.html")


def over_board(
    request: DeskRequest,
    desk: Desk,
    day: dt.date,
    panel: str,
    context: Mapping[str, Any] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    """Show what a panel's address says: the panel alone to htmx, and to everybody else the day with the panel beside it.

    `panel` is the template of the fragment; the board is not looked up for a fragment.
    """
    view = view_of(desk, request.GET, day)
    words = {"room": "board", "day": day, "keep": urlencode(view.kept), **(context or {}), "panel": panel}
    if not (request.htmx and request.htmx.target == "panel"):
        found = board_of(desk, view)
        words |= {"board": found, "days": _days(desk, found), "kinds": _kinds(desk)}
    fragments = {"panel": panel, "board": "portal/board/_board.html"}
    response = show(request, desk, "portal/board/page.html", words, fragments=fragments, status=status)
    if request.htmx and request.htmx.target == "panel" and request.method == "GET":
        response["HX-Push-Url"] = request.get_full_path()
    return response


@require_safe
@desk_page
def pulse(request: DeskRequest, desk: Desk) -> HttpResponse:
    """Say whether anything changed on the day that a page shows: 304 while nothing did."""
    first = desk.day(request.GET.get("date"))
    days = request.GET.get("days", "")
    last = first + dt.timedelta(days=6) if days == "7" else first
    version = pulse_of(desk.clinic.pk, *desk.span(first, last))
    if "minutes" in request.GET:
        version = f"{version}-{desk.now:%H%M}"  # a page that counts how long somebody has waited
    tag = f'"{version}"'
    if request.headers.get("If-None-Match") == tag:
        response: HttpResponse = HttpResponseNotModified()
    else:
        response = JsonResponse({"version": version})
    response["ETag"] = tag
    return response


@require_safe
@desk_page
def next_free(request: DeskRequest, desk: Desk) -> HttpResponse:
    """Go to the next free time of a type of visit, from the day on that the page shows, with the booking form open."""
    view = view_of(desk, request.GET)
    try:
        wanted = uuid.UUID(request.GET.get("type", ""))
    except ValueError:
        raise NotFound from None
    kind = AppointmentType.objects.filter(clinic=desk.clinic.pk, active=True, pk=wanted).first()
    if kind is None:
        raise NotFound
    start, _end = desk.span(view.day)
    only = [desk.only_provider] if desk.only_provider else list(view.who) or None
    free = free_time(Wanted(kind.pk, max(start, desk.now), start + _AHEAD, only), limit=1)
    base = request.path.removesuffix("next-free/")
    if not free.starts:
        messages.warning(request, _("There is no free time for this type of visit in the next 60 days."))
        return HttpResponseRedirect(f"{base}?{view.query()}")
    minute, place, _room = free.starts[0]
    local = dt.datetime.fromtimestamp(minute * 60, desk.zone)
    wish = {
        "date": local.date(),
        "start": f"{local:%Y-%m-%dT%H:%M}",
        "type": kind.pk,
        "provider": free.providers[place],
    }
    return HttpResponseRedirect(f"{base}book/?{urlencode(wish | view.kept)}")


def _kinds(desk: Desk) -> list[tuple[Any, str]]:
    kinds = AppointmentType.objects.filter(clinic=desk.clinic.pk, active=True)
    return list(kinds.order_by("name").values_list("pk", "name"))


def _days(desk: Desk, found: Board) -> dict[str, Any]:
    view, habits = found.view, desk.habits
    near = {name: View(day, view.by_room, view.who) for name, day in _neighbours(desk, view.day).items()}
    return {
        "address": found.base,
        "day": view.day,
        "title": habits.day_and_date(view.day),
        "keep": view.kept,
        **{name: f"{found.base}?{one.query()}" for name, one in near.items()},
        "previous_label": habits.day_and_date(view.day - _DAY),
        "next_label": habits.day_and_date(view.day + _DAY),
    }


def _neighbours(desk: Desk, day: dt.date) -> dict[str, dt.date]:
    return {"previous": day - _DAY, "next": day + _DAY, "today": desk.today}
