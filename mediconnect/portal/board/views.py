"""The doors of the day board."""

from django.http import HttpResponse

from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.showing import show


@desk_page
def board(request: DeskRequest, desk: Desk) -> HttpResponse:
    """Show a day of the clinic."""
    return show(request, desk, "portal/board/page.html")
