"""Find a patient: the page, and the list alone as somebody types."""

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.people.reading.search import search
from mediconnect.portal.showing import show


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def patients(request: DeskRequest, desk: Desk) -> HttpResponse:
    """Show who fits the words; what can be typed where nothing was; how to register where nobody fits.

    The page sends the words as a form (POST), so that no name stands in the address bar and the history of a shared desk.
    """
    found = search(desk, (request.POST or request.GET).get("q", ""))
    fragments = {"hits": "portal/people/_hits.html"}
    return show(request, desk, "portal/people/search.html", {"room": "patients", "found": found}, fragments=fragments)
