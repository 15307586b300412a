"""The pages of what occupies time: holds, sessions and claims. They follow from bookings and are written with them."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from appointments.models import Claim, Hold, Session
from appointments.services.sweeping import release
from mediconnect.accounts.administration import ByClinic, Clinics, ClinicScoped
from mediconnect.records.administration import ReadOnlyAdmin, SeenRows
from mediconnect.records.locks import lock_record
from patients.admin.finding import of_people
from providers.admin.clock import shown


class _Timed(ClinicScoped, ReadOnlyAdmin):
    """Something with a start, shown by its clinic's clock."""

    @admin.display(description="start", ordering="starts_at")
    def when(self, row: Any) -> str:
        """Return the start by the clinic's clock."""
        return shown(row.starts_at, row.clinic.zone)


@admin.register(Hold)
class HoldAdmin(SeenRows, _Timed):
    """Times kept for somebody for a few minutes."""

    why = "A hold is placed where somebody books, and ends by itself. It can be released here, never edited."
    list_display = ("when", "provider", "appointment_type", "clinic", "patient", "held_by", "expires_at", "alive")
    list_filter = (ByClinic, "expires_at")
    list_select_related = ("clinic", "provider", "appointment_type", "patient", "held_by")
    search_fields = ("=id",)
    search_help_text = "part of a patient's name, birth date, phone or record number"
    date_hierarchy = "starts_at"
    ordering = ("-expires_at",)
    actions = ("give_back",)

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> tuple[Any, bool]:
        """Search the patients as the desk does."""
        return (queryset.filter(of_people(request, search_term, "patient")) if search_term.strip() else queryset), False

    def has_release_permission(self, request: HttpRequest) -> bool:
        """Allow whoever may change holds in general."""
        return request.user.has_perm("appointments.change_hold")

    @admin.display(description="alive", boolean=True)
    def alive(self, hold: Hold) -> bool:
        """Return whether it still keeps its time."""
        return hold.expires_at > timezone.now()

    @admin.action(description="Release these times", permissions=["release"])
    def give_back(self, request: HttpRequest, chosen: QuerySet[Hold]) -> None:
        """Give each of the times back."""
        self.for_each(request, chosen, lambda hold, _seen: release(lock_record(Hold, hold.pk)), done="released.")


@admin.register(Session)
class SessionAdmin(_Timed):
    """The shared time of groups."""

    why = "A session begins with its first booking and follows its visits: book, move or cancel those."
    list_display = ("when", "provider", "appointment_type", "clinic", "capacity", "room", "device")
    list_filter = (ByClinic, "starts_at")
    list_select_related = ("clinic", "provider", "appointment_type", "room", "device")
    search_fields = ("=id", "provider__name", "appointment_type__name")
    date_hierarchy = "starts_at"
    ordering = ("-starts_at",)


@admin.register(Claim)
class ClaimAdmin(ClinicScoped, ReadOnlyAdmin):
    """What is taken of whose time, buffers included."""

    why = "Claims are written by the database with the visit, session or hold that they belong to: change that one."
    list_display = ("resource", "during", "appointment", "session", "hold", "exclusive", "expires_at")
    list_filter = ("exclusive", "resource__kind", "expires_at")
    list_select_related = ("resource", "appointment", "session", "hold")
    search_fields = ("resource__name", "=appointment__id", "=session__id", "=hold__id")
    ordering = ("-id",)

    def within(self, rows: QuerySet[Any], clinics: Clinics) -> QuerySet[Any]:
        """Return the claims whose owner is at one of these clinics."""
        owned = Q(appointment__clinic__in=clinics) | Q(session__clinic__in=clinics) | Q(hold__clinic__in=clinics)
        return rows.filter(owned)
