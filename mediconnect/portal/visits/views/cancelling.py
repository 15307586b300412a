"""The door through which a visit is cancelled: it asks once, why, and can be taken back for two minutes."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from appointments.errors import InvalidTransition
from appointments.models import CancellationReason
from appointments.services.cancelling import cancel_appointment
from mediconnect.errors import DomainError, Invalid
from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.once import once
from mediconnect.portal.showing import done
from mediconnect.portal.visits.around import Around, beside, next_address
from mediconnect.portal.visits.forms import expected_of
from mediconnect.portal.visits.reading import CANCELLABLE, sketch_of, visit_at
from mediconnect.portal.visits.writing import Trouble, Wish, may_act, refusal_of, trouble_of, undo_of

from .card import show_card


@desk_page
def cancel(request: DeskRequest, desk: Desk, visit: uuid.UUID) -> HttpResponse:
    """Ask why, then cancel."""
    around = Around.of(request, desk, visit)
    found = visit_at(desk, visit)
    may_act(desk, found.provider_id)
    if request.method == "POST":
        return _cancelled(request, desk, around)
    card = sketch_of(desk, found)
    if not card.can_cancel:
        return show_card(request, desk, around, refusal_of(InvalidTransition(status_now=found.status)))
    return _ask(request, desk, around, None)


def _cancelled(request: DeskRequest, desk: Desk, around: Around) -> HttpResponse:
    reason = request.POST.get("reason", "")

    def work() -> dict[str, Any]:
        if reason not in CancellationReason:
            raise Invalid.field("reason", gettext_noop("Choose why it is cancelled."))
        gone = cancel_appointment(
            appointment_id=around.visit_id, reason=reason, expected=expected_of(request.POST), caller=desk.caller
        )
        return {"version": gone.version}

    try:
        made = once(request, desk, work)
    except DomainError as error:
        words = _(CancellationReason(reason).label) if reason in CancellationReason else ""
        wish = Wish(around.cancel, [(_("Cancel the visit"), words)], {"reason": reason}, CANCELLABLE)
        trouble = trouble_of(error, request, desk, around, wish)
        show = show_card if trouble.clash or isinstance(error, InvalidTransition) else _ask
        return show(request, desk, around, trouble)
    undo = undo_of(request, around, made["version"])
    return done(request, _("Cancelled. The time is free again."), to=next_address(request, around), undo=undo)


def _ask(request: DeskRequest, desk: Desk, around: Around, trouble: Trouble | None) -> HttpResponse:
    card = sketch_of(desk, visit_at(desk, around.visit_id))
    context = {"card": card, "trouble": trouble, "reasons": reasons()}
    status = trouble.status if trouble else 200
    return beside(request, desk, around, card.day, "portal/visits/_cancel.html", context, status=status)


def reasons() -> Sequence[tuple[str, Sequence[tuple[str, str]]]]:
    """Return the coded reasons by whose they are, in the reader's words."""
    found: dict[str, list[tuple[str, str]]] = {}
    for value, label in CancellationReason.choices:
        whose, _colon, why = _(str(label)).partition(": ")
        found.setdefault(whose, []).append((value, why or whose))
    return list(found.items())
