"""The pages of hours, closures and time off, and of the openings that follow from them."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet

from mediconnect.accounts.administration import ByClinic, Clinics, ClinicScoped
from mediconnect.records.administration import ReadOnlyAdmin
from providers.models import Closure, OneOffHours, Opening, Resource, TimeOff, WorkingHours

from .resources import resources_at


@admin.register(WorkingHours)
class WorkingHoursAdmin(ClinicScoped, ReadOnlyAdmin):
    """Hours that come back."""

    why = ""
    list_display = ("resource", "clinic", "weekday", "rrule", "start_time", "end_time", "valid_from", "valid_until")
    list_filter = (ByClinic, "weekday", "resource__kind", "valid_from", "valid_until")
    list_select_related = ("resource", "clinic")
    search_fields = ("resource__name", "clinic__name", "=id")
    date_hierarchy = "valid_from"
    ordering = ("resource__name", "weekday", "start_time", "id")
    autocomplete_fields = ("resource", "clinic")


@admin.register(OneOffHours)
class OneOffHoursAdmin(ClinicScoped, ReadOnlyAdmin):
    """Hours on one date."""

    why = ""
    list_display = ("resource", "clinic", "date", "start_time", "end_time")
    list_filter = (ByClinic, "resource__kind", "date")
    list_select_related = ("resource", "clinic")
    search_fields = ("resource__name", "clinic__name", "=id")
    date_hierarchy = "date"
    ordering = ("-date", "start_time", "id")
    autocomplete_fields = ("resource", "clinic")


@admin.register(Closure)
class ClosureAdmin(ClinicScoped, ReadOnlyAdmin):
    """When clinics are closed."""

    why = ""
    list_display = ("clinic", "starts_at", "ends_at", "reason", "cancelled")
    list_filter = (ByClinic, "cancelled", "starts_at")
    list_select_related = ("clinic",)
    search_fields = ("clinic__name", "reason", "=id")
    date_hierarchy = "starts_at"
    ordering = ("-starts_at",)
    autocomplete_fields = ("clinic",)


@admin.register(TimeOff)
class TimeOffAdmin(ClinicScoped, ReadOnlyAdmin):
    """When somebody or something is away."""

    why = ""
    list_display = ("resource", "starts_at", "ends_at", "reason", "cancelled")
    list_filter = ("cancelled", "resource__kind", "starts_at")
    list_select_related = ("resource",)
    search_fields = ("resource__name", "=id")
    date_hierarchy = "starts_at"
    ordering = ("-starts_at",)
    autocomplete_fields = ("resource",)

    def within(self, rows: QuerySet[Any], clinics: Clinics) -> QuerySet[Any]:
        """Return the time off of whoever works, and whatever stands, at these clinics."""
        return rows.filter(resource__in=resources_at(Resource.objects.all(), clinics))


@admin.register(Opening)
class OpeningAdmin(ClinicScoped, ReadOnlyAdmin):
    """Who can be booked when, as it follows from the hours."""

    why = "Openings follow from working hours, one-off hours, closures and time off: change those."
    list_display = ("resource", "clinic", "during", "serves_all")
    list_filter = (ByClinic, "resource__kind")
    list_select_related = ("resource", "clinic")
    search_fields = ("resource__name", "clinic__name")
    ordering = ("resource__name", "during")

    @admin.display(description="every type", boolean=True)
    def serves_all(self, opening: Opening) -> bool:
        """Return whether every type of visit may be booked in it."""
        return opening.serves is None
