"""The doors of a provider's hours and time off."""

import uuid
from typing import Any, ClassVar, Final, TypeVar

from django.db.models import QuerySet
from django.http import HttpResponse

from mediconnect.api.access import CLINIC_ADMIN, PROVIDER, STAFF, Access, AccessTable
from mediconnect.api.answers import HttpAnswer
from mediconnect.api.fields import as_date, as_flag, as_uuid, members, query_words, required
from mediconnect.api.pages import page
from mediconnect.api.requests import ApiRequest
from mediconnect.errors import NotFound
from mediconnect.idempotency import idempotent
from providers.models import OneOffHours, TimeOff, WorkingHours
from providers.rules.clock import days_as_span, start_of_day
from providers.services import absences, hours

from . import reading, rendering, schema
from .asking import Calendar, SetupView, calendar_of

_READ: Final = Access(staff=STAFF)
_WRITE: Final = Access(staff=frozenset({PROVIDER, CLINIC_ADMIN}))
_LIST: Final[AccessTable] = {"GET": _READ, "POST": _WRITE}
_ROW: Final[AccessTable] = {"GET": _READ, "PATCH": _WRITE, "DELETE": _WRITE}

Row = TypeVar("Row", WorkingHours, OneOffHours, TimeOff)


def _row(rows: QuerySet[Row], row_id: uuid.UUID) -> Row:
    row = rows.filter(pk=row_id).first()
    if row is None:
        raise NotFound
    return row


def _working_hours(calendar: Calendar) -> QuerySet[WorkingHours]:
    return WorkingHours.objects.filter(resource=calendar.provider.pk, clinic__in=calendar.zones)


def _one_off_hours(calendar: Calendar) -> QuerySet[OneOffHours]:
    return OneOffHours.objects.filter(resource=calendar.provider.pk, clinic__in=calendar.zones)


def _time_off(calendar: Calendar) -> QuerySet[TimeOff]:
    return TimeOff.objects.filter(resource=calendar.provider.pk)


class _Hours(SetupView):
    """An endpoint of a provider's calendar."""

    def may_see(self, request: ApiRequest, resource_id: uuid.UUID) -> bool:
        """Return whether the caller still sees the calendar; `get` and `post` of the same path ask nothing more."""
        try:
            calendar_of(request.principal, self.kwargs["provider_id"])
        except NotFound:
            return False
        return True


class WorkingHoursList(_Hours):
    """Hours that come back."""

    access: ClassVar[AccessTable] = _LIST

    @schema.list_working_hours
    def get(self, request: ApiRequest, provider_id: uuid.UUID) -> HttpResponse:
        """List them, at the caller's clinics."""
        query = query_words(request, ("clinic", "limit", "cursor"))
        rows = _working_hours(calendar_of(request.principal, provider_id))
        if clinic := query.get("clinic"):
            rows = rows.filter(clinic=as_uuid(clinic, "clinic"))
        return page(request, rows, rendering.working_hours, order=("valid_from", "id"))

    @schema.add_working_hours
    @idempotent(fresh_reads=True)
    def post(self, request: ApiRequest, provider_id: uuid.UUID) -> HttpResponse:
        """Add hours; openings follow at once."""
        body = members(request, (*reading.HOURS, "clinic"))
        wanted, dry_run = reading.new_working_hours(body), reading.is_dry_run(request)
        clinic_id = calendar_of(request.principal, provider_id).clinic_of(body)
        return self.created(
            request,
            lambda: hours.add_working_hours(
                resource_id=provider_id, clinic_id=clinic_id, hours=wanted, dry_run=dry_run
            ),
            rendering.working_hours,
        )


