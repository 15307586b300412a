"""The doors of the day board."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse

from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.showing import show


@desk_page
def board(request: DeskRequest, desk: Desk) -> HttpResponse:
    """Show a day of the clinic."""
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
    words = {"room": "board", "day": day, **(context or {}), "panel": panel}
    return show(request, desk, "portal/board/page.html", words, fragments={"panel": panel}, status=status)
