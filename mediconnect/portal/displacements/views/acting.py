"""The doors that act on a whole displacement: send what is proposed, or take it all back."""

import uuid
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from appointments.services.displacing.sending import send_proposals
from appointments.services.displacing.undoing import undo_displacement
from mediconnect.errors import DomainError
from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.displacements.reading import displacement_at
from mediconnect.portal.once import once
from mediconnect.portal.setup.editing import finished

from .listing import show_displacement


@require_POST
@desk_page
def send(request: DeskRequest, desk: Desk, displacement: uuid.UUID) -> HttpResponse:
    """Ask every patient for whom a time is held, or move the visits where that was decided."""
    found = displacement_at(desk, displacement)

    def work() -> dict[str, Any]:
        return {"id": send_proposals(displacement_id=found.pk, caller=desk.caller).pk}

    try:
        once(request, desk, work)
    except DomainError as error:
        return show_displacement(request, desk, displacement, error)
    notice = _("The visits are moved.") if found.moves_without_asking else _("The patients are asked.")
    return finished(request, notice, to=_page(desk, displacement))


@require_POST
@desk_page
def undo(request: DeskRequest, desk: Desk, displacement: uuid.UUID) -> HttpResponse:
    """Take the absence back, until the first answer."""
    found = displacement_at(desk, displacement)

    def work() -> dict[str, Any]:
        return {"id": undo_displacement(displacement_id=found.pk, caller=desk.caller).pk}

    try:
        once(request, desk, work, fresh_reads=True)
    except DomainError as error:
        return show_displacement(request, desk, displacement, error)
    return finished(request, _("Taken back: the visits stay as they were."), to=_page(desk, displacement))


def _page(desk: Desk, displacement_id: uuid.UUID) -> str:
    return reverse("portal:displacement", kwargs={"clinic": desk.clinic.pk, "displacement": displacement_id})
