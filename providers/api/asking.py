"""Whose clinics and calendars a caller may read and write: the one place where setup endpoints are scoped."""

import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse

from mediconnect.api.access import CLINIC_ADMIN, PROVIDER, Access
from mediconnect.api.answers import HttpAnswer
from mediconnect.api.fields import as_uuid, required
from mediconnect.api.principal import Principal
from mediconnect.api.requests import ApiRequest
from mediconnect.api.versions import Expected, expected_version
from mediconnect.api.views import ApiView
from mediconnect.errors import Invalid, NotFound, NotPermitted
from mediconnect.resilience.transactions import decide
from mediconnect.telemetry.request_id import current_request_id
from providers.models import Clinic, Provider
from providers.queries.directory import clinics_visible_to, clinics_where_works, providers_visible_to
from providers.services.editing import Edit

from . import rendering
from .reading import is_dry_run


@dataclass(frozen=True, slots=True)
class AnybodyAccess(Access):
    """Everybody who is signed in, whatever their token is for: the directory holds nothing of any patient."""

    def check(self, principal: Principal) -> None:
        """Let everyone in: who calls is known by now."""


def clinic_seen(principal: Principal, clinic_id: uuid.UUID) -> Clinic:
    """Return the clinic if the caller works there; raises `NotFound`."""
    clinic = clinics_visible_to(principal).filter(pk=clinic_id).first()
    if clinic is None:
        raise NotFound
    return clinic


def clinic_run(principal: Principal, clinic_id: uuid.UUID) -> Clinic:
    """Return the clinic if the caller runs it; raises `NotFound`, or `NotPermitted` where it only works there."""
    clinic = clinic_seen(principal, clinic_id)
    if not principal.may(CLINIC_ADMIN, clinic_id):
        raise NotPermitted
    return clinic


@dataclass(frozen=True, slots=True)
class Calendar:
    """A provider's calendar as far as the caller is concerned: where the provider works that the caller sees and may write."""

    provider: Provider
    zones: dict[uuid.UUID, str]
    writable: Collection[uuid.UUID]
    sees_reasons: bool

    @property
    def zone(self) -> ZoneInfo:
        """Return the zone in which times of the whole calendar are shown: that of the first clinic by name."""
        return ZoneInfo(next(iter(self.zones.values()), "UTC"))

    def require_writable(self, clinic_id: uuid.UUID) -> None:
        """Raise `NotFound` for a clinic that is not the caller's or the provider's, `NotPermitted` for one it may only read."""
        if clinic_id not in self.zones:
            raise NotFound
        if clinic_id not in self.writable:
            raise NotPermitted

    def require_any(self) -> None:
        """Raise `NotPermitted` unless the caller may write at one of the provider's clinics."""
        if not self.writable:
            raise NotPermitted

    def clinic_of(self, body: dict[str, Any]) -> uuid.UUID:
        """Return the clinic that the body names, or the only one there is to write at."""
        self.require_any()
        if body.get("clinic") is None and len(self.writable) == 1:
            return next(iter(self.writable))
        clinic_id = as_uuid(required(body, "clinic"), "clinic")
        self.require_writable(clinic_id)
        return clinic_id

    def zone_of(self, body: dict[str, Any]) -> Callable[[], ZoneInfo]:
        """Return how to find the zone in which the body's dates are meant: the named clinic's, or the only one."""

        def zone() -> ZoneInfo:
            if body.get("clinic") is not None:
                clinic_id = as_uuid(body["clinic"], "clinic")
                if clinic_id not in self.zones:
                    raise NotFound
                return ZoneInfo(self.zones[clinic_id])
            if len(set(self.zones.values())) != 1:
                raise Invalid.field("clinic", "Name the clinic by whose clock these days are meant.")
            return self.zone

        return zone


def calendar_of(principal: Principal, provider_id: uuid.UUID) -> Calendar:
    """Return the provider's calendar; raises `NotFound` unless the provider works at one of the caller's clinics."""
    provider = providers_visible_to(principal).filter(pk=provider_id).prefetch_related(None).first()
    if provider is None:
        raise NotFound
    mine = provider.user_id is not None and provider.user_id == principal.user_id
    zones = clinics_where_works(provider_id, None if principal.is_superuser else principal.clinics())
    writable = [
        clinic_id
        for clinic_id in zones
        if principal.may(CLINIC_ADMIN, clinic_id) or (mine and principal.may(PROVIDER, clinic_id))
    ]
    return Calendar(provider, zones, writable, bool(writable))


Do = Callable[[], Edit[Any]]


class SetupView(ApiView):
    """An endpoint that edits what a clinic is made of, each edit with a rehearsal: `?dry_run=true`."""

    def created(self, request: ApiRequest, do: Do, render: Callable[[Any], dict[str, Any]]) -> HttpResponse:
        """Answer a POST, which runs in the transaction of `@idempotent`: the new row, or the preview of a rehearsal."""
        with rendering.refusals(request.principal, render):
            edit = do()
        if is_dry_run(request):
            return HttpAnswer(rendering.preview(request.principal, edit.preview))
        row = edit.record
        location = f"{request.path}{row.pk}/"
        return HttpAnswer(render(row), status=201, version=row.version, location=location, resource_id=row.pk)

    def changed(
        self, request: ApiRequest, do: Callable[[Expected, bool], Edit[Any]], render: Callable[[Any], dict[str, Any]]
    ) -> HttpResponse:
        """Answer a PATCH or DELETE: the row as it is now (nothing after a DELETE), or the preview of a rehearsal."""
        dry_run, expected = is_dry_run(request), expected_version(request)
        with rendering.refusals(request.principal, render, expected):
            edit = decide(
                lambda: do(expected, dry_run),
                actor_id=request.principal.user_id,
                request_id=current_request_id(),
                fresh_reads=True,
            )
        if dry_run:
            return HttpAnswer(rendering.preview(request.principal, edit.preview))
        if request.method == "DELETE":
            return HttpAnswer(status=204)
        return HttpAnswer(render(edit.record), version=edit.record.version)
