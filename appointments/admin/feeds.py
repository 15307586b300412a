"""Calendar feeds, to read: they are made and revoked on a provider's page."""

from django.contrib import admin

from appointments.models import CalendarFeed
from mediconnect.accounts.administration import SuperusersOnly
from mediconnect.records.administration import ReadOnlyAdmin


@admin.register(CalendarFeed)
class CalendarFeedAdmin(SuperusersOnly, ReadOnlyAdmin):
    """Secret addresses of calendars; the secret itself is kept nowhere."""

    why = "Made and revoked on the portal's page of the provider."
    list_display = ("provider", "name", "names_patients", "created_by", "created_at", "read_at", "revoked_at")
    list_filter = ("names_patients", ("revoked_at", admin.EmptyFieldListFilter))
    list_select_related = ("provider", "created_by")
    search_fields = ("provider__name", "=id")
    date_hierarchy = "created_at"
    ordering = ("-created_at",)
    fields = (*list_display, "id")
