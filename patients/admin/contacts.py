"""The pages of contact points."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from mediconnect.accounts.administration import Clinics, ClinicScoped
from mediconnect.records.administration import SeenForm, WritingAdmin
from patients.models import ContactPoint, ContactSystem, Patient, Registration
from patients.rules.contacts import country_of, masked_email, masked_phone
from patients.services.contacts import ContactChange, NewContact, add_contact_point, change_contact_point

from .finding import of_people


class ContactPointForm(SeenForm):
    """A way to reach somebody; one line, as numbers and addresses are."""

    value = forms.CharField(max_length=254)


@admin.register(ContactPoint)
class ContactPointAdmin(ClinicScoped, WritingAdmin):
    """How patients are reached. Lists mask every value; a page opens it for those who may change it."""

    why = "A number or address is never rewritten, since consent was given for that one: retire it and add the new one."
    form = ContactPointForm
    list_display = ("patient", "system", "masked", "rank", "consent", "verified_at", "active")
    list_filter = ("system", "consent", "active", "verified_at")
    list_select_related = ("patient",)
    search_fields = ("patient__search_name",)
    search_help_text = "part of a name, birth date, phone, record number or e-mail address"
    date_hierarchy = "created_at"
    ordering = ("-created_at",)
    autocomplete_fields = ("patient",)

    def within(self, rows: QuerySet[Any], clinics: Clinics) -> QuerySet[Any]:
        """Return those of the patients of these clinics."""
        return rows.filter(patient__in=Patient.objects.at_clinics(clinics))

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> tuple[Any, bool]:
        """Search as the desk does."""
        return (queryset.filter(of_people(request, search_term, "patient")) if search_term.strip() else queryset), False

    def get_fields(self, request: HttpRequest, obj: Any | None = None) -> tuple[str, ...]:
        """Return what is shown: the value itself only to those who may change it."""
        if obj is None:
            return ("patient", "system", "value", "rank", "consent")
        value = "value" if self.has_change_permission(request, obj) else "masked"
        return (
            "patient",
            "system",
            value,
            "rank",
            "consent",
            "active",
            "verified_at",
            "version",
            "created_at",
            "updated_at",
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any | None = None) -> tuple[str, ...]:
        """Return what is not edited: whose it is and what it is stay as they were given."""
        kept = ("patient", "system", "value", "masked", "verified_at", "version", "created_at", "updated_at")
        return kept if obj is not None else ()

    def add(self, request: HttpRequest, form: SeenForm) -> Model:
        """Add a way to reach the patient; a number without a country code is read as one of the patient's clinic."""
        values = form.cleaned_data
        home = Registration.objects.filter(patient=values["patient"]).order_by("created_at")
        region = home.values_list("clinic__region", flat=True).first() or ""
        return add_contact_point(
            patient_id=values["patient"].pk,
            contact=NewContact(
                system=values["system"], value=values["value"], rank=values["rank"], consent=values["consent"]
            ),
            country=country_of(region),
        )

    def change(self, request: HttpRequest, form: SeenForm) -> Model:
        """Change rank or consent, or retire it."""
        return change_contact_point(
            patient_id=form.instance.patient_id,
            contact_point_id=form.instance.pk,
            version=form.cleaned_data["seen"] or 0,
            change=ContactChange(**form.changes()),
        )

    @admin.display(description="value")
    def masked(self, point: ContactPoint) -> str:
        """Return as much of the value as its owner would recognise."""
        return masked_phone(point.value) if point.system == ContactSystem.PHONE else masked_email(point.value)
