"""Webhooks and their calls, to read: clinics keep them on the portal, where secrets are shown once."""

from django.contrib import admin

from mediconnect.accounts.administration import ByClinic, SuperusersOnly
from mediconnect.records.administration import ReadOnlyAdmin
from notifications.models import Hook, HookCall, HookStanding

_WHY = "Kept by the clinic itself on the portal's setup pages; the history tells who and when."
_WRITTEN = "Only the senders write it; a call is sent again on the portal's setup pages."


@admin.register(Hook)
class HookAdmin(SuperusersOnly, ReadOnlyAdmin):
    """Addresses that clinics gave; neither the whole address nor a secret is shown."""

    why = _WHY
    list_display = ("clinic", "name", "host", "events", "active", "paused_at", "paused_why")
    list_filter = (ByClinic, "active", "paused_why")
    list_select_related = ("clinic",)
    search_fields = ("clinic__name", "host", "=id")
    date_hierarchy = "created_at"
    ordering = ("clinic__name", "name")
    fields = (*list_display, "former_until", "created_by", "id", "version", "created_at", "updated_at")


@admin.register(HookStanding)
class HookStandingAdmin(SuperusersOnly, ReadOnlyAdmin):
    """How addresses do at the moment."""

    why = _WRITTEN
    list_display = ("hook", "delivered_at", "failing_since", "rests_until")
    list_filter = (("failing_since", admin.EmptyFieldListFilter),)
    list_select_related = ("hook",)
    search_fields = ("hook__host", "=hook__id")
    ordering = ("hook__host",)
    fields = list_display


@admin.register(HookCall)
class HookCallAdmin(SuperusersOnly, ReadOnlyAdmin):
    """Calls of the last month."""

    why = _WRITTEN
    list_display = ("created_at", "hook", "event", "state", "reason", "attempts", "last_status", "last_error")
    list_filter = ("state", "event", "reason")
    list_select_related = ("hook",)
    search_fields = ("=id", "=visit__id", "=hook__id", "=request_id")
    date_hierarchy = "created_at"
    ordering = ("-created_at", "-id")
    show_full_result_count = False
    fields = (
        *list_display,
        *("body", "due_at", "last_attempt_at", "last_milliseconds", "delivered_at", "lease_until"),
        *("replayed_at", "replayed_by", "visit", "fact", "request_id", "id"),
    )
