"""The doors of the two lists: what waits for somebody, and everything that was ever written."""

from django.http import HttpResponse, HttpResponseNotModified, JsonResponse
from django.views.decorators.http import require_safe

from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.messages.beneath import over_log, over_todo


@require_safe
@desk_page
def todo(request: DeskRequest, desk: Desk) -> HttpResponse:
    """Show what waits: replies to read, and messages that reached nobody."""
    return over_todo(request, desk)


@require_safe
@desk_page
def pulse(request: DeskRequest, desk: Desk) -> HttpResponse:
    """Say whether anything came or went since a page looked: 304 while nothing did."""
    version = version_of(desk)
    tag = f'"{version}"'
    unchanged = request.headers.get("If-None-Match") == tag
    response: HttpResponse = HttpResponseNotModified() if unchanged else JsonResponse({"version": version})
    response["ETag"] = tag
    return response


@require_safe
@desk_page
def log(request: DeskRequest, desk: Desk) -> HttpResponse:
    """Show the messages of this clinic, newest first, as far as the filters let them through."""
    return over_log(request, desk)


def version_of(desk: Desk) -> str:
    """Return what changes with the list, and each minute, since it says how long each has waited."""
    return f"{desk.alerts.version}-{desk.now:%H%M}"
