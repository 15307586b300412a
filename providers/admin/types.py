"""The pages of types of visit, and of how single providers differ from them."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from mediconnect.accounts.administration import ByClinic
from mediconnect.records.administration import SeenForm
from mediconnect.records.administration.writing import check_unchanged
from providers.models import AppointmentType, TypeOverride
from providers.services.kinds import FIELDS, add_appointment_type, change_appointment_type, override_type

from .edits import EditingAdmin


@admin.register(AppointmentType)
class AppointmentTypeAdmin(EditingAdmin):
    """What kinds of visit a clinic offers."""

    why = "A type that is no longer offered is made inactive, never deleted. Visits that are booked keep their length."
    list_display = ("name", "clinic", "duration", "bookable_online", "capacity", "daily_limit", "active")
    list_filter = (ByClinic, "active", "bookable_online", "room_kind", "device_kind")
    list_select_related = ("clinic",)
    search_fields = ("name", "=id")
    date_hierarchy = "created_at"
    ordering = ("name",)
    autocomplete_fields = ("clinic",)
    fields = ("clinic", *FIELDS, "id", "version", "created_at", "updated_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Any | None = None) -> tuple[str, ...]:
        """Return what is not edited: a type belongs to its clinic."""
        kept = ("id", "version", "created_at", "updated_at")
        return kept if obj is None else ("clinic", *kept)

    def add(self, request: HttpRequest, form: SeenForm) -> Model:
        """Offer a new type of visit."""
        values = form.cleaned_data
        edit = add_appointment_type(clinic_id=values["clinic"].pk, values={name: values[name] for name in FIELDS})
        return self.edited(request, edit)

    def change(self, request: HttpRequest, form: SeenForm) -> Model:
        """Change the type for bookings from now on."""
        seen, values = form.cleaned_data["seen"] or 0, form.changes()
        edit = change_appointment_type(appointment_type_id=form.instance.pk, version=seen, values=values)
        return self.edited(request, edit)


@admin.register(TypeOverride)
class TypeOverrideAdmin(EditingAdmin):
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

    def add(self, request: HttpRequest, form: SeenForm) -> Model:
        """Say how the provider differs, in place of what was said before."""
        return _said(form, form.cleaned_data["provider"].pk, form.cleaned_data["appointment_type"].pk)

    def change(self, request: HttpRequest, form: SeenForm) -> Model:
        """Say it anew, unless somebody else did meanwhile."""
        check_unchanged(form)
        return _said(form, form.instance.provider_id, form.instance.appointment_type_id)


def _said(form: SeenForm, provider_id: Any, appointment_type_id: Any) -> TypeOverride:
    values = {name: form.cleaned_data[name] for name in ("offered", "duration", "buffer_before", "buffer_after")}
    return override_type(provider_id=provider_id, appointment_type_id=appointment_type_id, **values)
