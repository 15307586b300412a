"""The doors of visits: book and list, read and note, move, cancel, and each step of the day."""

import uuid
from typing import Any, ClassVar, Final

from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse

from appointments.models import Appointment, Status
from appointments.queries.visits import COLUMNS, history_of, require_visible, visible_to, visit_columns
from appointments.services.booking import book_appointment
from appointments.services.cancelling import cancel_appointment
from appointments.services.flow import advance_appointment
from appointments.services.moving import KEPT, reschedule_appointment
from appointments.services.noting import note_appointment
from appointments.services.undoing import undo_last_step
from mediconnect.api.access import STAFF, Access, AccessTable
from mediconnect.api.answers import HttpAnswer
from mediconnect.api.fields import as_choice, as_instant, as_text, as_uuid, members, query_words, required
from mediconnect.api.pages import page
from mediconnect.api.requests import ApiRequest
from mediconnect.api.versions import expected_version
from mediconnect.api.views import ApiView
from mediconnect.errors import Invalid, NotFound, VersionConflict
from mediconnect.idempotency import idempotent

from . import schema
from .asking import booking_of, caller_of, minutes_of, override_of, second_of
from .calendar import calendar_file
from .history import render_change
from .rendering import columns_of, render

READ: Final = Access(patient="appointments:read", staff=STAFF)
WRITE: Final = Access(patient="appointments:write", staff=STAFF)
STAFF_ONLY: Final = Access(staff=STAFF)


class VisitView(ApiView):
    """What the doors of one visit share: who may see it, and how it and its conflicts are shown."""

    def may_see(self, request: ApiRequest, resource_id: uuid.UUID) -> bool:
        """Return whether the caller may still see the visit of a stored answer."""
        return visible_to(request.principal).filter(pk=resource_id).exists()

    def shown(self, request: ApiRequest, visit: Appointment, timezone: str, *, status: int = 200) -> HttpAnswer:
        """Answer with the visit and its version."""
        data = render(columns_of(visit, timezone), request.principal)
        location = reverse("appointment", args=[visit.pk]) if status == 201 else ""
        return HttpAnswer(data, status=status, version=visit.version, location=location, resource_id=visit.pk)

    def handle_exception(self, exc: Exception) -> Any:
        """Show the visit as it now is beside a version conflict, in the caller's own view of it."""
        visit = getattr(exc, "visit", None)
        if isinstance(exc, VersionConflict) and visit is not None:
            request: Any = self.request
            exc.extra["current"] = render(columns_of(visit, visit.clinic.timezone), request.principal)
        return super().handle_exception(exc)


class AppointmentsView(VisitView):
    """Book a visit; list visits."""

    access: ClassVar[AccessTable] = {"GET": READ, "POST": WRITE}

    @schema.list_appointments
    def get(self, request: ApiRequest) -> HttpResponse:
        """List the caller's visits by start."""
        return page(
            request,
            _filtered(request).values(*COLUMNS),
            lambda row: render(row, request.principal),
            order=("starts_at", "id"),
        )

    @schema.book
    @idempotent(required=True)
    def post(self, request: ApiRequest) -> HttpResponse:
        """Book a visit."""
        visit, terms = book_appointment(booking_of(request), caller=caller_of(request))
        return self.shown(request, visit, terms.timezone, status=201)


def _filtered(request: ApiRequest) -> QuerySet[Appointment]:
    query = query_words(request, {"from", "to", "status", "provider", "patient", "clinic", "limit", "cursor"})
    visits = visible_to(request.principal)
    if query.get("from"):
        visits = visits.filter(ends_at__gt=as_instant(query["from"], "from"))
    if query.get("to"):
        visits = visits.filter(starts_at__lt=as_instant(query["to"], "to"))
    if query.get("status"):
        words = str(query["status"]).split(",")
        visits = visits.filter(status__in=[as_choice(word, "status", Status.values) for word in words])
    for name in ("provider", "patient", "clinic"):
        if query.get(name):
            visits = visits.filter(**{name: as_uuid(query[name], name)})
    return visits


class AppointmentView(VisitView):
    """One visit: read it, change its notes."""

    access: ClassVar[AccessTable] = {"GET": READ, "PATCH": WRITE}

    @schema.read_appointment
    def get(self, request: ApiRequest, appointment_id: uuid.UUID) -> HttpResponse:
        """Show the visit."""
        row = visit_columns(request.principal, appointment_id)
        return HttpAnswer(render(row, request.principal), version=row["version"])

    @schema.note_appointment
    @idempotent()
    def patch(self, request: ApiRequest, appointment_id: uuid.UUID) -> HttpResponse:
        """Change the reason or the notes."""
        notes = {"reason": 1000, "patient_note": 1000} | (
            {"internal_note": 4000} if request.principal.kind == "staff" else {}
        )
        body = members(request, {*notes, "version"})
        require_visible(request.principal, appointment_id)
        expected = expected_version(request)
        texts = {name: as_text(body[name], name, longest=longest) for name, longest in notes.items() if name in body}
        if not texts:
            raise Invalid.field("body", f"Name what to change: {', '.join(notes)}.")
        visit = note_appointment(
            appointment_id=appointment_id, notes=texts, expected=expected, caller=caller_of(request)
        )
        return self.shown(request, visit, visit.clinic.timezone)


