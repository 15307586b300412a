"""The doors of setup."""

from django.http import HttpResponse

from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.showing import show


@desk_page
def setup(request: DeskRequest, desk: Desk) -> HttpResponse:
    """Show the page."""
    return show(request, desk, "portal/base.html", {"room": "setup"})
