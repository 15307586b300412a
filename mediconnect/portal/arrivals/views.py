"""The doors of arrivals: today's flow, and what stands beside it."""

import uuid
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from appointments.queries.pulse import pulse_of
from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.showing import show

from .reading import flow_of

_NOTHING: Final = "portal/board/_nothing.html"


@require_safe
@desk_page
def arrivals(request: DeskRequest, desk: Desk) -> HttpResponse:
    """Show who is expected, who waits, and where everybody is."""
    return over_arrivals(request, desk, _NOTHING)


def over_arrivals(
    request: DeskRequest, desk: Desk, panel: str, context: Mapping[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """Show what a panel's address says beside the flow: the panel alone to htmx where that is all it needs.

    `panel` is the template of the fragment; the flow is not looked up for it. What is refused stands in the panel, too:
    the flow is fetched again as soon as somebody else changes it, and a refusal in it would be gone unread.
    """
    who = request.POST.get("who") or request.GET.get("who", "")
    words = {
        "room": "arrivals",
        "over": "arrivals",
        "address": address_of(desk, who),
        **(context or {}),
        "panel": panel,
    }
    target = _target(request)
    is_panel = target == "panel" or (target == "flow" and status >= HTTPStatus.BAD_REQUEST)
    if not is_panel:
        pulse = pulse_of(desk.clinic.pk, *desk.span(desk.today))
        words |= {"flow": flow_of(desk, who), "pulse": f"{pulse}-{desk.now:%H%M}"}
    fragments = {"panel": panel, "flow": panel if is_panel else "portal/arrivals/_flow.html"}
    response = show(request, desk, "portal/arrivals/page.html", words, fragments=fragments, status=status)
    if target == "panel" and request.method == "GET":
        response["HX-Push-Url"] = request.get_full_path()
    if is_panel and target == "flow":
        response["HX-Retarget"], response["HX-Reswap"] = "#panel", "innerHTML show:none"
    return response


def address_of(desk: Desk, who: str = "") -> str:
    """Return the address of arrivals, of one provider where `who` is an id."""
    here = reverse("portal:arrivals", kwargs={"clinic": desk.clinic.pk})
    return f"{here}?who={who}" if _is_id(who) else here


def _target(request: DeskRequest) -> str:
    return (request.htmx.target or "") if request.htmx and not request.htmx.history_restore_request else ""


def _is_id(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True
