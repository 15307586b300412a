"""The doors of the booking panel: each change fetches its part, and without JavaScript each step is the whole form."""

import uuid
from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from appointments.errors import PatientOverlap, RuleRefusal, SlotTaken
from appointments.models import CancellationReason
from mediconnect.errors import DomainError, NotFound
from mediconnect.idempotency.errors import InProgress
from mediconnect.portal.board.views import over_board
from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.showing import Undo, done
from patients.errors import PossibleDuplicate

from . import writing
from .form import Draft, Slot, read_draft
from .reading.choices import LAST_KIND, choices
from .reading.panel import panel_of, patient_of, times_of, why_of
from .reading.people import Newcomer, Person, guess, record_numbers, require_known
from .reading.why import answer_about

_PANEL = "portal/booking/_panel.html"


@desk_page
def book(request: DeskRequest, desk: Desk) -> HttpResponse:
    """Show the panel; book, or take the step that was asked for."""
    draft = read_draft(request.POST if request.method == "POST" else request.GET, desk)
    if request.method != "POST":
        return _panel(request, desk, draft)
    if draft.act == "new":
        return _panel(request, desk, draft, newcomer=guess(desk, draft.q))
    if draft.take is None and draft.act != "book":
        return _panel(request, desk, draft)
    return _book(request, desk, draft)


@desk_page
def patients(request: DeskRequest, desk: Desk) -> HttpResponse:
    """Search as somebody types; show who was chosen."""
    draft = read_draft(request.GET, desk)
    parts = {"book-found": "portal/booking/_found.html", "book-patient": "portal/booking/_patient.html"}
    return _part(request, desk, draft, parts, lambda: patient_of(desk, draft))


@desk_page
def times(request: DeskRequest, desk: Desk) -> HttpResponse:
    """Show the next free starts."""
    draft = read_draft(request.GET, desk)
    require_known(desk, draft.patient)
    parts = {"book-times": "portal/booking/_times.html"}
    return _part(request, desk, draft, parts, lambda: times_of(desk, draft, last_kind=_last_kind(request)))


@desk_page
def why(request: DeskRequest, desk: Desk) -> HttpResponse:
    """Say whether a wished time is free, and if not, why."""
    draft = read_draft(request.GET, desk)
    require_known(desk, draft.patient)
    parts = {"book-why": "portal/booking/_why.html"}
    return _part(request, desk, draft, parts, lambda: why_of(desk, draft, last_kind=_last_kind(request)))


@require_POST
@desk_page
def hold(request: DeskRequest, desk: Desk) -> HttpResponse:
    """Hold the picked time while details are typed; without one, give back what was held."""
    draft = read_draft(request.POST, desk)
    if draft.slot is None:
        if draft.hold:
            writing.give_back(desk, draft.hold)
        return HttpResponse(status=204)
    require_known(desk, draft.patient)
    chosen = choices(desk, draft, last_kind=_last_kind(request))
    try:
        held, words = writing.keep(desk, draft, chosen), {}
    except (SlotTaken, PatientOverlap, RuleRefusal) as error:
        held, words = None, {"refusal": error, "answer": answer_about(desk, draft, chosen, draft.slot)}
    seconds = max(0, int((held.expires_at - desk.now).total_seconds())) if held else 0
    context = {"desk": desk, "draft": draft, "choices": chosen, "held": held, "seconds": seconds, **words}
    return render(request, "portal/booking/_hold.html", context, status=200 if held else 409)


@desk_page
def new_patient(request: DeskRequest, desk: Desk) -> HttpResponse:
    """Ask for somebody new, with what the search says already; register, having warned of likely duplicates."""
    if not desk.is_desk:
        raise NotFound
    draft = read_draft(request.POST or request.GET, desk)
    if request.method != "POST" or draft.act == "new":
        return _patient_part(request, desk, draft.but(patient=None), newcomer=guess(desk, draft.q))
    fields = ("given_name", "family_name", "birth_date", "phone")
    newcomer = Newcomer(*(request.POST.get(name, "").strip() for name in fields))
    try:
        known = writing.admit(request, desk, newcomer, confirmed=request.POST.get("confirm") == "yes")
    except DomainError as error:
        said: dict[str, Any] = {"newcomer": newcomer, "refusal_of_newcomer": writing.in_words(error)}
        if isinstance(error, PossibleDuplicate):
            said["suspects"] = _suspects(desk, error)
        return _patient_part(request, desk, draft.but(patient=None), status=error.status, **said)
    return _patient_part(request, desk, draft.but(patient=known, q=""))


