"""The doors of what a clinic is made of: closures, rooms, devices, types of visit."""

import uuid
from typing import Any, ClassVar, Final

from django.db.models import Model, QuerySet
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema_view

from mediconnect.api.access import ADMINS, STAFF, Access, AccessTable
from mediconnect.api.answers import HttpAnswer
from mediconnect.api.fields import as_date, as_flag, members, query_words, required
from mediconnect.api.pages import page
from mediconnect.api.requests import ApiRequest
from mediconnect.errors import NotFound
from mediconnect.idempotency import idempotent
from providers.models import AppointmentType, Closure, ResourceKind
from providers.queries.directory import clinics_visible_to, resources_of
from providers.rules.clock import days_as_span, start_of_day
from providers.services import absences, kinds, places

from . import reading, rendering, schema
from .asking import SetupView, clinic_run, clinic_seen

_READ: Final = Access(staff=STAFF)
_WRITE: Final = Access(staff=ADMINS)
_LIST: Final[AccessTable] = {"GET": _READ, "POST": _WRITE}
_ROW: Final[AccessTable] = {"GET": _READ, "PATCH": _WRITE}
_ENDING_ROW: Final[AccessTable] = {**_ROW, "DELETE": _WRITE}


def _row(rows: QuerySet[Any], row_id: uuid.UUID) -> Any:
    row: Model | None = rows.filter(pk=row_id).first()
    if row is None:
        raise NotFound
    return row


class _OfClinic(SetupView):
    """An endpoint below a clinic."""

    def may_see(self, request: ApiRequest, resource_id: uuid.UUID) -> bool:
        """Return whether the caller still works at the clinic."""
        return clinics_visible_to(request.principal).filter(pk=self.kwargs["clinic_id"]).exists()


class Closures(_OfClinic):
    """When a clinic is closed."""

    access: ClassVar[AccessTable] = _LIST

    @schema.list_closures
    def get(self, request: ApiRequest, clinic_id: uuid.UUID) -> HttpResponse:
        """List closures in order, what was withdrawn with `?cancelled=true` alone."""
        query = query_words(request, ("from", "to", "cancelled", "limit", "cursor"))
        zone = clinic_seen(request.principal, clinic_id).zone
        cancelled = as_flag(query.get("cancelled", "false"), "cancelled")
        rows = Closure.objects.filter(clinic=clinic_id, cancelled=cancelled)
        if first := query.get("from"):
            rows = rows.filter(ends_at__gt=start_of_day(as_date(first, "from"), zone))
        if last := query.get("to"):
            day = as_date(last, "to")
            rows = rows.filter(starts_at__lt=days_as_span(day, day, zone)[1])
        return page(request, rows, lambda row: rendering.absence(row, zone), order=("starts_at", "id"))

    @schema.enter_closure
    @idempotent(fresh_reads=True)
    def post(self, request: ApiRequest, clinic_id: uuid.UUID) -> HttpResponse:
        """Close the clinic from instant to instant, or for whole days by its own clock."""
        body, dry_run = members(request, reading.ABSENCE), reading.is_dry_run(request)
        zone = clinic_run(request.principal, clinic_id).zone
        start = reading.absence_start(required(body, "start"), lambda: zone)
        end = reading.absence_end(required(body, "end"), lambda: zone)
        reason = reading.values_of(body, ("reason",)).get("reason", "")
        return self.created(
            request,
            lambda: absences.enter_closure(
                clinic_id=clinic_id, starts_at=start, ends_at=end, reason=reason, dry_run=dry_run
            ),
            lambda row: rendering.absence(row, zone),
        )


class ClosureDetail(_OfClinic):
    """One closure."""

    access: ClassVar[AccessTable] = _ENDING_ROW

    @schema.read_closure
    def get(self, request: ApiRequest, clinic_id: uuid.UUID, row_id: uuid.UUID) -> HttpResponse:
        """Show it."""
        zone = clinic_seen(request.principal, clinic_id).zone
        row = _row(Closure.objects.filter(clinic=clinic_id), row_id)
        return HttpAnswer(rendering.absence(row, zone), version=row.version)

    @schema.change_closure
    def patch(self, request: ApiRequest, clinic_id: uuid.UUID, row_id: uuid.UUID) -> HttpResponse:
        """Move, annotate or withdraw it."""
        body = members(request, (*reading.ABSENCE, "cancelled", "version"))
        zone = clinic_run(request.principal, clinic_id).zone
        _row(Closure.objects.filter(clinic=clinic_id), row_id)
        change = reading.absence_change(body, lambda: zone)
        return self.changed(
            request,
            lambda expected, dry_run: absences.change_closure(
                closure_id=row_id, version=expected.version, change=change, dry_run=dry_run
            ),
            lambda row: rendering.absence(row, zone),
        )

    @schema.withdraw_closure
    def delete(self, request: ApiRequest, clinic_id: uuid.UUID, row_id: uuid.UUID) -> HttpResponse:
        """Withdraw it; it stays on record."""
        zone = clinic_run(request.principal, clinic_id).zone
        _row(Closure.objects.filter(clinic=clinic_id), row_id)
        return self.changed(
            request,
            lambda expected, dry_run: absences.withdraw_closure(
                closure_id=row_id, version=expected.version, dry_run=dry_run
            ),
            lambda row: rendering.absence(row, zone),
        )


