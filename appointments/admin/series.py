"""Series, to read: they are booked, moved and cancelled by their visits, at the desk or by the API."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from appointments.models import Series
from mediconnect.accounts.administration import ByClinic, ClinicScoped
from mediconnect.records.administration import ReadOnlyAdmin
from patients.admin.finding import of_people


@admin.register(Series)
class SeriesAdmin(ClinicScoped, ReadOnlyAdmin):
    """The rules that visits were made from. What later happened to each visit is the visit's own."""

    why = "A series is booked and changed as a whole at the desk, or by the API; each of its visits stands among the visits."
    list_display = ("rrule", "starts_on", "start_time", "size", "patient", "provider", "appointment_type", "clinic")
    list_filter = (ByClinic, "starts_on", ("cancelled_at", admin.EmptyFieldListFilter))
    list_select_related = ("clinic", "patient", "provider", "appointment_type")
    search_fields = ("=id",)
    search_help_text = "part of a patient's name, birth date, phone or record number"
    date_hierarchy = "starts_on"
    ordering = ("-created_at",)

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> tuple[Any, bool]:
        """Search the patients as the desk does."""
        return (queryset.filter(of_people(request, search_term, "patient")) if search_term.strip() else queryset), False
