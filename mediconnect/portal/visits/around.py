"""What a visit's panel stands beside, and where one goes from it: the page beneath and its filter are never lost."""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from mediconnect.portal.arrivals.views import over_arrivals
from mediconnect.portal.board.views import over_board
from mediconnect.portal.desk import Desk, DeskRequest
from mediconnect.portal.showing import show


@dataclass(frozen=True, slots=True)
class Around:
    """One visit's addresses, each with the page beneath (`over`) and its filter (`who`, `by`) that the reader came with."""

    clinic_id: uuid.UUID
    visit_id: uuid.UUID
    who: str = ""
    by: str = ""
    over: str = ""

    @classmethod
    def of(cls, request: DeskRequest, desk: Desk, visit_id: uuid.UUID) -> "Around":
        """Return what the address of this request says."""
        who, by, over = (request.GET.get(word, "") for word in ("who", "by", "over"))
        return cls(desk.clinic.pk, visit_id, who, by, over if over == "arrivals" else "")

    def address(self, name: str = "visit", **query: str) -> str:
        """Return the address of one of the visit's doors."""
        words = urlencode(self.kept | query)
        path = reverse(f"portal:{name}", kwargs={"clinic": self.clinic_id, "visit": self.visit_id})
        return f"{path}?{words}" if words else path

    @property
    def kept(self) -> dict[str, str]:
        """What each address carries along, for forms that ask by GET: a browser drops what stands in their action."""
        words = {"who": self.who, "by": self.by, "over": self.over}
        return {word: value for word, value in words.items() if value}

    def beneath(self, day: dt.date) -> str:
        """Return the address of the page that the panel stands beside."""
        words = {"date": "" if self.over else day.isoformat(), "who": self.who, "by": self.by}
        path = reverse("portal:arrivals" if self.over else "portal:board", kwargs={"clinic": self.clinic_id})
        return f"{path}?{urlencode({word: value for word, value in words.items() if value})}".rstrip("?")

    @property
    def card(self) -> str:
        """The visit's own address."""
        return self.address()

    @property
    def step(self) -> str:
        """Where a step is taken."""
        return self.address("visit-step")

    @property
    def undo(self) -> str:
        """Where the last step is taken back."""
        return self.address("visit-undo")

    @property
    def move(self) -> str:
        """Where the visit is moved."""
        return self.address("visit-move")

    @property
    def check(self) -> str:
        """Where a move is judged."""
        return self.address("visit-check")

    @property
    def cancel(self) -> str:
        """Where the visit is cancelled."""
        return self.address("visit-cancel")

    @property
    def notes(self) -> str:
        """Where its notes are written."""
        return self.address("visit-notes")

    @property
    def history(self) -> str:
        """The card with all of its history."""
        return self.address(history="all")


def beside(
    request: DeskRequest,
    desk: Desk,
    around: Around,
    day: dt.date,
    template: str,
    context: Mapping[str, Any],
    *,
    status: int = 200,
) -> HttpResponse:
    """Show a panel: alone to htmx, else beside the page that it belongs to.

    A refusal always lands in the panel, whatever the form wanted to replace: what it wanted did not happen. The address
    in the browser becomes one that can be asked for again.
    """
    words = {**context, "around": around, "close": around.beneath(day)}
    target = request.htmx.target
    if request.htmx and status >= 400:
        response = show(request, desk, template, words, fragments={target or "": template}, status=status)
        response["HX-Retarget"] = "#panel"
        response["HX-Reswap"] = "innerHTML show:none"
        response["HX-Push-Url"] = around.card
        return response
    if around.over:
        response = over_arrivals(request, desk, template, words, status=status)
    else:
        response = over_board(request, desk, day, template, words, status=status)
    if request.headers.get("X-Background"):
        response["HX-Push-Url"] = "false"  # nobody went anywhere: the open panel was fetched again
    return response


def next_address(request: DeskRequest, around: Around) -> str:
    """Return where to go after a write: where the form says, if that is an address of ours, else to the visit's card."""
    wanted = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if ours else around.card
