"""Who may act for whom: found among the clinic's patients, recorded, ended."""

import uuid

from django.http import HttpResponse
from django.utils.translation import gettext as _

from mediconnect.api.access import DESK
from mediconnect.errors import Invalid
from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.people.forms import date_sent, id_sent
from mediconnect.portal.people.reading.record import patient_of
from mediconnect.portal.people.reading.search import search
from mediconnect.portal.showing import show
from patients.models import Patient
from patients.services.dependants import end_dependant, record_dependant

from .record import page, write

# A right is recorded for one of a few who fit; whoever gets more types more.
_CANDIDATES = 6


@desk_page(roles=DESK)
def dependants(request: DeskRequest, desk: Desk, patient: uuid.UUID) -> HttpResponse:
    """Let one patient of the clinic act for another; without somebody chosen, show who fits the words."""
    found = patient_of(desk, patient)
    if request.method == "POST" and id_sent(request.POST, "other") is None:
        return _candidates(request, desk, found)
    if "q" in request.GET and request.htmx:
        words = {"found": search(desk, request.GET["q"], most=_CANDIDATES), "name": "other"}
        return show(request, desk, "portal/people/_choices.html", words)
    return write(request, desk, patient, "dependants", lambda: _record(request, desk, patient), _("Recorded."))


def _candidates(request: DeskRequest, desk: Desk, patient: Patient) -> HttpResponse:
    found = search(desk, request.POST.get("q", ""), most=_CANDIDATES)
    words = {"section": "dependants", "typed": request.POST, "found": found}
    return page(request, desk, patient, words)


def _record(request: DeskRequest, desk: Desk, patient_id: uuid.UUID) -> None:
    sent = request.POST.dict()
    other = patient_of(desk, id_sent(sent, "other") or patient_id).pk
    if not sent.get("relationship", "").strip():
        raise Invalid.field("relationship", "Say what they are to each other.")
    guardian, cared_for = (other, patient_id) if sent.get("as") == "guardian" else (patient_id, other)
    record_dependant(
        guardian_id=guardian,
        patient_id=cared_for,
        relationship=sent["relationship"],
        ends_on=date_sent(sent, "ends_on"),
        today=desk.today,
        recorded_by_id=desk.user.pk,
    )


@desk_page(roles=DESK)
def end(request: DeskRequest, desk: Desk, patient: uuid.UUID, other: uuid.UUID) -> HttpResponse:
    """End the right to act, at once."""
    is_guardian = request.POST.get("as") == "guardian"

    def work() -> None:
        patient_of(desk, other)
        guardian, cared_for = (other, patient) if is_guardian else (patient, other)
        end_dependant(guardian_id=guardian, patient_id=cared_for, today=desk.today)

    return write(request, desk, patient, "dependants", work, _("Ended."))
