"""The doors of reliability: how the self-checks went, and one more by hand. For superusers and whoever runs a clinic."""

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from mediconnect.accounts.ports import principals
from mediconnect.api.access import ADMINS, CLINIC_ADMIN
from mediconnect.errors import DomainError, NotFound
from mediconnect.operations.verifying.recording import ask
from mediconnect.portal.desk import LAST_CLINIC, Desk, DeskRequest, asked_to_sign_in, desk_page
from mediconnect.portal.failures import failed
from mediconnect.portal.once import once
from mediconnect.portal.setup.editing import finished
from mediconnect.portal.showing import Refusal, refused, show
from providers.models import Clinic
from providers.queries.directory import clinics_visible_to

from .reading import standing


@require_safe
def reliability(request: HttpRequest) -> HttpResponseBase:
    """Show how the last self-checks went."""
    return _at_own_desk(request, _page)


@require_POST
def check_now(request: HttpRequest) -> HttpResponseBase:
    """Let a self-check begin."""
    return _at_own_desk(request, _ask)


def _at_own_desk(request: HttpRequest, page: Any) -> HttpResponseBase:
    """Hand a page without a clinic in its address the desk of its reader: where they were last, if they run that clinic."""
    if not request.user.is_authenticated:
        return asked_to_sign_in(request)
    principal = principals().by_user(request.user.pk)
    own: list[Clinic] = []
    if principal.kind == "staff":
        clinics = clinics_visible_to(principal).filter(active=True).order_by("name")
        own = [clinic for clinic in clinics if principal.may(CLINIC_ADMIN, clinic.pk)]
    if not own:
        return failed(request, NotFound())
    last = request.session.get(LAST_CLINIC)
    here: uuid.UUID = next((clinic.pk for clinic in own if str(clinic.pk) == last), own[0].pk)
    answer: HttpResponseBase = page(request, clinic=here)
    return answer


@desk_page(roles=ADMINS)
def _page(request: DeskRequest, desk: Desk) -> HttpResponse:
    return _shown(request, desk)


@desk_page(roles=ADMINS)
def _ask(request: DeskRequest, desk: Desk) -> HttpResponse:
    def work() -> dict[str, Any]:
        return {"id": ask(by_id=desk.user.pk).pk}

    try:
        once(request, desk, work)
    except DomainError as error:
        return _shown(request, desk, refused(error), error.status)
    return finished(request, _("The check has begun. It takes a minute or so."), to=reverse("portal:reliability"))


def _shown(request: DeskRequest, desk: Desk, refusal: Refusal | None = None, status: int = 200) -> HttpResponse:
    words = {"room": "setup", "part": "reliability", "standing": standing(), "refusal": refusal}
    fragments = {"self-check": "portal/reliability/_standing.html"}
    return show(request, desk, "portal/reliability/page.html", words, fragments=fragments, status=status)
