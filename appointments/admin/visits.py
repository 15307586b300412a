"""The pages of visits."""

from collections.abc import Callable
from typing import Any, Final

from django.contrib import admin, messages
from django.db.models import Model, OuterRef, QuerySet, Subquery
from django.http import HttpRequest

from appointments.models import Appointment, Source
from appointments.services.booking import Booking, Caller, Override, book_appointment
from appointments.services.cancelling import cancel_appointment
from appointments.services.flow import STEPS, advance_appointment
from appointments.services.moving import reschedule_appointment
from appointments.services.noting import note_appointment
from appointments.services.undoing import undo_last_step
from mediconnect.accounts.administration import ByClinic, ClinicScoped
from mediconnect.api.versions import Expected
from mediconnect.errors import Invalid
from mediconnect.records.administration import SeenForm, SeenRows, WritingAdmin
from mediconnect.records.administration.refusals import sentences
from patients.admin.finding import of_people
from patients.models import Registration
from providers.admin.clock import shown, typed

from .forms import VisitActionForm, VisitForm

NOTES: tuple[str, ...] = ("reason", "patient_note", "internal_note")

_STEP_WORDS: Final = {
    "confirm": "Confirm",
    "arrive": "Mark as arrived",
    "room": "Mark as in a room",
    "start": "Mark as with the provider",
    "complete": "Complete",
    "no-show": "Mark as no-show",
}


def _caller(request: HttpRequest) -> Caller:
    return Caller(request.user.pk, patients_own=False)


def _step(step: str) -> Callable[["AppointmentAdmin", HttpRequest, QuerySet[Appointment]], None]:
    """Return the action that takes one step of the day's flow with each chosen visit."""

    def take(self: "AppointmentAdmin", request: HttpRequest, chosen: QuerySet[Appointment]) -> None:
        def verb(visit: Appointment, seen: int) -> object:
            expected = Expected(seen, by_header=False)
            return advance_appointment(appointment_id=visit.pk, step=step, expected=expected, caller=_caller(request))

        self.for_each(request, chosen, verb, done="done.")

    take.__name__ = f"step_{step.replace('-', '_')}"
    return admin.action(description=_STEP_WORDS[step], permissions=["change"])(take)


