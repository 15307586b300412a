"""The door of a visit's card, and how the other doors show it with what went wrong."""

import uuid
from collections.abc import Mapping

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.displacements.reading import line_of
from mediconnect.portal.messages.reading import plans_of, rows_about, trouble_among
from mediconnect.portal.visits.around import Around, beside
from mediconnect.portal.visits.history import NOTES
from mediconnect.portal.visits.reading import card_of, visit_at
from mediconnect.portal.visits.writing import Trouble


@require_safe
@desk_page
def visit(request: DeskRequest, desk: Desk, visit: uuid.UUID) -> HttpResponse:
    """Show the card of a visit; `?history=all` shows everything that ever happened to it."""
    return show_card(request, desk, Around.of(request, desk, visit))


def show_card(
    request: DeskRequest,
    desk: Desk,
    around: Around,
    trouble: Trouble | None = None,
    typed: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Show the card as the visit is now, with a refusal or clash above it and `typed` in its notes where there is any."""
    found = visit_at(desk, around.visit_id)
    card = card_of(desk, found, whole_history=request.GET.get("history") == "all")
    texts = {name: getattr(card, name) for name in NOTES} | dict(typed or {})
    rows = rows_about(desk, found.pk)
    context = {
        "card": card,
        "trouble": trouble,
        "texts": texts,
        "is_typing": typed is not None,
        "messages_of_visit": rows,
        "trouble_of_messages": trouble_among(desk, rows),
        "plans": plans_of(desk, found),
        "displaced": line_of(desk, found),
    }
    status = trouble.status if trouble else 200
    return beside(request, desk, around, card.day, "portal/visits/_card.html", context, status=status)