class Resources(_OfClinic):
    """What stands in a clinic; `kind` says what."""

    access: ClassVar[AccessTable] = _LIST
    kind: ResourceKind

    def get(self, request: ApiRequest, clinic_id: uuid.UUID) -> HttpResponse:
        """List them by name."""
        query_words(request, ("limit", "cursor"))
        clinic_seen(request.principal, clinic_id)
        return page(request, resources_of(clinic_id, self.kind), rendering.resource, order=("name", "id"))

    @idempotent(fresh_reads=True)
    def post(self, request: ApiRequest, clinic_id: uuid.UUID) -> HttpResponse:
        """Add one; without hours of its own it can be used at any time."""
        body, dry_run = members(request, reading.RESOURCE), reading.is_dry_run(request)
        required(body, "name")
        values = {"category": ""} | reading.values_of(body, reading.RESOURCE)
        clinic_run(request.principal, clinic_id)
        return self.created(
            request,
            lambda: places.add_resource(clinic_id=clinic_id, kind=self.kind, dry_run=dry_run, **values),
            rendering.resource,
        )


class ResourceDetail(_OfClinic):
    """One thing that stands in a clinic."""

    access: ClassVar[AccessTable] = _ROW
    kind: ResourceKind

    def get(self, request: ApiRequest, clinic_id: uuid.UUID, row_id: uuid.UUID) -> HttpResponse:
        """Show it."""
        clinic_seen(request.principal, clinic_id)
        row = _row(resources_of(clinic_id, self.kind), row_id)
        return HttpAnswer(rendering.resource(row), version=row.version)

    def patch(self, request: ApiRequest, clinic_id: uuid.UUID, row_id: uuid.UUID) -> HttpResponse:
        """Rename it, sort it otherwise, or put it out of use with `active: false`."""
        change = reading.resource_change(members(request, (*reading.RESOURCE, "active", "version")))
        clinic_run(request.principal, clinic_id)
        _row(resources_of(clinic_id, self.kind), row_id)
        return self.changed(
            request,
            lambda expected, dry_run: places.change_resource(
                resource_id=row_id, version=expected.version, change=change, dry_run=dry_run
            ),
            rendering.resource,
        )


@extend_schema_view(**schema.resources("rooms"))
class Rooms(Resources):
    """The rooms of a clinic."""

    kind = ResourceKind.ROOM


@extend_schema_view(**schema.resource("rooms"))
class RoomDetail(ResourceDetail):
    """One room."""

    kind = ResourceKind.ROOM


@extend_schema_view(**schema.resources("devices"))
class Devices(Resources):
    """The devices of a clinic."""

    kind = ResourceKind.DEVICE


@extend_schema_view(**schema.resource("devices"))
class DeviceDetail(ResourceDetail):
    """One device."""

    kind = ResourceKind.DEVICE


class ClinicTypes(_OfClinic):
    """The types of visit of a clinic."""

    access: ClassVar[AccessTable] = _LIST

    @schema.list_clinic_types
    def get(self, request: ApiRequest, clinic_id: uuid.UUID) -> HttpResponse:
        """List all of them by name."""
        query_words(request, ("limit", "cursor"))
        clinic_seen(request.principal, clinic_id)
        rows = AppointmentType.objects.filter(clinic=clinic_id)
        return page(request, rows, rendering.kind, order=("name", "id"))

    @schema.add_type
    @idempotent(fresh_reads=True)
    def post(self, request: ApiRequest, clinic_id: uuid.UUID) -> HttpResponse:
        """Offer a new type of visit."""
        body, dry_run = members(request, reading.KIND), reading.is_dry_run(request)
        values = reading.values_of(body, reading.KIND)
        required(body, "name")
        clinic_run(request.principal, clinic_id)
        return self.created(
            request,
            lambda: kinds.add_appointment_type(clinic_id=clinic_id, values=values, dry_run=dry_run),
            rendering.kind,
        )


class ClinicTypeDetail(_OfClinic):
    """One type of visit of a clinic."""

    access: ClassVar[AccessTable] = _ROW

    @schema.read_clinic_type
    def get(self, request: ApiRequest, clinic_id: uuid.UUID, row_id: uuid.UUID) -> HttpResponse:
        """Show it."""
        clinic_seen(request.principal, clinic_id)
        row = _row(AppointmentType.objects.filter(clinic=clinic_id), row_id)
        return HttpAnswer(rendering.kind(row), version=row.version)

    @schema.change_type
    def patch(self, request: ApiRequest, clinic_id: uuid.UUID, row_id: uuid.UUID) -> HttpResponse:
        """Change it for bookings from now on; booked visits keep their length."""
        values = reading.values_of(members(request, (*reading.KIND, "version")), reading.KIND)
        clinic_run(request.principal, clinic_id)
        _row(AppointmentType.objects.filter(clinic=clinic_id), row_id)
        return self.changed(
            request,
            lambda expected, dry_run: kinds.change_appointment_type(
                appointment_type_id=row_id, version=expected.version, values=values, dry_run=dry_run
            ),
            rendering.kind,
        )
