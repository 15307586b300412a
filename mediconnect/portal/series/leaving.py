"""From a panel to a page: a form that was sent by htmx goes on to a whole page, not into the panel."""

from django.http import HttpResponse

from mediconnect.portal.desk import DeskRequest
from mediconnect.portal.showing import Undo, done


def done_on_page(request: DeskRequest, notice: str, *, to: str, undo: Undo | None = None) -> HttpResponse:
    """Say what was done and go on to the page, whatever the form was to replace."""
    response = done(request, notice, to=to, undo=undo)
    if not request.htmx:
        return response
    return HttpResponse(status=204, headers={"HX-Redirect": to})
