"""The doors of who sees patients at a clinic: begun, changed, ended."""

import uuid
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from mediconnect.api.access import ADMINS
from mediconnect.errors import DomainError
from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.once import acted, once
from mediconnect.portal.previews import Shown, in_the_way, shown
from mediconnect.portal.setup.editing import Origin, Outcome, attempt, finished, status_of
from mediconnect.portal.setup.forms.people import NewProviderForm, ProviderForm
from mediconnect.portal.setup.reading.overview import address
from mediconnect.portal.setup.reading.people import differences_of, known_providers, practitioner_of, sign_ins_for
from mediconnect.portal.showing import refused, show
from providers.errors import VisitsInTheWay
from providers.models import Provider
from providers.services.editing import Preview
from providers.services.places import add_provider, change_resource
from providers.services.practitioners import (
    add_practitioner_role,
    change_specialty,
    end_practitioner_role,
    give_sign_in,
)

_PART = {"room": "setup", "part": "people"}


@desk_page(roles=ADMINS)
def new_provider(request: DeskRequest, desk: Desk) -> HttpResponse:
    """Let somebody see patients here: somebody new, or somebody known."""
    outcome, listed = Outcome(), address(desk, "setup-people")
    form = NewProviderForm(request.POST or None).with_known(known_providers(desk))
    form.with_members(sign_ins_for(desk))
    if form.is_valid():
        outcome = attempt(request, desk, form, lambda: _begin(desk, form.values()), at=Origin(request.path, listed))
        if outcome.answer is not None:
            page = address(desk, "provider", provider=outcome.answer["id"])
            return finished(request, _("Added. Hours come next: without them nothing can be booked."), to=page)
    words = {**_PART, "form": form, **outcome.words}
    return show(request, desk, "portal/setup/provider_new.html", words, status=status_of(form, outcome))


@desk_page(roles=ADMINS)
def edit_provider(request: DeskRequest, desk: Desk, provider: uuid.UUID) -> HttpResponse:
    """Change name, specialty and sign-in of a provider."""
    role, outcome = practitioner_of(desk, provider), Outcome()
    form = ProviderForm(request.POST or None, initial=ProviderForm.initial_of(desk, role.provider))
    form.with_members(_sign_ins(desk, role.provider))
    if form.is_valid():
        outcome = attempt(
            request,
            desk,
            form,
            lambda: _change(desk, provider, form.cleaned_data),
            at=Origin(request.path, request.path),
        )
        if outcome.answer is not None:
            return finished(request, _("Saved."), to=address(desk, "setup-people"))
    words = {**_PART, "form": form, "role": role, "differences": differences_of(desk, provider), **outcome.words}
    return show(request, desk, "portal/setup/provider.html", words, status=status_of(form, outcome))


@desk_page(roles=ADMINS)
def end(request: DeskRequest, desk: Desk, provider: uuid.UUID) -> HttpResponse:
    """Ask once, with what it closes and touches, then let a provider cease to work here."""
    role, refusal, status = practitioner_of(desk, provider), None, 200
    if request.method == "POST":
        try:
            once(request, desk, lambda: _end(desk, provider), fresh_reads=True)
        except VisitsInTheWay as error:
            refusal, status, preview = refused(error), error.status, in_the_way(desk, error.touched)
        except DomainError as error:
            refusal, status, preview = refused(error), error.status, None
        else:
            return finished(request, _("Done. Hours here ended with yesterday."), to=address(desk, "setup-people"))
    else:
        preview = _rehearsed(desk, provider)
    back = address(desk, "setup-provider", provider=provider)
    words = {**_PART, "role": role, "preview": preview, "refusal": refusal, "back": back}
    return show(request, desk, "portal/setup/provider_end.html", words, status=status)


def _begin(desk: Desk, said: dict[str, Any]) -> dict[str, Any]:
    """Carry out what the form for a new provider says."""
    clinic, known, specialty = desk.clinic.pk, said.get("known"), said["specialty"]
    if known is not None:
        provider = add_practitioner_role(provider_id=known, clinic_id=clinic, specialty=specialty).provider_id
    else:
        provider = add_provider(name=said["name"], clinic_id=clinic, specialty=specialty).pk
    if said["user"] is not None:
        give_sign_in(provider_id=provider, clinic_id=clinic, user_id=said["user"])
    return {"id": provider}


def _change(desk: Desk, provider: uuid.UUID, said: dict[str, Any]) -> dict[str, Any]:
    """Carry out what the form for a provider says; the version is that of the provider's own row."""
    clinic = desk.clinic.pk
    change_resource(resource_id=provider, version=said["version"] or 0, change={"name": said["name"]})
    change_specialty(provider_id=provider, clinic_id=clinic, specialty=said["specialty"])
    give_sign_in(provider_id=provider, clinic_id=clinic, user_id=said["user"])
    return {}


def _end(desk: Desk, provider: uuid.UUID) -> dict[str, Any]:
    end_practitioner_role(provider_id=provider, clinic_id=desk.clinic.pk)
    return {}


def _rehearsed(desk: Desk, provider: uuid.UUID) -> Shown:
    """Return what the end would close and touch."""

    def work() -> Preview:
        return end_practitioner_role(provider_id=provider, clinic_id=desk.clinic.pk, dry_run=True).preview

    return shown(desk, acted(desk, work, fresh_reads=True))


def _sign_ins(desk: Desk, provider: Provider) -> list[tuple[str, str]]:
    """Return who may sign in as the provider; a sign-in from another clinic is kept as it is, by no name."""
    choices = sign_ins_for(desk, provider)
    if provider.user_id is not None and str(provider.user_id) not in dict(choices):
        choices.insert(0, (str(provider.user_id), _("The sign-in of another clinic")))
    return choices
