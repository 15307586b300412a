"""The doors of people."""

from django.http import HttpResponse

from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.showing import show


@desk_page
def patients(request: DeskRequest, desk: Desk) -> HttpResponse:
    """Show the page."""
    return show(request, desk, "portal/base.html", {"room": "patients"})
