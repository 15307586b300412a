"""The doors of how a clinic offers freed time."""

import uuid
from typing import Any, Final

from django.http import HttpResponse
from django.utils.translation import gettext as _

from appointments.models import WaitlistPolicy
from appointments.queries.waitlist.policies import policies_of
from appointments.services.waitlist.policy import follow_clinic, set_policy
from mediconnect.api.access import ADMINS
from mediconnect.errors import DomainError
from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.once import once
from mediconnect.portal.setup.editing import Origin, Outcome, finished, status_of
from mediconnect.portal.setup.forms.waitlist import TypeWaitlistPolicyForm, WaitlistPolicyForm
from mediconnect.portal.setup.reading.offers import type_of
from mediconnect.portal.setup.reading.overview import address
from mediconnect.portal.showing import show
from providers.models import AppointmentType

from .messages import met

_PART: Final = {"room": "setup", "part": "waitlist"}


@desk_page(roles=ADMINS)
def waitlist(request: DeskRequest, desk: Desk) -> HttpResponse:
    """Say how freed time is offered, for all types that have no rules of their own."""
    policies, outcome = policies_of(desk.clinic.pk), Outcome()
    general = policies[None]
    form = WaitlistPolicyForm(request.POST or None, initial=WaitlistPolicyForm.initial_of(desk, general))
    if form.is_valid():

        def work() -> dict[str, Any]:
            version = form.cleaned_data["version"] or 0
            set_policy(clinic_id=desk.clinic.pk, appointment_type_id=None, version=version, values=form.values())
            return {}

        try:
            once(request, desk, work, fresh_reads=True)
            return finished(request, _("Saved. It holds from now on."), to=request.path)
        except DomainError as error:
            usual = WaitlistPolicy(clinic=desk.clinic, version=0)
            outcome = met(desk, form, error, usual, at=Origin(request.path, request.path))
    kinds = AppointmentType.objects.filter(clinic=desk.clinic.pk, active=True).order_by("name", "id")
    types = [(kind, kind.pk in policies) for kind in kinds]
    words = {**_PART, "form": form, "types": types, **outcome.words}
    return show(request, desk, "portal/setup/waitlist.html", words, status=status_of(form, outcome))


@desk_page(roles=ADMINS)
def waitlist_type(request: DeskRequest, desk: Desk, kind: uuid.UUID) -> HttpResponse:
    """Give a type of visit rules of its own, or let it follow the clinic."""
    row, outcome, back = type_of(desk, kind), Outcome(), address(desk, "setup-waitlist")
    policies = policies_of(desk.clinic.pk)
    own = policies.get(kind)
    shown = TypeWaitlistPolicyForm.initial_of(desk, own or policies[None]) | {"own": own is not None}
    shown["version"] = own.version if own else 0
    form = TypeWaitlistPolicyForm(request.POST or None, initial=shown)
    if form.is_valid():

        def work() -> dict[str, Any]:
            version = form.cleaned_data["version"] or 0
            if form.cleaned_data["own"]:
                set_policy(clinic_id=desk.clinic.pk, appointment_type_id=kind, version=version, values=form.values())
            else:
                follow_clinic(clinic_id=desk.clinic.pk, appointment_type_id=kind, version=version)
            return {}

        try:
            once(request, desk, work, fresh_reads=True)
            return finished(request, _("Saved. It holds from now on."), to=back)
        except DomainError as error:
            usual = WaitlistPolicy(clinic=desk.clinic, appointment_type=row, version=0)
            outcome = met(desk, form, error, usual, at=Origin(request.path, request.path))
    words = {**_PART, "form": form, "kind": row, "back": back, **outcome.words}
    return show(request, desk, "portal/setup/waitlist_type.html", words, status=status_of(form, outcome))
