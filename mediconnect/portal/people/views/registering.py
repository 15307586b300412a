"""Register somebody new, once: who may be the same person is shown before anything is written."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from mediconnect.api.access import DESK
from mediconnect.errors import DomainError
from mediconnect.portal.booking.reading.people import guess
from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.once import once
from mediconnect.portal.people.forms import new_patient
from mediconnect.portal.people.languages import languages_with
from mediconnect.portal.showing import done, refused, show
from patients.errors import PossibleDuplicate
from patients.services.registration import register


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page(roles=DESK)
def new_patient_page(request: DeskRequest, desk: Desk) -> HttpResponse:
    """Show the form, filled in with what a search says of somebody new where one led here; register what it describes."""
    if request.method != "POST" or "begin" in request.POST:
        return _form(request, desk, {"typed": _guessed(request, desk)})

    def work() -> dict[str, Any]:
        patient = register(
            clinic_id=desk.clinic.pk,
            person=new_patient(request.POST.dict()),
            today=desk.today,
            confirm_duplicate="confirm_duplicate" in request.POST,
        )
        return {"patient": patient.pk}

    try:
        made = once(request, desk, work)
    except PossibleDuplicate as suspicion:
        suspects = suspicion.extra["duplicates"]
        return _form(request, desk, {"typed": request.POST, "suspects": suspects}, status=suspicion.status)
    except DomainError as refusal:
        words = {"typed": request.POST, "refusal": refused(refusal)}
        return _form(request, desk, words, status=refusal.status)
    address = reverse("portal:patient", kwargs={"clinic": desk.clinic.pk, "patient": made["patient"]})
    return done(request, _("Registered."), to=address)


def _guessed(request: DeskRequest, desk: Desk) -> Mapping[str, str]:
    """Return what the words of a search that found nobody say of somebody new."""
    newcomer = guess(desk, request.POST.get("q", ""))
    return {
        "given_name": newcomer.given_name,
        "family_name": newcomer.family_name,
        "birth_date": newcomer.birth_date,
        "phone": newcomer.phone,
    }


def _form(request: DeskRequest, desk: Desk, words: Mapping[str, Any], *, status: int = 200) -> HttpResponse:
    languages = languages_with(words["typed"].get("language", ""))
    context = {"room": "patients", "languages": languages, **words}
    return show(request, desk, "portal/people/new.html", context, status=status)
