"""The doors of what can come in and go out: all kinds of table, and one with its columns explained."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from mediconnect.api.access import ADMINS
from mediconnect.errors import NotFound
from mediconnect.operations.exchange.files.limits import MOST_BYTES, MOST_ROWS
from mediconnect.operations.exchange.kinds import KINDS
from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.showing import Refusal, show

from .reading import explained, exports_of, imports_of
from .words import KINDS as WORDS
from .words import sentence_of, title_of

PART = {"room": "setup", "part": "exchange"}


@require_safe
@desk_page(roles=ADMINS)
def overview(request: DeskRequest, desk: Desk) -> HttpResponse:
    """Show the kinds of table, and what came in and went out."""
    kinds = [(kind, title_of(kind), sentence_of(kind)) for kind in WORDS]
    words = {**PART, "kinds": kinds, "imports": imports_of(desk), "exports": exports_of(desk)}
    return show(request, desk, "portal/exchange/overview.html", words)


@require_safe
@desk_page(roles=ADMINS)
def of_kind(request: DeskRequest, desk: Desk, kind: str) -> HttpResponse:
    """Show one kind of table: bring a file, take one out, and what its columns hold."""
    return kind_page(request, desk, kind)


def kind_page(
    request: DeskRequest, desk: Desk, kind: str, *, refusal: Refusal | None = None, status: int = 200
) -> HttpResponse:
    """Return the page of a kind, with a refusal above it if there is one; raises `NotFound` for a kind that is none."""
    if kind not in KINDS:
        raise NotFound
    words = {
        **PART,
        "kind": kind,
        "title": title_of(kind),
        "sentence": sentence_of(kind),
        "columns": explained(kind),
        "how": KINDS[kind],
        "most_rows": MOST_ROWS,
        "most_megabytes": MOST_BYTES // 1_000_000,
        "refusal": refusal,
    }
    return show(request, desk, "portal/exchange/kind.html", words, status=status)
