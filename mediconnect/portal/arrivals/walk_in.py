"""The doors of a walk-in: found or registered, given a time and arrived, in one form and one step."""

import uuid
from collections.abc import Mapping
from typing import Any, Final

from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from appointments.models import CancellationReason, Priority
from appointments.services.walk_in import add_walk_in
from mediconnect.errors import DomainError, Invalid, NotPermitted
from mediconnect.portal.booking.form import LONGEST_REASON, read_draft
from mediconnect.portal.booking.reading.choices import Choices, choices
from mediconnect.portal.booking.reading.people import Newcomer, guess
from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.once import once
from mediconnect.portal.people.forms import id_sent, new_patient
from mediconnect.portal.people.reading.record import patient_of
from mediconnect.portal.people.reading.search import Found, hit_of, search
from mediconnect.portal.showing import Undo, done, refused, show
from patients.errors import PossibleDuplicate
from patients.services.registration import register

from .views import address_of, over_arrivals

_PANEL: Final = "portal/arrivals/_walk_in.html"
_FOUND: Final = "portal/arrivals/_walk_in_found.html"
# More do not fit beside the rest of the form; whoever gets as many types more.
_CANDIDATES: Final = 5
NEW: Final = "new"


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def walk_in(request: DeskRequest, desk: Desk) -> HttpResponse:
    """Show the form; add the patient, or show who fits the words where nobody was chosen yet."""
    if request.method != "POST":
        return _form(request, desk)
    chosen = request.POST.get("patient", "")
    if "find" in request.POST or not chosen or _is_stale(request, chosen):
        return _form(request, desk)
    return _add(request, desk, chosen)


@require_http_methods(["GET", "HEAD"])
@desk_page
def walk_in_patients(request: DeskRequest, desk: Desk) -> HttpResponse:
    """Show who fits the words as somebody types them."""
    return show(request, desk, _FOUND, _people(request, desk, request.GET.get("q", "")))


def _is_stale(request: DeskRequest, chosen: str) -> bool:
    """Return whether somebody was chosen among those who fit other words than stand there now: nobody is added unseen."""
    now, then = (" ".join(request.POST.get(name, "").split()) for name in ("q", "found_for"))
    return chosen != NEW and now != then


def _add(request: DeskRequest, desk: Desk, chosen: str) -> HttpResponse:
    offered = _offered(desk, request.POST)

    @transaction.atomic  # whoever finds no time is not registered either
    def work() -> dict[str, Any]:
        kind, reason = _kind(offered), _reason(request)
        visit = add_walk_in(
            patient_id=_register(request, desk) if chosen == NEW else _known(request, desk),
            appointment_type_id=kind,
            provider_id=offered.provider,
            caller=desk.caller,
            reason=reason,
            priority=Priority.URGENT if request.POST.get("urgent") else Priority.ROUTINE,
        )
        return {"visit": visit.pk, "version": visit.version, "provider": visit.provider_id, "start": visit.starts_at}

    try:
        made = once(request, desk, work)
    except PossibleDuplicate as suspicion:
        return _form(request, desk, {"suspects": suspicion.extra["duplicates"]}, status=suspicion.status)
    except DomainError as refusal:
        return _form(request, desk, {"refusal": refused(refusal)}, status=refusal.status)
    back = address_of(desk, request.POST.get("who", ""))
    cancelled = reverse("portal:visit-cancel", kwargs={"clinic": desk.clinic.pk, "visit": made["visit"]})
    by_mistake = {"reason": CancellationReason.CLINIC_ERROR.value, "next": back}
    notice = _("Arrived, with %(provider)s.") % {"provider": offered.name(uuid.UUID(str(made["provider"])))}
    return done(request, notice, to=back, undo=Undo(f"{cancelled}?over=arrivals", made["version"], by_mistake))


def _offered(desk: Desk, sent: QueryDict) -> Choices:
    """Return what the clinic offers and what is chosen of it, the commonest type where none is."""
    fields = sent.copy()
    fields.pop("patient", None)  # may be somebody new, whom a booking does not know
    return choices(desk, read_draft(fields, desk), last_kind=None)


def _known(request: DeskRequest, desk: Desk) -> uuid.UUID:
    return patient_of(desk, id_sent(request.POST.dict(), "patient") or uuid.UUID(int=0)).pk


def _register(request: DeskRequest, desk: Desk) -> uuid.UUID:
    if not desk.is_desk:
        raise NotPermitted
    patient = register(
        clinic_id=desk.clinic.pk,
        person=new_patient(request.POST.dict()),
        today=desk.today,
        confirm_duplicate="confirm_duplicate" in request.POST,
    )
    return patient.pk


def _kind(offered: Choices) -> uuid.UUID:
    if offered.kind is None:
        raise Invalid.field("type", _("This clinic has no type of visit yet."))
    return offered.kind.id


def _reason(request: DeskRequest) -> str:
    reason = request.POST.get("reason", "").strip()
    if len(reason) > LONGEST_REASON:
        raise Invalid.field("reason", f"This may have {LONGEST_REASON} characters at most.")
    return reason


def _form(
    request: DeskRequest, desk: Desk, words: Mapping[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    sent = request.POST if request.method == "POST" else request.GET
    context = {
        **_people(request, desk, sent.get("q", "")),
        "typed": sent,
        "offered": _offered(desk, sent),
        "who": sent.get("who", ""),
        **(words or {}),
    }
    return over_arrivals(request, desk, _PANEL, context, status=status)


def _people(request: DeskRequest, desk: Desk, q: str) -> dict[str, Any]:
    """Return who fits the words, whoever was chosen first, and a first guess at somebody new."""
    sent = request.POST if request.method == "POST" else request.GET
    chosen = id_sent(sent.dict(), "patient")
    found, one = search(desk, q, most=_CANDIDATES), hit_of(desk, chosen) if chosen else None
    if one is not None and all(hit.id != one.id for hit in found.hits):
        found = Found(found.q, (one, *found.hits), found.trouble, found.more)
    is_new = sent.get("patient") == NEW
    newcomer: Newcomer | Mapping[str, str] = sent if is_new else guess(desk, q)
    return {"found": found, "chosen": chosen, "is_new": is_new, "newcomer": newcomer, "may_register": desk.is_desk}
