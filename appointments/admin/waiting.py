"""The pages of the waitlist: who waits, what was freed, who was asked, who was passed over and why, and by which rules."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from appointments.models import FreedTime, WaitlistEntry, WaitlistOffer, WaitlistPass, WaitlistPolicy
from appointments.services.booking import Caller
from appointments.services.waitlist.leaving import withdraw_entry
from mediconnect.accounts.administration import ByClinic, ClinicScoped
from mediconnect.api.versions import Expected
from mediconnect.records.administration import ReadOnlyAdmin, SeenRows
from patients.admin.finding import of_people
from providers.admin.clock import shown

_PEOPLE = "part of a patient's name, birth date, phone or record number"


@admin.register(WaitlistEntry)
class WaitlistEntryAdmin(ClinicScoped, SeenRows, ReadOnlyAdmin):
    """Wishes for a time."""

    why = "Somebody joins, changes a wish and answers an offer in the portal or an app. A wish can be withdrawn here."
    list_display = (
        *("joined_at", "patient", "appointment_type", "clinic", "state", "priority"),
        *("from_date", "until_date", "appointment", "source"),
    )
    list_filter = (ByClinic, "state", "priority", "source", "joined_at")
    list_select_related = ("clinic", "patient", "appointment_type", "appointment")
    search_fields = ("=id",)
    search_help_text = _PEOPLE
    date_hierarchy = "joined_at"
    ordering = ("-joined_at",)
    exclude = ("note",)
    actions = ("withdraw",)

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> tuple[Any, bool]:
        """Search the patients as the desk does."""
        return (queryset.filter(of_people(request, search_term, "patient")) if search_term.strip() else queryset), False

    def has_withdraw_permission(self, request: HttpRequest) -> bool:
        """Allow whoever may change wishes in general."""
        return request.user.has_perm("appointments.change_waitlistentry")

    @admin.action(description="Withdraw these wishes", permissions=["withdraw"])
    def withdraw(self, request: HttpRequest, chosen: QuerySet[WaitlistEntry]) -> None:
        """Withdraw each of the wishes; what one of them was offered goes on to who is next."""

        def verb(entry: WaitlistEntry, seen: int) -> object:
            caller = Caller(request.user.pk, patients_own=False)
            return withdraw_entry(entry_id=entry.pk, caller=caller, expected=Expected(seen, by_header=False))

        self.for_each(request, chosen, verb, done="withdrawn.")


@admin.register(FreedTime)
class FreedTimeAdmin(ClinicScoped, ReadOnlyAdmin):
    """Times that were given back."""

    why = "A time is freed by what gives it back, and closed by who has it next: cancel, move and book visits."
    list_display = ("when", "until", "provider", "clinic", "cause", "state", "offer_from", "looked_at", "closed_at")
    list_display_links = ("when",)
    list_filter = (ByClinic, "state", "cause", "starts_at")
    list_select_related = ("clinic", "provider")
    search_fields = ("=id", "=appointment__id", "provider__name")
    date_hierarchy = "starts_at"
    ordering = ("-starts_at",)

    @admin.display(description="start", ordering="starts_at")
    def when(self, row: Any) -> str:
        """Return the start by the clinic's clock."""
        return shown(row.starts_at, row.clinic.zone)

    @admin.display(description="end", ordering="ends_at")
    def until(self, row: Any) -> str:
        """Return the end by the clinic's clock."""
        return shown(row.ends_at, row.clinic.zone)


@admin.register(WaitlistOffer)
class WaitlistOfferAdmin(ClinicScoped, ReadOnlyAdmin):
    """Who was asked for which time, until when, and what they said."""

    clinic_path = "freed_time__clinic"
    why = "An offer is made by itself, and answered by its person or at the desk in the portal."
    list_display = (
        "made_at",
        "when",
        "provider",
        "state",
        "expires_at",
        "ended_at",
        "too_late_at",
        "because",
        "days_won",
    )
    list_filter = ("state", "why", "made_at")
    list_select_related = ("freed_time__clinic", "provider")
    search_fields = ("=id", "=entry__id")
    search_help_text = _PEOPLE
    date_hierarchy = "made_at"
    ordering = ("-made_at",)

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> tuple[Any, bool]:
        """Search the patients as the desk does."""
        found = queryset.filter(of_people(request, search_term, "entry__patient")) if search_term.strip() else queryset
        return found, False

    @admin.display(description="start", ordering="starts_at")
    def when(self, row: Any) -> str:
        """Return the start by the clinic's clock."""
        return shown(row.starts_at, row.freed_time.clinic.zone)

    @admin.display(description="why", ordering="why")
    def because(self, row: Any) -> str:
        """Return why it was taken back."""
        return str(row.why)


@admin.register(WaitlistPass)
class WaitlistPassAdmin(ClinicScoped, ReadOnlyAdmin):
    """That a freed time passed somebody by, and why."""

    clinic_path = "freed_time__clinic"
    why = "Written when a time is offered, of the first who were passed over."
    list_display = ("at", "entry", "freed_time", "because")
    list_filter = ("why", "at")
    list_select_related = ("entry", "freed_time")
    search_fields = ("=entry__id", "=freed_time__id")
    ordering = ("-id",)

    @admin.display(description="why", ordering="why")
    def because(self, row: Any) -> str:
        """Return the reason's code."""
        return str(row.why)


@admin.register(WaitlistPolicy)
class WaitlistPolicyAdmin(ClinicScoped, ReadOnlyAdmin):
    """How clinics offer freed time."""

    why = "A clinic says in its own setup in the portal how freed time is offered."
    list_display = ("clinic", "appointment_type", "active", "order", "at_once", "latest_offer_minutes")
    list_filter = (ByClinic, "active", "order")
    list_select_related = ("clinic", "appointment_type")
    search_fields = ("clinic__name", "appointment_type__name")
    ordering = ("clinic__name", "id")
