"""The pages of what can be booked: providers, rooms, devices, and where providers work."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from mediconnect.accounts.administration import ByClinic, Clinics, ClinicScoped
from mediconnect.records.administration import ReadOnlyAdmin, WritingAdmin
from providers.models import Device, PractitionerRole, Provider, Resource, Room


def resources_at(rows: QuerySet[Any], clinics: Clinics) -> QuerySet[Any]:
    """Return of these resources the providers who ever worked at the clinics, and the rooms and devices in them."""
    working = PractitionerRole.objects.filter(clinic__in=clinics).values("provider")
    return rows.filter(Q(clinic__in=clinics) | Q(pk__in=working))


@admin.register(Resource)
class ResourceAdmin(ClinicScoped, ReadOnlyAdmin):
    """All calendars in one list, as hours and claims refer to them."""

    why = "A calendar is a provider's, a room's or a device's: it is written on the page of that one."
    list_display = ("name", "kind", "clinic", "category", "active")
    list_filter = ("kind", "active", "category")
    list_select_related = ("clinic",)
    search_fields = ("name", "=id")
    date_hierarchy = "created_at"
    ordering = ("name",)

    def within(self, rows: QuerySet[Any], clinics: Clinics) -> QuerySet[Any]:
        """Return the providers who work at these clinics, and the rooms and devices that stand in them."""
        return resources_at(rows, clinics)


@admin.register(Provider)
class ProviderAdmin(ClinicScoped, WritingAdmin):
    """People who see patients."""

    why = "A provider who leaves is made inactive, never deleted. Where a provider works is a practitioner role; when, hours."
    list_display = ("name", "user", "active", "created_at")
    list_filter = ("active", "created_at")
    list_select_related = ("user",)
    search_fields = ("name", "=id")
    date_hierarchy = "created_at"
    ordering = ("name",)
    fields = ("name", "active", "user", "source_identifier", "id", "version", "created_at", "updated_at")
    readonly_fields = ("source_identifier", "id", "version", "created_at", "updated_at")
    autocomplete_fields = ("user",)

    def within(self, rows: QuerySet[Any], clinics: Clinics) -> QuerySet[Any]:
        """Return those who have ever worked at these clinics."""
        return rows.filter(pk__in=PractitionerRole.objects.filter(clinic__in=clinics).values("provider"))

    def get_readonly_fields(self, request: HttpRequest, obj: Any | None = None) -> tuple[str, ...]:
        """Return what is not edited; whose sign-in a provider has is a superuser's to say, as it opens a calendar."""
        mine = () if getattr(request.user, "is_superuser", False) else ("user",)
        return (*self.readonly_fields, *mine)


class _InAClinic(ClinicScoped, WritingAdmin):
    """A room or a device."""

    list_display = ("name", "category", "clinic", "active")
    list_filter = (ByClinic, "active", "category")
    list_select_related = ("clinic",)
    search_fields = ("name", "category", "=id")
    date_hierarchy = "created_at"
    ordering = ("name",)
    autocomplete_fields = ("clinic",)
    fields = ("name", "category", "clinic", "active", "source_identifier", "id", "version", "created_at", "updated_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Any | None = None) -> tuple[str, ...]:
        """Return what is not edited: it stays in its clinic, where visits have taken it."""
        kept = ("source_identifier", "id", "version", "created_at", "updated_at")
        return (*kept, "clinic") if obj is not None else kept


@admin.register(Room)
class RoomAdmin(_InAClinic):
    """Rooms where visits take place."""

    why = "A room that is given up is made inactive, never deleted. Its category is what a type of visit asks for."


@admin.register(Device)
class DeviceAdmin(_InAClinic):
    """Devices that a visit needs for itself."""

    why = "A device that is given up is made inactive, never deleted. Its category is what a type of visit asks for."


@admin.register(PractitionerRole)
class PractitionerRoleAdmin(ClinicScoped, WritingAdmin):
    """Who works at which clinic, and as what."""

    why = "A provider who leaves a clinic has the role there made inactive, never deleted."
    list_display = ("provider", "clinic", "specialty", "active", "created_at")
    list_filter = (ByClinic, "active", "created_at")
    list_select_related = ("provider", "clinic")
    search_fields = ("provider__name", "clinic__name", "specialty")
    date_hierarchy = "created_at"
    ordering = ("-created_at",)
    autocomplete_fields = ("provider", "clinic")
    fields = ("provider", "clinic", "specialty", "active", "id", "created_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Any | None = None) -> tuple[str, ...]:
        """Return what is not edited: another provider or clinic is another role."""
        return ("id", "created_at") if obj is None else ("provider", "clinic", "id", "created_at")
