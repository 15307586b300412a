"""The address without a path: what this is, or the day that is going on."""

import uuid

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from mediconnect.accounts.ports import principals
from mediconnect.errors import NotFound
from providers.queries.directory import clinics_visible_to

from .board.views import board
from .desk import LAST_CLINIC
from .failures import failed


@require_safe
def home(request: HttpRequest) -> HttpResponseBase:
    """Show the front page to visitors, the day board to staff, and to patients where their visits are."""
    if not request.user.is_authenticated:
        return render(request, "portal/front.html")
    principal = principals().by_user(request.user.pk)
    if principal.kind != "staff":
        return render(request, "portal/patient.html")
    clinics = clinics_visible_to(principal).filter(active=True).order_by("name")
    works_at: list[uuid.UUID] = list(clinics.values_list("pk", flat=True))
    last = _last_clinic(request)
    if not works_at:
        return failed(request, NotFound())
    return board(request, clinic=last if last in works_at else works_at[0])


def _last_clinic(request: HttpRequest) -> uuid.UUID | None:
    kept = request.session.get(LAST_CLINIC)
    return uuid.UUID(kept) if kept else None
