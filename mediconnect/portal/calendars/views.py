"""The doors of calendars."""

from django.http import HttpResponse

from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.showing import show


@desk_page
def week(request: DeskRequest, desk: Desk) -> HttpResponse:
    """Show the page."""
    return show(request, desk, "portal/base.html", {"room": "week"})


@desk_page
def month(request: DeskRequest, desk: Desk) -> HttpResponse:
    """Show the page."""
    return show(request, desk, "portal/base.html", {"room": "month"})
