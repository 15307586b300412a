"""A patient's page, and what every write on it has in common: the page again, with what was typed where it was refused."""

import uuid
from collections.abc import Callable, Mapping
from typing import Any, cast

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from mediconnect.errors import DomainError
from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.messages.reading import latest_of
from mediconnect.portal.once import once
from mediconnect.portal.people.clashing import clash_over
from mediconnect.portal.people.languages import languages_with
from mediconnect.portal.people.reading.history import history_of
from mediconnect.portal.people.reading.record import patient_of, record_of
from mediconnect.portal.showing import Undo, done, refused, show
from patients.errors import ChangedMeanwhile, Merged
from patients.models import ContactPoint, Patient

# The last page of past visits that an address may name: nobody has as many.
_LAST_PAGE = 1_000


@require_safe
@desk_page
def patient(request: DeskRequest, desk: Desk, patient: uuid.UUID) -> HttpResponse:
    """Show one patient of this clinic; the address of a record that became part of another one leads to that one."""
    try:
        found = patient_of(desk, patient)
    except Merged as gone:
        messages.info(request, _("The record you looked for became part of this one."))
        return HttpResponseRedirect(address_of(desk, gone.extra["merged_into"]))
    return page(request, desk, found)


def page(
    request: DeskRequest, desk: Desk, patient: Patient, words: Mapping[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """Show the patient. `words` may hold `section`, the part to be open, with its `refusal`, `clash` or `typed`."""
    number = request.GET.get("past", "")
    readable = number.isascii() and number.isdecimal() and len(number) < 10  # more digits than int() reads are a 500
    record = record_of(desk, patient, page=max(1, min(int(number), _LAST_PAGE)) if readable else 1)
    context = {
        "room": "patients",
        "record": record,
        "history": history_of(desk, patient, everything=request.GET.get("history") == "all"),
        "latest_messages": latest_of(desk, patient),
        "languages": languages_with(patient.language),
        "may_write": desk.is_desk,
        "address": address_of(desk, patient.pk),
        **(words or {}),
    }
    record_alone = "portal/people/_record.html"
    fragments = {"record": record_alone, "panel": record_alone}
    response = show(request, desk, "portal/people/record.html", context, fragments=fragments, status=status)
    if request.htmx and request.htmx.target == "panel":  # an undo from a notice: what it changed is the record
        response["HX-Retarget"], response["HX-Reswap"] = "#record", "outerHTML show:none"
    return response


def address_of(desk: Desk, patient_id: uuid.UUID) -> str:
    """Return the address of a patient's page."""
    return reverse("portal:patient", kwargs={"clinic": desk.clinic.pk, "patient": patient_id})


def write(
    request: DeskRequest,
    desk: Desk,
    patient_id: uuid.UUID,
    section: str,
    work: Callable[[], int | None],
    notice: str,
    *,
    undo: Callable[[int], Undo] | None = None,
) -> HttpResponse:
    """Run a write of one part of the page once and go back to it; a refusal or a clash is shown in that part.

    `work` returns the version that `undo` starts from. An address of a form that is asked for by itself leads to the page.
    """
    patient = patient_of(desk, patient_id)
    if request.method != "POST":
        return HttpResponseRedirect(address_of(desk, patient.pk))

    def run() -> dict[str, Any]:
        return {"version": work()}

    try:
        made = once(request, desk, run)
    except ChangedMeanwhile as stale:
        fresh = patient_of(desk, patient_id)
        record = cast("Patient | ContactPoint", stale.record)
        clash = clash_over(request, desk, fresh, record, keep=address_of(desk, fresh.pk))
        words: dict[str, Any] = {"section": section, "typed": request.POST, "clash": clash}
        return page(request, desk, fresh, words, status=stale.status)
    except DomainError as refusal:
        words = {"section": section, "typed": request.POST, "refusal": refused(refusal)}
        return page(request, desk, patient_of(desk, patient_id), words, status=refusal.status)
    taken_back = undo(made["version"]) if undo else None
    return done(request, notice, to=f"{address_of(desk, patient.pk)}#{section}", undo=taken_back)
