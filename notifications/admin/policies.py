"""What clinics set about their messages, to read: the portal's setup pages write it, with a preview and the linter."""

from django.contrib import admin

from mediconnect.accounts.administration import ByClinic, SuperusersOnly
from mediconnect.records.administration import ReadOnlyAdmin
from notifications.models import MessagePolicy, Template, TypeReminders

_RECORD = ("id", "version", "created_at", "updated_at")
_WHY = "Changed on the portal's setup pages, by the clinic itself; the history tells who and when."


@admin.register(MessagePolicy)
class MessagePolicyAdmin(SuperusersOnly, ReadOnlyAdmin):
    """Which messages clinics send, and when; a clinic without a row follows the defaults."""

    why = _WHY
    list_display = (
        *("clinic", "reminder_minutes", "tells_booked", "tells_moved", "tells_cancelled"),
        *("quiet_from", "quiet_until", "hourly_cap"),
    )
    list_filter = (ByClinic, "tells_booked", "tells_moved", "tells_cancelled")
    list_select_related = ("clinic",)
    search_fields = ("clinic__name", "=id")
    date_hierarchy = "created_at"
    ordering = ("clinic__name",)
    fields = (*list_display, *_RECORD)


@admin.register(TypeReminders)
class TypeRemindersAdmin(SuperusersOnly, ReadOnlyAdmin):
    """Types of visit with reminders of their own."""

    why = _WHY
    list_display = ("appointment_type", "reminder_minutes")
    list_filter = ("created_at",)
    list_select_related = ("appointment_type",)
    search_fields = ("appointment_type__name", "=id")
    date_hierarchy = "created_at"
    ordering = ("-created_at",)
    fields = (*list_display, *_RECORD)


@admin.register(Template)
class TemplateAdmin(SuperusersOnly, ReadOnlyAdmin):
    """Clinics' own words."""

    why = _WHY
    list_display = ("clinic", "kind", "channel", "language", "updated_at")
    list_filter = (ByClinic, "kind", "channel", "language")
    list_select_related = ("clinic",)
    search_fields = ("clinic__name", "=id")
    date_hierarchy = "created_at"
    ordering = ("-updated_at",)
    fields = ("clinic", "kind", "channel", "language", "subject", "body", *_RECORD)