@admin.register(Appointment)
class AppointmentAdmin(ClinicScoped, SeenRows, WritingAdmin):
    """Visits. Each edit is a booking, a move or a note by the same services as at the desk; none is ever deleted."""

    why = (
        "A visit is booked, moved and annotated by the rules of the clinic, as at the desk. Its status changes by the actions "
        "of the list: it is cancelled there, never deleted. Times are the clinic's own."
    )
    form = VisitForm
    action_form = VisitActionForm
    list_display = ("when", "patient", "record_number", "provider", "appointment_type", "clinic", "status", "source")
    list_display_links = ("when",)
    list_filter = (ByClinic, "status", "source", "cancellation_reason", "starts_at")
    list_select_related = ("clinic", "patient", "provider", "appointment_type")
    search_fields = ("=id",)
    search_help_text = "part of a patient's name, birth date, phone or record number"
    date_hierarchy = "starts_at"
    ordering = ("-starts_at", "-id")
    autocomplete_fields = ("appointment_type", "provider", "patient")
    actions = (*(_step(step) for step in STEPS), "cancel", "undo")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the visits, each with the patient's record number at its clinic."""
        numbers = Registration.objects.filter(patient=OuterRef("patient"), clinic=OuterRef("clinic"))
        rows: QuerySet[Any] = super().get_queryset(request)
        known: QuerySet[Any] = rows.annotate(known_as=Subquery(numbers.values("record_number")[:1]))
        return known

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> tuple[Any, bool]:
        """Search the patients as the desk does."""
        return (queryset.filter(of_people(request, search_term, "patient")) if search_term.strip() else queryset), False

    def get_fields(self, request: HttpRequest, obj: Any | None = None) -> tuple[str, ...]:
        """Return what is shown; what people wrote is opened for those who may change it alone."""
        if obj is None:
            return ("appointment_type", "provider", "patient", "start", "override", *NOTES[:2])
        if not self.has_change_permission(request, obj):
            return ("when", "provider", *self.get_readonly_fields(request, obj))
        return ("start", "provider", "override", *NOTES, *self.get_readonly_fields(request, obj))

    def get_readonly_fields(self, request: HttpRequest, obj: Any | None = None) -> tuple[str, ...]:
        """Return what follows from what is done with the visit."""
        if obj is None:
            return ()
        return (
            *("patient", "record_number", "clinic", "appointment_type", "room", "device", "session", "seat", "ends"),
            *("status", "source", "cancellation_reason", "override_reason", "overridden_by"),
            *("arrived_at", "roomed_at", "started_at", "ended_at", "id", "version", "created_at", "updated_at"),
        )

    def add(self, request: HttpRequest, form: SeenForm) -> Model:
        """Book the visit."""
        values = form.cleaned_data
        booking = Booking(
            appointment_type_id=values["appointment_type"].pk,
            provider_id=values["provider"].pk,
            patient_id=values["patient"].pk,
            start=typed(values["start"], values["appointment_type"].clinic.zone, "start"),
            source=Source.STAFF,
            reason=values["reason"],
            patient_note=values["patient_note"],
            override=_override(request, values["override"]),
        )
        visit, _terms = book_appointment(booking, caller=_caller(request))
        return visit

    def change(self, request: HttpRequest, form: SeenForm) -> Model:
        """Move the visit if its start or provider changed, then rewrite the notes that did."""
        changes = form.changes()
        visit: Appointment = form.instance
        expected = Expected(form.cleaned_data["seen"] or 0, by_header=False)
        if "start" in changes or "provider" in changes:
            visit, _terms = reschedule_appointment(
                appointment_id=visit.pk,
                start=typed(form.cleaned_data["start"], visit.clinic.zone, "start"),
                provider_id=form.cleaned_data["provider"].pk,
                expected=expected,
                caller=_caller(request),
                override=_override(request, changes.get("override", "")),
            )
            expected = Expected(visit.version, by_header=False)
        elif "override" in changes:
            raise Invalid.field("override", "An override belongs to a new time; move the visit with it.")
        notes = {name: changes[name] for name in NOTES if name in changes}
        if notes:
            visit = note_appointment(appointment_id=visit.pk, notes=notes, expected=expected, caller=_caller(request))
        return visit

    def told(self, refusal: Exception, request: HttpRequest) -> dict[str, list[str]]:
        """Name the free times that a refusal offers instead."""
        words = sentences(refusal)
        extra: dict[str, Any] = getattr(refusal, "extra", {})
        starts = [str(offer["start"]) for offer in extra.get("alternatives", [])]
        return {**words, "start": [*words.get("start", []), f"Free instead: {', '.join(starts)}."]} if starts else words

    @admin.display(description="start", ordering="starts_at")
    def when(self, visit: Appointment) -> str:
        """Return the start by the clinic's clock."""
        return shown(visit.starts_at, visit.clinic.zone)

    @admin.display(description="end")
    def ends(self, visit: Appointment) -> str:
        """Return the end by the clinic's clock."""
        return shown(visit.ends_at, visit.clinic.zone)

    @admin.display(description="record number")
    def record_number(self, visit: Any) -> str:
        """Return the patient's number at the clinic."""
        return visit.known_as or ""

    @admin.action(description="Cancel, for the reason chosen beside", permissions=["change"])
    def cancel(self, request: HttpRequest, chosen: QuerySet[Appointment]) -> None:
        """Cancel each of the visits; nothing happens without a reason."""
        reason = request.POST.get("reason", "")
        if not reason:
            self.message_user(request, "Choose a reason beside the action; nothing was cancelled.", messages.ERROR)
            return

        def verb(visit: Appointment, seen: int) -> object:
            expected = Expected(seen, by_header=False)
            return cancel_appointment(
                appointment_id=visit.pk, reason=reason, expected=expected, caller=_caller(request)
            )

        self.for_each(request, chosen, verb, done="cancelled.")

    @admin.action(description="Take back the last step", permissions=["change"])
    def undo(self, request: HttpRequest, chosen: QuerySet[Appointment]) -> None:
        """Take back the last step of each of the visits."""

        def verb(visit: Appointment, seen: int) -> object:
            expected = Expected(seen, by_header=False)
            return undo_last_step(appointment_id=visit.pk, expected=expected, caller=_caller(request))

        self.for_each(request, chosen, verb, done="taken back.")


def _override(request: HttpRequest, reason: str) -> Override | None:
    return Override(request.user.pk, reason) if reason else None  # type: ignore[arg-type]  # never anonymous here
