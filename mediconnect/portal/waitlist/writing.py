"""The doors through which a wish is kept, changed and taken off the list."""

import uuid
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods, require_POST

from appointments.models import Appointment, Source, WaitlistEntry
from appointments.queries.waitlist.free_now import free_for
from appointments.services.waitlist.changing import change_entry
from appointments.services.waitlist.joining import Wishing, join_waitlist
from appointments.services.waitlist.leaving import withdraw_entry
from mediconnect.api.versions import Expected
from mediconnect.errors import DomainError, Invalid, NotFound, NotPermitted
from mediconnect.portal.booking.form import as_id
from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.once import once
from mediconnect.portal.people.reading.search import Found, hit_of, search
from mediconnect.portal.setup.editing import put_at_fields
from mediconnect.portal.showing import Refusal, done, refused, show

from .forms import WishForm
from .reading import kinds_for, wish_at
from .views import may_write, wish_page

_METHODS = ("GET", "HEAD", "POST")


@require_http_methods([*_METHODS])
@desk_page
def new_wish(request: DeskRequest, desk: Desk) -> HttpResponse:
    """Put somebody on the list. `patient`, `type`, `provider` or `visit` in the address are where one came from."""
    asked = request.POST or request.GET
    visit = _visit(desk, as_id(asked.get("visit", "")))
    patient = visit.patient_id if visit else as_id(asked.get("patient", ""))
    chosen = hit_of(desk, patient) if patient else None
    kinds = kinds_for(desk)
    kind = visit.appointment_type_id if visit else as_id(asked.get("type", ""))
    sending = request.method == "POST" and "find" not in request.POST
    form = (
        WishForm(desk, request.POST) if sending else WishForm(desk, initial=_initial(desk, asked.get("provider", "")))
    )
    found = search(desk, asked.get("q", "")) if not chosen else Found("")
    refusal = None
    if sending and form.is_valid():
        try:
            if chosen is None:
                raise Invalid.field("patient", gettext_noop("Choose who waits."))
            if kind is None or kind not in dict(kinds):
                raise Invalid.field("type", gettext_noop("Choose a type of visit."))
            return _join(request, desk, form, chosen.id, kind, visit)
        except DomainError as error:
            refusal = _refused(form, error)
    words = {
        "room": "waitlist",
        "form": form,
        "chosen": chosen,
        "found": found,
        "kinds": kinds,
        "kind": kind,
        "visit": visit,
        "refusal": refusal,
        "existing": refusal.extra.get("entry") if refusal else None,
    }
    status = refusal.status if refusal else 422 if sending and form.errors else 200
    return show(request, desk, "portal/waitlist/new.html", words, status=status)


def _join(
    request: DeskRequest, desk: Desk, form: WishForm, patient: uuid.UUID, kind: uuid.UUID, visit: Appointment | None
) -> HttpResponse:
    values = _values(form)
    if not may_write(desk, values["providers"]):
        raise NotPermitted("A provider keeps the waitlist of the own calendar alone.")

    def work() -> dict[str, Any]:
        wish = Wishing(
            patient_id=patient,
            appointment_type_id=kind,
            clinic_id=desk.clinic.pk,
            appointment_id=visit.pk if visit else None,
            source=Source.STAFF,
            **values,
        )
        return {"id": join_waitlist(wish, caller=desk.caller).pk}

    made = uuid.UUID(once(request, desk, work)["id"])
    entry = wish_at(desk, made)
    notice = _("On the list. Whoever is first is asked as soon as a time is free.")
    if free_for(entry, by_patient=False, limit=1):
        notice = _("On the list. There are free times already that would do: book one instead of waiting.")
    return done(request, notice, to=_address(desk, made))


@require_http_methods([*_METHODS])
@desk_page
def change_wish(request: DeskRequest, desk: Desk, entry: uuid.UUID) -> HttpResponse:
    """Change what would suit; the place in the order stays."""
    found = wish_at(desk, entry)
    form = WishForm(desk, request.POST or None, entry=found)
    refusal = None
    if request.method == "POST" and form.is_valid():
        values = _values(form)

        def work() -> dict[str, Any]:
            expected = Expected(form.cleaned_data["version"] or 0, by_header=False)
            change_entry(entry_id=entry, expected=expected, change=values, caller=desk.caller)
            return {}

        try:
            _check_writable(desk, found, values["providers"])
            once(request, desk, work)
            return done(request, _("Saved. The place in the order is the same."), to=_address(desk, entry))
        except DomainError as error:
            refusal = _refused(form, error)
    words = {"room": "waitlist", "form": form, "entry": found, "refusal": refusal}
    status = refusal.status if refusal else 422 if form.errors else 200
    return show(request, desk, "portal/waitlist/change.html", words, status=status)


@require_POST
@desk_page
def leave(request: DeskRequest, desk: Desk, entry: uuid.UUID) -> HttpResponse:
    """Take somebody off the list; what was offered goes to who is next."""
    found = wish_at(desk, entry)

    def work() -> dict[str, Any]:
        withdraw_entry(entry_id=entry, caller=desk.caller)
        return {}

    try:
        _check_writable(desk, found, found.providers)
        once(request, desk, work)
    except DomainError as error:
        return wish_page(request, desk, entry, refusal=refused(error), status=error.status)
    return done(
        request,
        _("Off the list. It can be joined again at the end of the line."),
        to=reverse("portal:waitlist", kwargs={"clinic": desk.clinic.pk}),
    )


def _check_writable(desk: Desk, entry: WaitlistEntry, wanted: list[uuid.UUID]) -> None:
    if not may_write(desk, entry.providers) or not may_write(desk, wanted):
        raise NotPermitted("A provider keeps the waitlist of the own calendar alone.")


def _values(form: WishForm) -> dict[str, Any]:
    values = form.values()
    values["providers"] = [uuid.UUID(one) for one in values["providers"]]
    return values


def _refused(form: WishForm, error: DomainError) -> Refusal:
    told = refused(error)
    if isinstance(error, Invalid):
        put_at_fields(form, told.errors)
    return told


def _initial(desk: Desk, provider: str) -> dict[str, Any]:
    initial = WishForm.usual(desk)
    if as_id(provider) is not None:
        initial["providers"] = [provider]
    return initial


def _visit(desk: Desk, visit_id: uuid.UUID | None) -> Appointment | None:
    """Return the visit that is to come sooner; raises `NotFound` for one that is not the desk's to see."""
    if visit_id is None:
        return None
    visit = desk.visits().select_related("patient", "appointment_type").filter(pk=visit_id).first()
    if visit is None:
        raise NotFound("There is no such visit at this clinic.")
    return visit


def _address(desk: Desk, entry_id: uuid.UUID) -> str:
    return reverse("portal:wish", kwargs={"clinic": desk.clinic.pk, "entry": entry_id})
