"""The pages of clinics and of who works in their name."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from mediconnect.accounts.administration import ByClinic, Clinics, SuperusersOnly
from mediconnect.records.administration import SeenForm, SeenRows, WritingAdmin
from mediconnect.records.locks import lock_record
from providers.models import Clinic, Membership
from providers.services.places import CLINIC_FIELDS, POLICY, add_clinic, change_clinic

from .edits import EditingAdmin


@admin.register(Clinic)
class ClinicAdmin(EditingAdmin):
    """Clinics and their rules for booking."""

    why = "A clinic that closes for good is made inactive, never deleted: its visits name it."
    list_display = ("name", "timezone", "region", "phone", "active", "minimum_notice_minutes", "horizon_days")
    list_filter = ("active", "region", "timezone")
    search_fields = ("name", "address", "=id")
    date_hierarchy = "created_at"
    ordering = ("name",)
    readonly_fields = ("id", "version", "source_identifier", "created_at", "updated_at")
    fieldsets: ClassVar[Any] = (
        (None, {"fields": ("name", "timezone", "region", "phone", "address", "active")}),
        ("Rules for booking", {"fields": tuple(POLICY)}),
        ("Signing in", {"fields": ("second_factor_for_all",)}),
        ("Record", {"fields": readonly_fields}),
    )

    def within(self, rows: QuerySet[Any], clinics: Clinics) -> QuerySet[Any]:
        """Return these clinics."""
        return rows.filter(pk__in=clinics)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Allow superusers: a clinic that is not there yet is nobody's own."""
        return bool(getattr(request.user, "is_superuser", False)) and super().has_add_permission(request)

    def add(self, request: HttpRequest, form: SeenForm) -> Model:
        """Open a new clinic."""
        return add_clinic(values={name: form.cleaned_data[name] for name in CLINIC_FIELDS})

    def change(self, request: HttpRequest, form: SeenForm) -> Model:
        """Change the clinic; a new zone or region moves the openings of everyone who works there."""
        seen = form.cleaned_data["seen"] or 0
        return self.edited(request, change_clinic(clinic_id=form.instance.pk, version=seen, values=form.changes()))


@admin.register(Membership)
class MembershipAdmin(SuperusersOnly, SeenRows, WritingAdmin):
    """Roles of people in clinics. Whoever gives a role opens a clinic's records, so this is for superusers alone."""

    why = "A role opens the records of a clinic. It is taken away with the action in the list, which stays in the history."
    list_display = ("user", "clinic", "role", "created_at")
    list_filter = (ByClinic, "role", "created_at")
    list_select_related = ("user", "clinic")
    search_fields = ("user__email", "user__display_name", "clinic__name")
    date_hierarchy = "created_at"
    ordering = ("-created_at",)
    autocomplete_fields = ("user", "clinic")
    fields = ("user", "clinic", "role", "id", "created_at")
    readonly_fields = ("id", "created_at")
    actions = ("take_away",)

    @admin.action(description="Take these roles away", permissions=["change"])
    def take_away(self, request: HttpRequest, chosen: QuerySet[Membership]) -> None:
        """Take each of the roles away; what its owner may do is read anew with each request."""
        self.for_each(
            request, chosen, lambda role, _seen: lock_record(Membership, role.pk).delete(), done="taken away."
        )
