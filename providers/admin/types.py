"""The pages of types of visit, and of how single providers differ from them."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from mediconnect.accounts.administration import ByClinic, ClinicScoped
from mediconnect.records.administration import WritingAdmin
from providers.models import AppointmentType, TypeOverride


@admin.register(AppointmentType)
class AppointmentTypeAdmin(ClinicScoped, WritingAdmin):
    """What kinds of visit a clinic offers."""

    why = "A type that is no longer offered is made inactive, never deleted. Visits that are booked keep their length."
    list_display = ("name", "clinic", "duration", "bookable_online", "capacity", "daily_limit", "active")
    list_filter = (ByClinic, "active", "bookable_online", "room_kind", "device_kind")
    list_select_related = ("clinic",)
    search_fields = ("name", "=id")
    date_hierarchy = "created_at"
    ordering = ("name",)
    autocomplete_fields = ("clinic",)
    fields = (
        *("clinic", "name", "duration", "buffer_before", "buffer_after", "start_grid", "colour", "bookable_online"),
        *("room_kind", "device_kind", "daily_limit", "capacity", "active"),
        *("id", "version", "created_at", "updated_at"),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any | None = None) -> tuple[str, ...]:
        """Return what is not edited: a type belongs to its clinic."""
        kept = ("id", "version", "created_at", "updated_at")
        return kept if obj is None else ("clinic", *kept)


@admin.register(TypeOverride)
class TypeOverrideAdmin(ClinicScoped, WritingAdmin):
    """How one provider differs from a type."""

    why = "Empty minutes are as the type says. Nothing is deleted: empty the minutes to go back to the type."
    clinic_path = "appointment_type__clinic"
    list_display = ("provider", "appointment_type", "offered", "duration", "buffer_before", "buffer_after")
    list_filter = ("offered", "created_at")
    list_select_related = ("provider", "appointment_type")
    search_fields = ("provider__name", "appointment_type__name")
    date_hierarchy = "created_at"
    ordering = ("-created_at",)
    autocomplete_fields = ("provider", "appointment_type")
    fields = (
        "provider",
        "appointment_type",
        "offered",
        "duration",
        "buffer_before",
        "buffer_after",
        "id",
        "created_at",
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any | None = None) -> tuple[str, ...]:
        """Return what is not edited: another provider or type is another override."""
        return ("id", "created_at") if obj is None else ("provider", "appointment_type", "id", "created_at")