def _book(request: DeskRequest, desk: Desk, draft: Draft) -> HttpResponse:
    chosen = choices(desk, draft, last_kind=_last_kind(request))
    slot = draft.take or _overridden(draft, chosen.provider) or draft.slot
    missing = _missing(draft, slot)
    if missing or slot is None or draft.patient is None:
        return _panel(request, desk, draft, missing=missing, status=200 if draft.q and not draft.patient else 422)
    require_known(desk, draft.patient)
    chosen.name(slot.provider_id)
    try:
        made = writing.book(request, desk, draft.but(override=draft.override and draft.take is None), chosen, slot)
    except DomainError as error:
        return _refused(request, desk, draft, slot, error)
    request.session[LAST_KIND] = str(chosen.kind.id) if chosen.kind else ""
    return _booked(request, desk, draft, made)


def _overridden(draft: Draft, provider: uuid.UUID | None) -> Slot | None:
    """Return the wished time where it is to be booked against the rules."""
    return Slot(provider, draft.wish) if draft.override and draft.wish and provider else None


def _missing(draft: Draft, slot: Slot | None) -> str:
    """Return what is still to be chosen, in words; empty where nothing is."""
    if draft.patient is None:
        return _("Choose the patient first.")
    return "" if slot is not None else _("Choose a time.")


def _refused(request: DeskRequest, desk: Desk, draft: Draft, slot: Slot, error: DomainError) -> HttpResponse:
    """Show the form as it was typed, what stood in the way, and what is free near it as buttons that book at once."""
    if isinstance(error, SlotTaken | PatientOverlap | RuleRefusal):
        draft = draft.but(wish=slot.start, slot=None)
    key = request.POST.get("key", "") if isinstance(error, InProgress) else ""
    words = {"refusal": writing.in_words(error), "at_once": True, "key": key}
    return _panel(request, desk, draft, status=error.status, **words)


def _booked(request: DeskRequest, desk: Desk, draft: Draft, made: dict[str, Any]) -> HttpResponse:
    where = (desk.clinic.pk, made["visit"])
    start = parse_datetime(made["start"])
    habits = desk.habits
    day, time = (habits.short_day(start.astimezone(desk.zone).date()), habits.time(start)) if start else ("", "")
    notice = _("Booked for %(day)s, %(time)s.") % {"day": day, "time": time}
    by_mistake = {"reason": str(CancellationReason.CLINIC_ERROR)}
    undo = Undo(reverse("portal:visit-cancel", args=where), made["version"], by_mistake)
    card = reverse("portal:visit", args=where)
    ours = url_has_allowed_host_and_scheme(draft.back, {request.get_host()}, require_https=request.is_secure())
    return done(request, notice, to=draft.back if ours else card, undo=undo)


def _suspects(desk: Desk, error: PossibleDuplicate) -> list[Person]:
    found = error.extra["duplicates"]
    numbers = record_numbers(desk, [one["id"] for one in found])
    return [
        Person(
            one["id"],
            one["given_name"],
            one["family_name"],
            one["birth_date"],
            numbers.get(one["id"], ""),
            tuple(one["reasons"]),
        )
        for one in found
    ]


def _last_kind(request: DeskRequest) -> str | None:
    return request.session.get(LAST_KIND)


def _panel(request: DeskRequest, desk: Desk, draft: Draft, *, status: int = 200, **words: Any) -> HttpResponse:
    pinned = request.method == "POST" and draft.act != "look" and draft.after is None
    context = {**panel_of(desk, draft, last_kind=_last_kind(request), pinned=pinned), **words}
    response = over_board(request, desk, draft.day or desk.today, _PANEL, context, status=status)
    if request.method == "POST":
        # The address of a step is the panel's own, with what was chosen and nothing that was typed.
        response["HX-Replace-Url"] = draft.address(desk)
    return response


def _part(
    request: DeskRequest, desk: Desk, draft: Draft, parts: dict[str, str], words: Callable[[], dict[str, Any]]
) -> HttpResponse:
    """Show the part of the panel that htmx is going to replace, and to everybody else the panel."""
    template = parts.get(request.htmx.target or "") if request.htmx else None
    if template is None:
        return _panel(request, desk, draft)
    return render(request, template, {**words(), "desk": desk})


def _patient_part(request: DeskRequest, desk: Desk, draft: Draft, *, status: int = 200, **words: Any) -> HttpResponse:
    if request.htmx and request.htmx.target == "book-patient":
        context = {**patient_of(desk, draft), **words, "desk": desk}
        return render(request, "portal/booking/_patient.html", context, status=status)
    return _panel(request, desk, draft, status=status, **words)
