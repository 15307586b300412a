"""The doors of one displaced visit: another time, its patient's word on the phone, and what came of a call."""

import uuid
from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST, require_safe

from appointments.models import DisplacedVisit
from appointments.models.displacement import OPEN
from appointments.services.displacing.answering import accept_proposal, decline_proposal
from appointments.services.displacing.choosing import choose_another, note_call, to_call_list
from mediconnect.errors import DomainError, Invalid
from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.displacements.acting import may_decide
from mediconnect.portal.displacements.forms import OUTCOMES
from mediconnect.portal.displacements.reading import Line, row_at
from mediconnect.portal.once import once
from mediconnect.portal.setup.editing import finished
from mediconnect.portal.showing import refused, show
from mediconnect.portal.visits.forms import identifier_of, start_of
from mediconnect.portal.visits.offers import free_near, providers_for
from patients.queries import phones_of

State = DisplacedVisit.State


@require_safe
@desk_page
def row(request: DeskRequest, desk: Desk, displacement: uuid.UUID, row: uuid.UUID) -> HttpResponse:
    """Show one displaced visit, with free times to choose another from."""
    return _shown(request, desk, row_at(desk, displacement, row))


@require_POST
@desk_page
def choose(request: DeskRequest, desk: Desk, displacement: uuid.UUID, row: uuid.UUID) -> HttpResponse:
    """Hold another time for the visit."""
    found = row_at(desk, displacement, row)

    def work() -> dict[str, Any]:
        start = start_of(request.POST.get("start", ""), desk.zone)
        provider = identifier_of(request.POST.get("provider", ""), "provider")
        if provider is None:
            raise Invalid.field("provider", gettext_noop("Choose a provider."))
        if not desk.may_book(provider):
            may_decide(desk, found)
        held = choose_another(displaced_visit_id=found.pk, start=start, provider_id=provider, caller=desk.caller)
        return {"id": held.pk}

    return _acted(request, desk, found, work, _("The time is held. Send it when you are ready."))


@require_POST
@desk_page
def answer(request: DeskRequest, desk: Desk, displacement: uuid.UUID, row: uuid.UUID) -> HttpResponse:
    """Take the patient's word on the phone: yes to the held time, no, or put the visit on the call list."""
    found, word = row_at(desk, displacement, row), request.POST.get("answer", "")

    def work() -> dict[str, Any]:
        match word:
            case "yes":
                return {"id": accept_proposal(displaced_visit_id=found.pk, caller=desk.caller).pk}
            case "no":
                return {"id": decline_proposal(displaced_visit_id=found.pk, caller=desk.caller).pk}
            case "call":
                return {"id": to_call_list(displaced_visit_id=found.pk, caller=desk.caller).pk}
        raise Invalid.field("answer", gettext_noop("Say yes, no or to be called."))

    notices = {"yes": _("The visit is moved."), "no": _("Noted: to be called.")}
    return _acted(request, desk, found, work, notices.get(word, _("It is on the call list.")))


@require_POST
@desk_page
def call(request: DeskRequest, desk: Desk, displacement: uuid.UUID, row: uuid.UUID) -> HttpResponse:
    """Note that somebody called, and what came of it."""
    found, outcome = row_at(desk, displacement, row), request.POST.get("outcome", "")

    def work() -> dict[str, Any]:
        if outcome not in OUTCOMES:
            raise Invalid.field("outcome", gettext_noop("Say what came of the call."))
        return {"id": note_call(displaced_visit_id=found.pk, outcome=outcome, caller=desk.caller).pk}

    return _acted(request, desk, found, work, _("The call is noted."))


def _acted(
    request: DeskRequest, desk: Desk, found: DisplacedVisit, work: Callable[[], dict[str, Any]], notice: str
) -> HttpResponse:
    may_decide(desk, found)
    try:
        once(request, desk, work)
    except DomainError as error:
        return _shown(request, desk, row_at(desk, found.displacement_id, found.pk), error)
    whole = reverse("portal:displacement", kwargs={"clinic": desk.clinic.pk, "displacement": found.displacement_id})
    return finished(request, notice, to=f"{whole}#d-{found.pk}")


def _shown(request: DeskRequest, desk: Desk, found: DisplacedVisit, error: DomainError | None = None) -> HttpResponse:
    visit = found.appointment
    providers = providers_for(desk, visit)
    asked = request.POST.get("provider") or request.GET.get("provider", "")
    chosen = next((pk for pk in providers if str(pk) == asked), found.proposed_provider_id or visit.provider_id)
    if chosen not in providers:
        chosen = visit.provider_id
    near = found.proposed_starts_at or found.was_starts_at
    if request.GET.get("date"):
        near = desk.span(desk.day(request.GET["date"]))[0]
    free = free_near(desk, visit, near, (chosen, providers[chosen]), None) if found.state in OPEN else ()
    words = {
        "room": "providers",
        "line": Line(found, phones_of({visit.patient_id}).get(visit.patient_id, "")),
        "is_open": found.state in OPEN,
        "is_held": found.state in {State.PROPOSED, State.ASKED},
        "providers": providers,
        "chosen": chosen,
        "near": near,
        "free": sorted(free, key=lambda one: one.start),
        "outcomes": OUTCOMES,
        "refusal": refused(error) if error else None,
    }
    status = error.status if error else 200
    return show(request, desk, "portal/displacements/visit.html", words, status=status)
