"""The pages of merges: that two records were made one, by whom, and whether that was undone."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from mediconnect.accounts.administration import Clinics, ClinicScoped
from mediconnect.records.administration import ReadOnlyAdmin
from patients.models import Merge, Patient

from .finding import of_people


@admin.register(Merge)
class MergeAdmin(ClinicScoped, ReadOnlyAdmin):
    """Merges of records. What each moved is not listed here: it may lie at clinics that are none of the reader's."""

    why = "Two records are made one, and two again, on the patient's page of the portal, with both side by side."
    list_display = ("kept", "gone", "merged_by", "created_at", "undone_at")
    list_filter = ("created_at", "undone_at")
    list_select_related = ("kept", "gone", "merged_by")
    search_fields = ("=id",)
    search_help_text = "part of a name, birth date, phone, record number or e-mail address"
    date_hierarchy = "created_at"
    ordering = ("-created_at",)
    fields = ("kept", "gone", "merged_by", "created_at", "undone_at", "undone_by", "id")

    def within(self, rows: QuerySet[Any], clinics: Clinics) -> QuerySet[Any]:
        """Return those of two records that these clinics know both."""
        known = Patient.objects.at_clinics(clinics)
        return rows.filter(kept__in=known, gone__in=known)

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> tuple[Any, bool]:
        """Search for either of the two as the desk does."""
        if not search_term.strip():
            return queryset, False
        return queryset.filter(of_people(request, search_term, "kept") | of_people(request, search_term, "gone")), False
