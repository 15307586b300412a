"""The first page of setup."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from mediconnect.api.access import ADMINS
from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.setup.reading.overview import overview_of
from mediconnect.portal.showing import show


@require_safe
@desk_page(roles=ADMINS)
def setup(request: DeskRequest, desk: Desk) -> HttpResponse:
    """Show what is there, what is missing, and the step that comes next."""
    words = {"room": "setup", "part": "overview", "overview": overview_of(desk)}
    return show(request, desk, "portal/setup/overview.html", words)