class RescheduleView(VisitView):
    """Move a visit."""

    access: ClassVar[AccessTable] = {"POST": WRITE}

    @schema.reschedule
    @idempotent()
    def post(self, request: ApiRequest, appointment_id: uuid.UUID) -> HttpResponse:
        """Move the visit; its old time is freed only if the new one is won."""
        body = members(request, {"start", "provider", "second_provider", "minutes", "version", "override"})
        require_visible(request.principal, appointment_id)
        visit, terms = reschedule_appointment(
            appointment_id=appointment_id,
            start=as_instant(required(body, "start"), "start"),
            provider_id=as_uuid(body["provider"], "provider") if body.get("provider") is not None else None,
            expected=expected_version(request),
            caller=caller_of(request),
            override=override_of(request, body),
            minutes=minutes_of(body),
            second_provider_id=second_of(request, body) if "second_provider" in body else KEPT,
        )
        return self.shown(request, visit, terms.timezone)


class CancelView(VisitView):
    """Cancel a visit."""

    access: ClassVar[AccessTable] = {"POST": WRITE}

    @schema.cancel
    @idempotent()
    def post(self, request: ApiRequest, appointment_id: uuid.UUID) -> HttpResponse:
        """Cancel the visit for a coded reason; its time is free at once."""
        body = members(request, {"reason", "version"})
        require_visible(request.principal, appointment_id)
        visit = cancel_appointment(
            appointment_id=appointment_id,
            reason=as_text(required(body, "reason"), "reason", longest=24),
            expected=expected_version(request),
            caller=caller_of(request),
        )
        return self.shown(request, visit, visit.clinic.timezone)


class StepView(VisitView):
    """One step of a visit's day; `step` is set by the address."""

    step = ""
    access: ClassVar[AccessTable] = {"POST": STAFF_ONLY}

    @schema.take_step
    @idempotent()
    def post(self, request: ApiRequest, appointment_id: uuid.UUID) -> HttpResponse:
        """Take the step; one out of order is refused."""
        members(request, {"version"})
        require_visible(request.principal, appointment_id)
        visit = advance_appointment(
            appointment_id=appointment_id, step=self.step, expected=expected_version(request), caller=caller_of(request)
        )
        return self.shown(request, visit, visit.clinic.timezone)


class ConfirmView(StepView):
    """Confirm a visit: the one step that a patient takes as well."""

    step = "confirm"
    access: ClassVar[AccessTable] = {"POST": WRITE}


class UndoView(VisitView):
    """Take a visit's last step back."""

    access: ClassVar[AccessTable] = {"POST": STAFF_ONLY}

    @schema.undo
    @idempotent()
    def post(self, request: ApiRequest, appointment_id: uuid.UUID) -> HttpResponse:
        """Return the visit to where it stood before its last step."""
        members(request, {"version"})
        require_visible(request.principal, appointment_id)
        visit = undo_last_step(
            appointment_id=appointment_id, expected=expected_version(request), caller=caller_of(request)
        )
        return self.shown(request, visit, visit.clinic.timezone)


class CalendarView(VisitView):
    """A visit as a calendar file."""

    access: ClassVar[AccessTable] = {"GET": READ}

    @schema.calendar
    def get(self, request: ApiRequest, appointment_id: uuid.UUID) -> HttpResponse:
        """Return the visit as iCalendar: the same UID for ever, a SEQUENCE that rises, CANCEL once cancelled."""
        visit = (
            visible_to(request.principal)
            .select_related("clinic", "provider", "appointment_type")
            .filter(pk=appointment_id)
            .first()
        )
        if visit is None:
            raise NotFound
        return calendar_file(visit)


class HistoryView(VisitView):
    """A visit's history."""

    access: ClassVar[AccessTable] = {"GET": STAFF_ONLY}

    @schema.history
    def get(self, request: ApiRequest, appointment_id: uuid.UUID) -> HttpResponse:
        """List who changed what, before and after, oldest first."""
        query_words(request, {"limit", "cursor"})
        require_visible(request.principal, appointment_id)
        return page(request, history_of(appointment_id), render_change, order=("id",))
