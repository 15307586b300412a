"""The doors through which the waitlist is looked at."""

import uuid
from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.showing import Refusal, show

from .reading import line_of, names_for, waitlist_of, wish_at
from .telling import told_of


@require_safe
@desk_page
def waitlist(request: DeskRequest, desk: Desk) -> HttpResponse:
    """Show who waits, in the order in which they are asked, and which times are free."""
    return list_page(request, desk)


def list_page(request: DeskRequest, desk: Desk, *, refusal: Refusal | None = None, status: int = 200) -> HttpResponse:
    """Return the list, with what was refused above it."""
    found = waitlist_of(desk, kind=request.GET.get("type", ""), closed=request.GET.get("closed") == "1")
    words = {"room": "waitlist", "found": found, "refusal": refusal}
    fragments = {"waitlist": "portal/waitlist/_list.html"}
    return show(request, desk, "portal/waitlist/page.html", words, fragments=fragments, status=status)


@require_safe
@desk_page
def wish(request: DeskRequest, desk: Desk, entry: uuid.UUID) -> HttpResponse:
    """Show one wish: what it is, what was offered, and why each other time was not."""
    return wish_page(request, desk, entry)


def wish_page(
    request: DeskRequest, desk: Desk, entry_id: uuid.UUID, *, refusal: Refusal | None = None, status: int = 200
) -> HttpResponse:
    """Return the page of one wish, with what was refused above it."""
    entry = wish_at(desk, entry_id)
    words: dict[str, Any] = {
        "room": "waitlist",
        "entry": entry,
        "line": line_of(desk, entry, names_for(desk, entry)),
        "told": told_of(desk, entry),
        "may_write": may_write(desk, entry.providers),
        "refusal": refusal,
    }
    return show(request, desk, "portal/waitlist/wish.html", words, status=status)


def may_write(desk: Desk, providers: list[uuid.UUID]) -> bool:
    """Return whether the person may change a wish for these providers: a desk any, a provider one for itself alone."""
    return desk.is_desk or (bool(providers) and set(providers) == {desk.own_provider})