class WorkingHoursDetail(_Hours):
    """One line of hours that come back."""

    access: ClassVar[AccessTable] = _ROW

    @schema.read_working_hours
    def get(self, request: ApiRequest, provider_id: uuid.UUID, row_id: uuid.UUID) -> HttpResponse:
        """Show it."""
        row = _row(_working_hours(calendar_of(request.principal, provider_id)), row_id)
        return HttpAnswer(rendering.working_hours(row), version=row.version)

    @schema.change_working_hours
    def patch(self, request: ApiRequest, provider_id: uuid.UUID, row_id: uuid.UUID) -> HttpResponse:
        """Change it from now on; what is past stays open as it was."""
        change = reading.working_hours_change(members(request, (*reading.HOURS, "version")))
        calendar = calendar_of(request.principal, provider_id)
        calendar.require_writable(_row(_working_hours(calendar), row_id).clinic_id)
        return self.changed(
            request,
            lambda expected, dry_run: hours.change_working_hours(
                hours_id=row_id, version=expected.version, change=change, dry_run=dry_run
            ),
            rendering.working_hours,
        )

    @schema.end_working_hours
    def delete(self, request: ApiRequest, provider_id: uuid.UUID, row_id: uuid.UUID) -> HttpResponse:
        """End it with yesterday, or take it away if it has not begun."""
        calendar = calendar_of(request.principal, provider_id)
        calendar.require_writable(_row(_working_hours(calendar), row_id).clinic_id)
        return self.changed(
            request,
            lambda expected, dry_run: hours.end_working_hours(
                hours_id=row_id, version=expected.version, dry_run=dry_run
            ),
            rendering.working_hours,
        )


class OneOffHoursList(_Hours):
    """Hours on one date."""

    access: ClassVar[AccessTable] = _LIST

    @schema.list_one_off_hours
    def get(self, request: ApiRequest, provider_id: uuid.UUID) -> HttpResponse:
        """List them by date, at the caller's clinics."""
        query = query_words(request, ("clinic", "from", "to", "limit", "cursor"))
        rows = _one_off_hours(calendar_of(request.principal, provider_id))
        if clinic := query.get("clinic"):
            rows = rows.filter(clinic=as_uuid(clinic, "clinic"))
        if first := query.get("from"):
            rows = rows.filter(date__gte=as_date(first, "from"))
        if last := query.get("to"):
            rows = rows.filter(date__lte=as_date(last, "to"))
        return page(request, rows, rendering.one_off_hours, order=("date", "id"))

    @schema.add_one_off_hours
    @idempotent(fresh_reads=True)
    def post(self, request: ApiRequest, provider_id: uuid.UUID) -> HttpResponse:
        """Add hours on one date, public holiday or not."""
        body = members(request, (*reading.ONE_OFF, "clinic"))
        wanted, dry_run = reading.new_one_off_hours(body), reading.is_dry_run(request)
        clinic_id = calendar_of(request.principal, provider_id).clinic_of(body)
        return self.created(
            request,
            lambda: hours.add_one_off_hours(
                resource_id=provider_id, clinic_id=clinic_id, hours=wanted, dry_run=dry_run
            ),
            rendering.one_off_hours,
        )


class OneOffHoursDetail(_Hours):
    """Hours on one date."""

    access: ClassVar[AccessTable] = _ROW

    @schema.read_one_off_hours
    def get(self, request: ApiRequest, provider_id: uuid.UUID, row_id: uuid.UUID) -> HttpResponse:
        """Show them."""
        row = _row(_one_off_hours(calendar_of(request.principal, provider_id)), row_id)
        return HttpAnswer(rendering.one_off_hours(row), version=row.version)

    @schema.change_one_off_hours
    def patch(self, request: ApiRequest, provider_id: uuid.UUID, row_id: uuid.UUID) -> HttpResponse:
        """Change them from now on."""
        change = reading.one_off_hours_change(members(request, (*reading.ONE_OFF, "version")))
        calendar = calendar_of(request.principal, provider_id)
        calendar.require_writable(_row(_one_off_hours(calendar), row_id).clinic_id)
        return self.changed(
            request,
            lambda expected, dry_run: hours.change_one_off_hours(
                hours_id=row_id, version=expected.version, change=change, dry_run=dry_run
            ),
            rendering.one_off_hours,
        )

    @schema.remove_one_off_hours
    def delete(self, request: ApiRequest, provider_id: uuid.UUID, row_id: uuid.UUID) -> HttpResponse:
        """Take them away; the history keeps them."""
        calendar = calendar_of(request.principal, provider_id)
        calendar.require_writable(_row(_one_off_hours(calendar), row_id).clinic_id)
        return self.changed(
            request,
            lambda expected, dry_run: hours.remove_one_off_hours(
                hours_id=row_id, version=expected.version, dry_run=dry_run
            ),
            rendering.one_off_hours,
        )


