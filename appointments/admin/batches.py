"""The pages of what was done to many visits at once: to read. It is begun, stopped and taken back at the desk."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet

from appointments.models import Batch, BatchItem
from mediconnect.accounts.administration import ByClinic, Clinics, ClinicScoped
from mediconnect.records.administration import ReadOnlyAdmin
from providers.admin.clock import shown


@admin.register(Batch)
class BatchAdmin(ClinicScoped, ReadOnlyAdmin):
    """Acts on many visits."""

    why = "A batch is begun at the desk, where one sees beforehand what would happen to each visit, and is worked by itself."
    list_display = ("when", "act", "clinic", "created_by", "shift_minutes", "to_provider", "stopped_at", "undone_at")
    list_filter = (ByClinic, "act", "created_at")
    list_select_related = ("clinic", "created_by", "to_provider")
    search_fields = ("=id",)
    date_hierarchy = "created_at"
    ordering = ("-created_at", "-id")

    @admin.display(description="begun", ordering="created_at")
    def when(self, batch: Batch) -> str:
        """Return when it was begun, by the clinic's clock."""
        return shown(batch.created_at, batch.clinic.zone)


@admin.register(BatchItem)
class BatchItemAdmin(ClinicScoped, ReadOnlyAdmin):
    """Single visits of such acts, and what became of each."""

    why = "An item is ticked in the transaction that does what it asks; a refused one is tried again at the desk."
    list_display = ("batch", "place", "visit", "version", "state", "refusal", "done_at")
    list_filter = ("state", "refusal", "batch__act", "created_at")
    list_select_related = ("batch", "appointment__clinic")
    search_fields = ("=id", "=batch__id", "=appointment__id")
    ordering = ("-created_at", "place")

    @admin.display(description="visit", ordering="appointment__starts_at")
    def visit(self, item: BatchItem) -> str:
        """Return the visit's start, by the clinic's clock."""
        return shown(item.appointment.starts_at, item.appointment.clinic.zone)

    def within(self, rows: QuerySet[Any], clinics: Clinics) -> QuerySet[Any]:
        """Return the items of batches at these clinics."""
        return rows.filter(batch__clinic__in=clinics)
