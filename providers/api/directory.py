"""The directory: clinics, providers and types of visit, for everybody who is signed in."""

import uuid
from typing import ClassVar, Final

from django.http import HttpResponse

from mediconnect.api.access import ADMINS, STAFF, Access, AccessTable
from mediconnect.api.answers import HttpAnswer
from mediconnect.api.fields import members, query_words
from mediconnect.api.pages import page
from mediconnect.api.requests import ApiRequest
from mediconnect.api.views import ApiView
from mediconnect.errors import NotFound
from providers.queries.directory import (
    clinics_visible_to,
    clinics_with,
    providers_visible_to,
    providers_with,
    roles_visible_to,
    types_visible_to,
    types_with,
)
from providers.services.places import change_clinic

from . import reading, rendering, schema
from .asking import AnybodyAccess, SetupView, clinic_run

ANYBODY: Final = AnybodyAccess(staff=STAFF)
_WORDS: Final = ("clinic", "specialty", "q", "appointment_type", "limit", "cursor")


class Clinics(ApiView):
    """The clinics."""

    access: ClassVar[AccessTable] = {"GET": ANYBODY}

    @schema.list_clinics
    def get(self, request: ApiRequest) -> HttpResponse:
        """List them by name: patients see those that are open, staff their own."""
        wanted = reading.searched(query_words(request, _WORDS))
        rows = clinics_with(clinics_visible_to(request.principal), **wanted)
        return page(request, rows, rendering.clinic, order=("name", "id"))


class ClinicDetail(SetupView):
    """One clinic."""

    access: ClassVar[AccessTable] = {"GET": ANYBODY, "PATCH": Access(staff=ADMINS)}

    @schema.read_clinic
    def get(self, request: ApiRequest, clinic_id: uuid.UUID) -> HttpResponse:
        """Show it with its booking policy."""
        row = clinics_visible_to(request.principal).filter(pk=clinic_id).first()
        if row is None:
            raise NotFound
        return HttpAnswer(rendering.clinic(row), version=row.version)

    @schema.change_clinic
    def patch(self, request: ApiRequest, clinic_id: uuid.UUID) -> HttpResponse:
        """Change name, zone, region or policy; a new zone or region moves everybody's openings."""
        values = reading.values_of(members(request, (*reading.CLINIC, "version")), reading.CLINIC)
        clinic_run(request.principal, clinic_id)
        return self.changed(
            request,
            lambda expected, dry_run: change_clinic(
                clinic_id=clinic_id, version=expected.version, values=values, dry_run=dry_run
            ),
            rendering.clinic,
        )


class Providers(ApiView):
    """The providers."""

    access: ClassVar[AccessTable] = {"GET": ANYBODY}

    @schema.list_providers
    def get(self, request: ApiRequest) -> HttpResponse:
        """List them by name, each with the clinics where the caller may see it work."""
        wanted, principal = reading.searched(query_words(request, _WORDS)), request.principal
        rows = providers_with(providers_visible_to(principal), among=roles_visible_to(principal), **wanted)
        return page(request, rows, rendering.provider, order=("name", "id"))


class ProviderDetail(ApiView):
    """One provider."""

    access: ClassVar[AccessTable] = {"GET": ANYBODY}

    @schema.read_provider
    def get(self, request: ApiRequest, provider_id: uuid.UUID) -> HttpResponse:
        """Show who it is and where it works."""
        row = providers_visible_to(request.principal).filter(pk=provider_id).first()
        if row is None:
            raise NotFound
        return HttpAnswer(rendering.provider(row), version=row.version)


class AppointmentTypes(ApiView):
    """The types of visit."""

    access: ClassVar[AccessTable] = {"GET": ANYBODY}

    @schema.list_types
    def get(self, request: ApiRequest) -> HttpResponse:
        """List them by name: patients see what they can book, staff all of their clinics."""
        wanted = reading.searched(query_words(request, _WORDS))
        rows = types_with(types_visible_to(request.principal), **wanted)
        return page(request, rows, rendering.kind, order=("name", "id"))


class AppointmentTypeDetail(ApiView):
    """One type of visit."""

    access: ClassVar[AccessTable] = {"GET": ANYBODY}

    @schema.read_type
    def get(self, request: ApiRequest, type_id: uuid.UUID) -> HttpResponse:
        """Show how long it takes and what it needs."""
        row = types_visible_to(request.principal).filter(pk=type_id).first()
        if row is None:
            raise NotFound
        return HttpAnswer(rendering.kind(row), version=row.version)