class _TimeOff(_Hours):
    """An endpoint of a provider's time off."""

    def render(self, calendar: Calendar, row: TimeOff) -> dict[str, Any]:
        """Return the row as this caller may see it."""
        return rendering.absence(row, calendar.zone, with_reason=calendar.sees_reasons)


class TimeOffList(_TimeOff):
    """When a provider is away, wherever it works."""

    access: ClassVar[AccessTable] = _LIST

    @schema.list_time_off
    def get(self, request: ApiRequest, provider_id: uuid.UUID) -> HttpResponse:
        """List time off in order, what was withdrawn with `?cancelled=true` alone."""
        query = query_words(request, ("from", "to", "cancelled", "limit", "cursor"))
        calendar = calendar_of(request.principal, provider_id)
        rows = _time_off(calendar).filter(cancelled=as_flag(query.get("cancelled", "false"), "cancelled"))
        if first := query.get("from"):
            rows = rows.filter(ends_at__gt=start_of_day(as_date(first, "from"), calendar.zone))
        if last := query.get("to"):
            day = as_date(last, "to")
            rows = rows.filter(starts_at__lt=days_as_span(day, day, calendar.zone)[1])
        return page(request, rows, lambda row: self.render(calendar, row), order=("starts_at", "id"))

    @schema.enter_time_off
    @idempotent(fresh_reads=True)
    def post(self, request: ApiRequest, provider_id: uuid.UUID) -> HttpResponse:
        """Enter time off from instant to instant, or whole days by a clinic's clock."""
        body = members(request, (*reading.ABSENCE, "clinic"))
        dry_run = reading.is_dry_run(request)
        calendar = calendar_of(request.principal, provider_id)
        calendar.require_any()
        start = reading.absence_start(required(body, "start"), calendar.zone_of(body))
        end = reading.absence_end(required(body, "end"), calendar.zone_of(body))
        reason = reading.values_of(body, ("reason",)).get("reason", "")
        return self.created(
            request,
            lambda: absences.enter_time_off(
                resource_id=provider_id, starts_at=start, ends_at=end, reason=reason, dry_run=dry_run
            ),
            lambda row: self.render(calendar, row),
        )


class TimeOffDetail(_TimeOff):
    """One absence of a provider."""

    access: ClassVar[AccessTable] = _ROW

    @schema.read_time_off
    def get(self, request: ApiRequest, provider_id: uuid.UUID, row_id: uuid.UUID) -> HttpResponse:
        """Show it."""
        calendar = calendar_of(request.principal, provider_id)
        row = _row(_time_off(calendar), row_id)
        return HttpAnswer(self.render(calendar, row), version=row.version)

    @schema.change_time_off
    def patch(self, request: ApiRequest, provider_id: uuid.UUID, row_id: uuid.UUID) -> HttpResponse:
        """Move, annotate or withdraw it."""
        body = members(request, (*reading.ABSENCE, "clinic", "cancelled", "version"))
        calendar = calendar_of(request.principal, provider_id)
        _row(_time_off(calendar), row_id)
        calendar.require_any()
        change = reading.absence_change(body, calendar.zone_of(body))
        return self.changed(
            request,
            lambda expected, dry_run: absences.change_time_off(
                time_off_id=row_id, version=expected.version, change=change, dry_run=dry_run
            ),
            lambda row: self.render(calendar, row),
        )

    @schema.withdraw_time_off
    def delete(self, request: ApiRequest, provider_id: uuid.UUID, row_id: uuid.UUID) -> HttpResponse:
        """Withdraw it; it stays on record."""
        calendar = calendar_of(request.principal, provider_id)
        _row(_time_off(calendar), row_id)
        calendar.require_any()
        return self.changed(
            request,
            lambda expected, dry_run: absences.withdraw_time_off(
                time_off_id=row_id, version=expected.version, dry_run=dry_run
            ),
            lambda row: self.render(calendar, row),
        )
