"""The pages of patients and of their registrations."""

import datetime as dt
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import Model, Prefetch, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from mediconnect.accounts.administration import ByClinic, Clinics, ClinicScoped, clinics_of
from mediconnect.errors import Invalid
from mediconnect.records.administration import SeenForm, WritingAdmin
from mediconnect.records.administration.refusals import sentences
from patients.errors import PossibleDuplicate
from patients.models import Patient, Registration
from patients.services.changes import PatientChange, change_patient
from patients.services.registration import NewPatient, register, register_at
from providers.models import Clinic

from .finding import of_people, people

PERSON = ("given_name", "family_name", "birth_date", "language", "timezone", "notes")


def today() -> dt.date:
    """Return the day as the database counts it (UTC)."""
    return timezone.now().date()


class PatientForm(SeenForm):
    """A patient; a new one also says which clinic it comes to."""

    clinic = forms.ModelChoiceField(Clinic.objects.none(), help_text="where the patient is registered first")
    record_number = forms.CharField(max_length=40, required=False, help_text="empty: the next free one")
    confirm_duplicate = forms.BooleanField(
        required=False, help_text="this is somebody else than the people that were found to be alike"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the administrator's clinics for a new patient, and none for one that is there."""
        super().__init__(*args, **kwargs)
        if self.instance._state.adding:  # noqa: SLF001  Django's own way to ask
            self.fields["clinic"].queryset = self.clinics  # type: ignore[attr-defined]
        else:
            for name in ("clinic", "record_number", "confirm_duplicate"):
                self.fields.pop(name, None)

    clinics: ClassVar[QuerySet[Clinic]] = Clinic.objects.none()


class RegistrationClinic(ByClinic):
    """Patients by the clinic where they are registered."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the clinics to choose from."""
        return super().lookups(request, model_admin.admin_site.get_model_admin(Registration))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the patients registered at the chosen clinic; of a malformed choice none."""
        chosen = self.chosen()
        return queryset if chosen is None else queryset.at_clinics(chosen)  # type: ignore[attr-defined]


@admin.register(Patient)
class PatientAdmin(ClinicScoped, WritingAdmin):
    """Who is seen. A patient is retired, never deleted; notes are for those who may write them."""

    why = "A patient is retired by taking away “active”, never deleted. Phones and addresses are contact points of their own."
    form = PatientForm
    list_display = ("family_name", "given_name", "birth_date", "record_numbers", "language", "has_account", "active")
    list_display_links = ("family_name", "given_name")
    list_filter = ("active", RegistrationClinic, "language", "created_at")
    search_fields = ("search_name",)
    search_help_text = "part of a name, birth date, phone, record number or e-mail address"
    date_hierarchy = "created_at"
    ordering = ("family_name", "given_name", "id")

    def within(self, rows: QuerySet[Any], clinics: Clinics) -> QuerySet[Any]:
        """Return the patients registered at these clinics."""
        return rows.at_clinics(clinics)  # type: ignore[attr-defined, no-any-return]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the patients, each with the registrations that this administrator may see."""
        registrations = Registration.objects.select_related("clinic").order_by("clinic__name")
        clinics = clinics_of(request)
        if clinics is not None:
            registrations = registrations.filter(clinic__in=clinics)
        return super().get_queryset(request).prefetch_related(Prefetch("registrations", registrations, "known_at"))

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> tuple[Any, bool]:
        """Search as the desk does, within what this administrator may see."""
        return (queryset.filter(people(request, search_term)) if search_term.strip() else queryset), False

    def get_fields(self, request: HttpRequest, obj: Any | None = None) -> tuple[str, ...]:
        """Return what is shown; the notes are opened for those who may write them alone."""
        if obj is None:
            return (*PERSON, "clinic", "record_number", "confirm_duplicate")
        person = PERSON if self.has_change_permission(request, obj) else PERSON[:-1]
        return (*person, "active", *self.get_readonly_fields(request, obj))

    def get_readonly_fields(self, request: HttpRequest, obj: Any | None = None) -> tuple[str, ...]:
        """Return what is not edited here: the account is claimed by its owner."""
        shown = ("record_numbers", "user", "source_identifier", "id", "version", "created_at", "updated_at")
        return shown if obj is not None else ()

    def get_form(self, request: HttpRequest, obj: Any | None = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002
        """Return the form, with the clinics where this administrator may register somebody."""
        made: Any = super().get_form(request, obj, change=change, **kwargs)
        made.clinics = self.admin_site.get_model_admin(Clinic).get_queryset(request)
        return made

    def add(self, request: HttpRequest, form: SeenForm) -> Model:
        """Register a new person at a clinic."""
        values = form.cleaned_data
        clinics = clinics_of(request)
        return register(
            clinic_id=values["clinic"].pk,
            person=NewPatient(**{name: values[name] for name in PERSON}),
            record_number=values["record_number"] or None,
            among=Clinic.objects.values_list("pk", flat=True) if clinics is None else clinics,
            confirm_duplicate=values["confirm_duplicate"],
            today=today(),
        )

    def change(self, request: HttpRequest, form: SeenForm) -> Model:
        """Change what is written about the patient."""
        changes = form.changes()
        if "birth_date" in changes and changes["birth_date"] is None:
            raise Invalid.field("birth_date", "A birth date is corrected, not taken away.")
        return change_patient(
            patient_id=form.instance.pk,
            version=form.cleaned_data["seen"] or 0,
            change=PatientChange(**changes),
            today=today(),
        )

    def told(self, refusal: Exception, request: HttpRequest) -> dict[str, list[str]]:
        """Name the people who may be the same."""
        if not isinstance(refusal, PossibleDuplicate):
            return sentences(refusal)
        alike = [
            f"{found['given_name']} {found['family_name']}, born {found['birth_date'] or 'on an unknown day'}"
            for found in refusal.extra["duplicates"]
        ]
        return {"confirm_duplicate": [f"{refusal.title}: {'; '.join(alike)}. Say so if it is somebody else."]}

    @admin.display(description="record numbers")
    def record_numbers(self, patient: Any) -> str:
        """Return each number with its clinic."""
        return ", ".join(f"{known.record_number} ({known.clinic})" for known in patient.known_at)

    @admin.display(description="account", boolean=True)
    def has_account(self, patient: Patient) -> bool:
        """Return whether the patient signs in."""
        return patient.user_id is not None


@admin.register(Registration)
class RegistrationAdmin(ClinicScoped, WritingAdmin):
    """Which clinic knows whom. A record number is given once: papers bear it."""

    why = (
        "A patient is registered at a further clinic here. A record number is never changed: papers and files bear it."
    )
    list_display = ("record_number", "patient", "clinic", "created_at")
    list_filter = (ByClinic, "created_at")
    list_select_related = ("patient", "clinic")
    search_fields = ("record_number", "patient__search_name")
    search_help_text = "part of a name, birth date, phone, record number or e-mail address"
    date_hierarchy = "created_at"
    ordering = ("-created_at",)
    autocomplete_fields = ("patient", "clinic")
    fields = ("patient", "clinic", "record_number")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: the number is on papers."""
        return False

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> tuple[Any, bool]:
        """Search as the desk does."""
        return (queryset.filter(of_people(request, search_term, "patient")) if search_term.strip() else queryset), False

    def get_form(self, request: HttpRequest, obj: Any | None = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002
        """Return a form that does without a record number: the next free one is given."""
        made: Any = super().get_form(request, obj, change=change, **kwargs)
        if "record_number" in made.base_fields:
            made.base_fields["record_number"].required = False
            made.base_fields["record_number"].help_text = "empty: the next free one"
        return made

    def add(self, request: HttpRequest, form: SeenForm) -> Model:
        """Register a known patient at a further clinic."""
        values = form.cleaned_data
        return register_at(
            patient_id=values["patient"].pk,
            clinic_id=values["clinic"].pk,
            record_number=values["record_number"] or None,
        )
