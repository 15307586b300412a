"""The pages of what time off displaced. It is entered, sent, answered and taken back in the portal; here it is there to read."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest

from appointments.models import DisplacedVisit, Displacement
from appointments.models.displacement import OPEN
from mediconnect.accounts.administration import ByClinic, ClinicScoped
from mediconnect.records.administration import ReadOnlyAdmin
from patients.admin.finding import of_people
from providers.admin.clock import shown


@admin.register(Displacement)
class DisplacementAdmin(ClinicScoped, ReadOnlyAdmin):
    """Absences that hit visits, and by which rules new times are found."""

    why = "An absence over booked visits is entered, sent and undone on the provider's page or the closures in the portal."
    list_display = ("created_at", "clinic", "time_off", "closure", "visits", "still_open", "sent_at", "undone_at")
    list_filter = (ByClinic, "sent_at", "undone_at", "moves_without_asking")
    list_select_related = ("clinic", "time_off", "closure")
    search_fields = ("=id",)
    date_hierarchy = "created_at"
    ordering = ("-created_at",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Count the visits with the rows."""
        waiting = Count("visits", filter=Q(visits__state__in=OPEN))
        rows: QuerySet[Any] = super().get_queryset(request).annotate(hit=Count("visits"), waiting=waiting)
        return rows

    @admin.display(description="visits", ordering="hit")
    def visits(self, row: Any) -> int:
        """Return how many visits it hit."""
        return int(row.hit)

    @admin.display(description="still open", ordering="waiting")
    def still_open(self, row: Any) -> int:
        """Return for how many of them something is still to be done."""
        return int(row.waiting)


@admin.register(DisplacedVisit)
class DisplacedVisitAdmin(ClinicScoped, ReadOnlyAdmin):
    """Visits that lost their time, what each is offered instead, and what became of that."""

    clinic_path = "displacement__clinic"
    why = "A row follows its visit and its patient's answer: move, cancel or call in the portal."
    list_display = ("was", "was_provider", "state", "proposed", "proposed_provider", "expires_at", "called_at")
    list_filter = ("state", "expires_at")
    list_select_related = ("displacement__clinic", "was_provider", "proposed_provider")
    search_fields = ("=id", "=appointment__id")
    search_help_text = "part of a patient's name, birth date, phone or record number"
    date_hierarchy = "was_starts_at"
    ordering = ("-was_starts_at",)

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> tuple[Any, bool]:
        """Search the patients as the desk does."""
        if not search_term.strip():
            return queryset, False
        return queryset.filter(of_people(request, search_term, "appointment__patient")), False

    @admin.display(description="was", ordering="was_starts_at")
    def was(self, row: DisplacedVisit) -> str:
        """Return the old start by the clinic's clock."""
        return shown(row.was_starts_at, row.displacement.clinic.zone)

    @admin.display(description="proposed", ordering="proposed_starts_at")
    def proposed(self, row: DisplacedVisit) -> str:
        """Return the proposed start by the clinic's clock."""
        return shown(row.proposed_starts_at, row.displacement.clinic.zone) if row.proposed_starts_at else "–"
