"""The door of a clinic's policies."""

import zoneinfo
from typing import Final

from django.http import HttpResponse
from django.utils.translation import gettext as _

from mediconnect.api.access import ADMINS
from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.setup.editing import Origin, Outcome, attempt, finished, rehearse, status_of
from mediconnect.portal.setup.forms.places import PolicyForm
from mediconnect.portal.showing import show
from providers.models import Clinic
from providers.services.editing import Edit
from providers.services.places import change_clinic

# Zones by continent and city, for the field that suggests them; the others are names of the past.
_CONTINENTS: Final = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
_ZONES: Final = sorted(name for name in zoneinfo.available_timezones() if name.startswith(_CONTINENTS) and "/" in name)


@desk_page(roles=ADMINS)
def policies(request: DeskRequest, desk: Desk) -> HttpResponse:
    """Change the clinic and its rules; what moves openings is shown first."""
    clinic, outcome = desk.clinic, Outcome()
    form = PolicyForm(request.POST or None, initial=PolicyForm.initial_of(desk, clinic))
    if form.is_valid():

        def do(*, dry_run: bool) -> Edit[Clinic]:
            version = form.cleaned_data["version"] or 0
            return change_clinic(clinic_id=clinic.pk, version=version, values=form.values(), dry_run=dry_run)

        def work() -> dict[str, object]:
            return {"version": do(dry_run=False).record.version}

        at = Origin(request.path, request.path)
        ahead = rehearse(request, desk, form, lambda: do(dry_run=True), at=at)
        outcome = ahead or attempt(request, desk, form, work, at=at)
        if outcome.answer is not None:
            return finished(request, _("Saved. It holds from now on."), to=request.path)
    words = {"room": "setup", "part": "policies", "form": form, "zones": _ZONES, **outcome.words}
    return show(request, desk, "portal/setup/policies.html", words, status=status_of(form, outcome))
