"""The doors of rooms and devices."""

import uuid
from typing import Any, cast

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from mediconnect.api.access import ADMINS
from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.setup.editing import Origin, Outcome, attempt, finished, status_of
from mediconnect.portal.setup.forms.places import NewResourceForm, ResourceForm
from mediconnect.portal.setup.reading.offers import kinds_known, resource_of, stands_of
from mediconnect.portal.setup.reading.overview import address
from mediconnect.portal.showing import show
from providers.models import Resource, ResourceKind
from providers.services.places import ResourceChange, add_resource, change_resource

_PART = {"room": "setup", "part": "rooms"}


@require_safe
@desk_page(roles=ADMINS)
def rooms(request: DeskRequest, desk: Desk) -> HttpResponse:
    """List rooms and devices with the types that ask for them."""
    stands = dict(zip(("rooms", "devices"), stands_of(desk), strict=True))
    return show(request, desk, "portal/setup/rooms.html", {**_PART, **stands})


@desk_page(roles=ADMINS)
def new_room(request: DeskRequest, desk: Desk) -> HttpResponse:
    """Bring a room or a device in."""
    listed, outcome = address(desk, "setup-rooms"), Outcome()
    kind = ResourceKind.DEVICE if request.GET.get("kind") == ResourceKind.DEVICE else ResourceKind.ROOM
    form = NewResourceForm(request.POST or None, initial={"kind": kind})
    if form.is_valid():

        def work() -> dict[str, Any]:
            edit = add_resource(clinic_id=desk.clinic.pk, **form.values())
            return {"id": edit.record.pk}

        outcome = attempt(request, desk, form, work, at=Origin(request.path, listed))
        if outcome.answer is not None:
            return finished(request, _("Added. It can be used at any time."), to=listed)
    return _shown(request, desk, form, outcome)


@desk_page(roles=ADMINS)
def edit_room(request: DeskRequest, desk: Desk, resource: uuid.UUID) -> HttpResponse:
    """Rename a room or device, sort it otherwise, or put it out of use."""
    row, listed, outcome = resource_of(desk, resource), address(desk, "setup-rooms"), Outcome()
    form = ResourceForm(request.POST or None, initial=ResourceForm.initial_of(desk, row))
    if form.is_valid():

        def work() -> dict[str, Any]:
            version, change = form.cleaned_data["version"] or 0, cast("ResourceChange", form.values())
            change_resource(resource_id=row.pk, version=version, change=change)
            return {}

        outcome = attempt(request, desk, form, work, at=Origin(request.path, request.path))
        if outcome.answer is not None:
            return finished(request, _("Saved."), to=listed)
    return _shown(request, desk, form, outcome, row)


def _shown(
    request: DeskRequest, desk: Desk, form: ResourceForm, outcome: Outcome, row: Resource | None = None
) -> HttpResponse:
    of_rooms, of_devices = kinds_known(desk)
    kinds = of_devices if row is not None and row.kind == ResourceKind.DEVICE else of_rooms
    if row is None:
        kinds = sorted({*of_rooms, *of_devices})
    words = {**_PART, "form": form, "row": row, "kinds": kinds, **outcome.words}
    return show(request, desk, "portal/setup/room.html", words, status=status_of(form, outcome))
