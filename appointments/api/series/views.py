"""The doors of series: plan and book, list and read, cancel, move and restore, and the file for a calendar. Staff only."""

import uuid
from typing import Any, ClassVar, Final

from django.http import HttpResponse
from django.urls import reverse

from appointments.api.asking import caller_of
from appointments.api.calendar import series_file
from appointments.errors import SeriesConflicts
from appointments.queries.series.reading import series_visible_to, visible_series, who_may_be_offered
from appointments.services.series.booking import book_series, plan_series
from appointments.services.series.cancelling import SeriesChange, cancel_series, restore_series
from appointments.services.series.moving import move_series, plan_move
from mediconnect.api.access import STAFF, Access, AccessTable
from mediconnect.api.answers import HttpAnswer
from mediconnect.api.fields import as_text, as_uuid, members, query_words, required
from mediconnect.api.pages import page
from mediconnect.api.requests import ApiRequest
from mediconnect.api.views import ApiView
from mediconnect.errors import VersionConflict
from mediconnect.idempotency import idempotent
from providers.models import AppointmentType

from . import schema
from .reading import MOVE, is_dry_run, scope_of, series_booking_of, series_move_of, versions_of
from .rendering import render_change, render_plan, render_series, render_whole

STAFF_ONLY: Final = Access(staff=STAFF)


class _SeriesDoor(ApiView):
    """What the doors of series share: who may see one, and how a plan or a conflict is shown."""

    def may_see(self, request: ApiRequest, resource_id: uuid.UUID) -> bool:
        """Return whether the caller may still see the series of a stored answer."""
        return series_visible_to(request.principal).filter(pk=resource_id).exists()

    def changed(self, request: ApiRequest, change: SeriesChange) -> HttpAnswer:
        """Answer with the series after a change."""
        data = render_change(change.series, change.changed, change.left, request.principal)
        return HttpAnswer(data, version=data["version"], resource_id=change.series.pk)

    def handle_exception(self, exc: Exception) -> Any:
        """Show the plan beside a conflict, and the series as it now is beside a version that is no longer the one."""
        request: Any = self.request
        if isinstance(exc, SeriesConflicts):
            exc.extra["plan"] = render_plan(exc.plan)
        elif isinstance(exc, VersionConflict) and "series_id" in self.kwargs:
            series = visible_series(request.principal, self.kwargs["series_id"])
            exc.extra["current"] = render_whole(series, request.principal)
        return super().handle_exception(exc)


class AllSeriesView(_SeriesDoor):
    """Plan and book a series; list series."""

    access: ClassVar[AccessTable] = {"GET": STAFF_ONLY, "POST": STAFF_ONLY}

    @schema.list_series
    def get(self, request: ApiRequest) -> HttpResponse:
        """List the series, the latest first."""
        query = query_words(request, {"patient", "provider", "clinic", "limit", "cursor"})
        series = series_visible_to(request.principal).select_related("clinic")
        for name in ("patient", "provider", "clinic"):
            if query.get(name):
                series = series.filter(**{name: as_uuid(query[name], name)})
        return page(request, series, render_series, order=("created_at", "id"), descending=True)

    @schema.book_series
    @idempotent(required=True)
    def post(self, request: ApiRequest) -> HttpResponse:
        """Book every visit of the series, or none; a dry run answers with what each of them would meet."""
        dry_run, wanted, caller = is_dry_run(request), series_booking_of(request), caller_of(request)
        clinic = AppointmentType.objects.values_list("clinic_id", flat=True).get(pk=wanted.appointment_type_id)
        only = who_may_be_offered(request.principal, clinic)
        if dry_run:
            return HttpAnswer(render_plan(plan_series(wanted, caller=caller, only=only)))
        series, _visits, _terms = book_series(wanted, caller=caller, only=only)
        data = render_whole(series, request.principal)
        location = reverse("series-one", args=[series.pk])
        return HttpAnswer(data, status=201, version=series.version, location=location, resource_id=series.pk)


class SeriesView(_SeriesDoor):
    """One series."""

    access: ClassVar[AccessTable] = {"GET": STAFF_ONLY}

    @schema.read_series
    def get(self, request: ApiRequest, series_id: uuid.UUID) -> HttpResponse:
        """Show the series with its visits."""
        series = visible_series(request.principal, series_id)
        return HttpAnswer(render_whole(series, request.principal), version=series.version)


class SeriesCancelView(_SeriesDoor):
    """Cancel visits of a series."""

    access: ClassVar[AccessTable] = {"POST": STAFF_ONLY}

    @schema.cancel_series
    @idempotent()
    def post(self, request: ApiRequest, series_id: uuid.UUID) -> HttpResponse:
        """Cancel this visit, it and those that follow, or all that are still to come."""
        visible_series(request.principal, series_id)
        body = members(request, {"scope", "occurrence", "reason", "versions"})
        scope, seen_from = scope_of(body)
        change = cancel_series(
            series_id=series_id,
            scope=scope,
            seen_from=seen_from,
            reason=as_text(required(body, "reason"), "reason", longest=24),
            versions=versions_of(body),
            caller=caller_of(request),
        )
        return self.changed(request, change)


class SeriesMoveView(_SeriesDoor):
    """Move visits of a series."""

    access: ClassVar[AccessTable] = {"POST": STAFF_ONLY}

    @schema.move_series
    @idempotent()
    def post(self, request: ApiRequest, series_id: uuid.UUID) -> HttpResponse:
        """Move what follows to another time of day, weekday or provider, all of it or nothing; a dry run plans it."""
        dry_run, series = is_dry_run(request), visible_series(request.principal, series_id)
        wanted, caller = series_move_of(request, series), caller_of(request)
        only = who_may_be_offered(request.principal, series.clinic_id)
        if dry_run:
            return HttpAnswer(render_plan(plan_move(series_id=series_id, wanted=wanted, caller=caller, only=only)))
        versions = versions_of(members(request, MOVE))
        change = move_series(series_id=series_id, wanted=wanted, versions=versions, caller=caller, only=only)
        return self.changed(request, change)


class SeriesRestoreView(_SeriesDoor):
    """Take a cancellation of visits of a series back."""

    access: ClassVar[AccessTable] = {"POST": STAFF_ONLY}

    @schema.restore_series
    @idempotent()
    def post(self, request: ApiRequest, series_id: uuid.UUID) -> HttpResponse:
        """Win the times of all these visits again, within two minutes, or of none."""
        visible_series(request.principal, series_id)
        body = members(request, {"versions"})
        change = restore_series(series_id=series_id, versions=versions_of(body), caller=caller_of(request))
        return self.changed(request, change)


class SeriesCalendarView(_SeriesDoor):
    """A series as a calendar file."""

    access: ClassVar[AccessTable] = {"GET": STAFF_ONLY}

    @schema.calendar
    def get(self, request: ApiRequest, series_id: uuid.UUID) -> HttpResponse:
        """Return all visits of the series in one iCalendar file, each as its own event with the UID that it keeps."""
        return series_file(visible_series(request.principal, series_id))
