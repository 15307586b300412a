"""The pages of recorded rights to act for somebody else."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from mediconnect.accounts.administration import Clinics, ClinicScoped
from mediconnect.records.administration import SeenForm, SeenRows, WritingAdmin
from patients.models import Dependant, Patient
from patients.services.dependants import end_dependant, record_dependant

from .finding import of_people
from .records import today


@admin.register(Dependant)
class DependantAdmin(ClinicScoped, SeenRows, WritingAdmin):
    """Who may act for whom. A right is ended, and recorded anew where it was wrong."""

    why = "A right is ended with the action in the list and recorded anew where it was wrong; it is never rewritten or deleted."
    list_display = ("guardian", "relationship", "patient", "ends_on", "recorded_by", "created_at")
    list_filter = ("relationship", "ends_on", "created_at")
    list_select_related = ("guardian", "patient", "recorded_by")
    search_fields = ("guardian__search_name", "patient__search_name")
    search_help_text = "part of a name, birth date, phone, record number or e-mail address"
    date_hierarchy = "created_at"
    ordering = ("-created_at",)
    autocomplete_fields = ("guardian", "patient")
    actions = ("end",)

    def get_fields(self, request: HttpRequest, obj: Any | None = None) -> tuple[str, ...]:
        """Return what is shown."""
        asked = ("guardian", "patient", "relationship", "ends_on")
        return asked if obj is None else (*asked, "recorded_by", "id", "created_at")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: a right is ended, not rewritten."""
        return False

    def has_end_permission(self, request: HttpRequest) -> bool:
        """Allow whoever may change dependants in general."""
        return request.user.has_perm("patients.change_dependant")

    def within(self, rows: QuerySet[Any], clinics: Clinics) -> QuerySet[Any]:
        """Return the rights that concern patients of these clinics alone: both people are known there."""
        known = Patient.objects.at_clinics(clinics)
        return rows.filter(guardian__in=known, patient__in=known)

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> tuple[Any, bool]:
        """Search as the desk does, for either of the two."""
        if not search_term.strip():
            return queryset, False
        either = of_people(request, search_term, "guardian") | of_people(request, search_term, "patient")
        return queryset.filter(either), False

    def add(self, request: HttpRequest, form: SeenForm) -> Model:
        """Record the right as given by this administrator."""
        values = form.cleaned_data
        return record_dependant(
            guardian_id=values["guardian"].pk,
            patient_id=values["patient"].pk,
            relationship=values["relationship"],
            ends_on=values["ends_on"],
            recorded_by_id=request.user.pk,
            today=today(),
        )

    @admin.action(description="End these rights now", permissions=["end"])
    def end(self, request: HttpRequest, chosen: QuerySet[Dependant]) -> None:
        """End each of the rights at once."""

        def verb(right: Dependant, _seen: int) -> Dependant:
            return end_dependant(guardian_id=right.guardian_id, patient_id=right.patient_id, today=today())

        self.for_each(request, chosen, verb, done="ended.")
