"""The doors of types of visit, and of how providers differ from them."""

import uuid
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from mediconnect.api.access import ADMINS
from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.setup.editing import Origin, Outcome, attempt, finished, status_of
from mediconnect.portal.setup.forms.types import DifferenceForm, TypeForm
from mediconnect.portal.setup.reading.offers import (
    Differing,
    kinds_known,
    provider_beside,
    providers_beside,
    type_of,
    types_of,
)
from mediconnect.portal.setup.reading.overview import address
from mediconnect.portal.showing import show
from providers.models import AppointmentType
from providers.services.kinds import add_appointment_type, change_appointment_type, override_type

_PART = {"room": "setup", "part": "types"}


@require_safe
@desk_page(roles=ADMINS)
def types(request: DeskRequest, desk: Desk) -> HttpResponse:
    """List the types of visit."""
    return show(request, desk, "portal/setup/types.html", {**_PART, "types": types_of(desk)})


@desk_page(roles=ADMINS)
def new_type(request: DeskRequest, desk: Desk) -> HttpResponse:
    """Offer a new type."""
    form, outcome, listed = TypeForm(request.POST or None), Outcome(), address(desk, "setup-types")
    if form.is_valid():

        def work() -> dict[str, Any]:
            return {"id": add_appointment_type(clinic_id=desk.clinic.pk, values=form.values()).record.pk}

        outcome = attempt(request, desk, form, work, at=Origin(request.path, listed))
        if outcome.answer is not None:
            return finished(request, _("The type of visit is offered."), to=listed)
    return _shown(request, desk, form, outcome)


@desk_page(roles=ADMINS)
def edit_type(request: DeskRequest, desk: Desk, kind: uuid.UUID) -> HttpResponse:
    """Change a type for bookings from now on."""
    row, outcome, listed = type_of(desk, kind), Outcome(), address(desk, "setup-types")
    form = TypeForm(request.POST or None, initial=TypeForm.initial_of(desk, row))
    if form.is_valid():

        def work() -> dict[str, Any]:
            version, values = form.cleaned_data["version"] or 0, form.values()
            change_appointment_type(appointment_type_id=row.pk, version=version, values=values)
            return {}

        outcome = attempt(request, desk, form, work, at=Origin(request.path, request.path))
        if outcome.answer is not None:
            return finished(request, _("Saved. Visits that are booked keep their length."), to=listed)
    return _shown(request, desk, form, outcome, row=row, differing=providers_beside(desk, row))


@desk_page(roles=ADMINS)
def difference(request: DeskRequest, desk: Desk, kind: uuid.UUID, provider: uuid.UUID) -> HttpResponse:
    """Say how one provider differs from a type."""
    row = type_of(desk, kind)
    beside, back, outcome = provider_beside(desk, row, provider), address(desk, "setup-type", kind=kind), Outcome()
    form = DifferenceForm(request.POST or None, initial=_own(beside)).with_usual(_minutes(row))
    if form.is_valid():

        def work() -> dict[str, Any]:
            override_type(provider_id=provider, appointment_type_id=kind, **form.values())
            return {}

        outcome = attempt(request, desk, form, work, at=Origin(request.path, back))
        if outcome.answer is not None:
            return finished(request, _("Saved for bookings from now on."), to=back)
    words = {**_PART, "form": form, "row": row, "beside": beside, "back": back, **outcome.words}
    return show(request, desk, "portal/setup/difference.html", words, status=status_of(form, outcome))


def _shown(request: DeskRequest, desk: Desk, form: TypeForm, outcome: Outcome, **more: object) -> HttpResponse:
    rooms, devices = kinds_known(desk)
    words = {**_PART, "form": form, "kinds_of_room": rooms, "kinds_of_device": devices, **outcome.words, **more}
    return show(request, desk, "portal/setup/type.html", words, status=status_of(form, outcome))


def _own(beside: Differing) -> dict[str, Any]:
    own = {name: getattr(beside.own, name, None) for name in ("duration", "buffer_before", "buffer_after")}
    return {"offered": beside.offered, **own}


def _minutes(kind: AppointmentType) -> dict[str, int]:
    return {"duration": kind.duration, "buffer_before": kind.buffer_before, "buffer_after": kind.buffer_after}
