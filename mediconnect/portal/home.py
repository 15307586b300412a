"""The address without a path: what this is, or the day that is going on."""

import uuid
from typing import cast

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from mediconnect.accounts.ports import principals

from .board.views import board
from .desk import LAST_CLINIC, DeskRequest, desk_at


@require_safe
def home(request: HttpRequest) -> HttpResponseBase:
    """Show the front page to visitors, the day board to staff, and to patients where their visits are."""
    if not request.user.is_authenticated:
        return render(request, "portal/front.html")
    principal = principals().by_user(request.user.pk)
    if principal.kind != "staff":
        return render(request, "portal/patient.html")
    clinic = _last_clinic(request)
    if clinic is None or not (principal.is_superuser or clinic in principal.clinics()):
        clinic = desk_at(cast("DeskRequest", request), None).clinic.pk
    return board(request, clinic=clinic)


def _last_clinic(request: HttpRequest) -> uuid.UUID | None:
    kept = request.session.get(LAST_CLINIC)
    return uuid.UUID(kept) if kept else None
