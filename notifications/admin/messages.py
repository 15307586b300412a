"""Messages, their lives and their plans, to read. The words themselves only where the sandbox keeps them for a developer."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest

from mediconnect.accounts.administration import SuperusersOnly
from mediconnect.records.administration import ReadOnlyAdmin
from notifications.models import Message, MessageEvent, Progress, Reminder


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    """What was written, when and why. Recipient and body hold contact data, links and codes."""

    why = "A message follows from a fact or a plan. Queue a dead one again, or discard it, on the portal's pages of messages."
    list_display = ("created_at", "kind", "channel", "state", "reason", "attempts", "via", "fact")
    list_filter = ("state", "kind", "channel", "via", "reason", "created_at")
    search_fields = ("=id", "=fact__id", "=fact__request_id", "=visit__id", "=provider_id")
    list_select_related = ("fact",)
    date_hierarchy = "created_at"

    def get_fields(self, request: HttpRequest, obj: Message | None = None) -> tuple[str, ...]:
        """Return the columns; recipient and words are for superusers on a developer's machine alone."""
        columns = (
            *("id", "kind", "channel", "language", "visit", "visit_starts_at", "lead_minutes", "instead_of", "answers"),
            *("subject", "state", "reason", "urgent", "due_at", "expires_at", "attempts", "first_attempt_at"),
            *("last_attempt_at", "last_error", "in_doubt", "ambiguities", "via", "provider_id", "provider_status"),
            *("segments", "sent_at", "delivered_at", "requeued_at", "requeued_by", "fact", "request_id", "created_at"),
        )
        if settings.DEBUG and getattr(request.user, "is_superuser", False):
            return (*columns, "recipient", "body")
        return columns


class _Journal(SuperusersOnly):
    """Lines that are written once: they are a history, and have none."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: only the system writes it."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: only the system writes it."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: what was written stays written."""
        return False


@admin.register(MessageEvent)
class MessageEventAdmin(_Journal):
    """The lines of messages' lives, each written together with the change that it tells of."""

    list_display = ("at", "message", "what", "detail", "attempt", "until", "by")
    list_filter = ("what", "at")
    search_fields = ("=message__id", "=source_id")
    list_select_related = ("message", "by")
    date_hierarchy = "at"
    ordering = ("-id",)
    fields = ("message", "at", "what", "detail", "attempt", "until", "source_id", "by", "note")


@admin.register(Reminder)
class ReminderAdmin(SuperusersOnly, ReadOnlyAdmin):
    """What is planned, and what became of it."""

    why = "Planned when a visit is booked or moved, decided when it is due."
    list_display = ("due_at", "lead_minutes", "state", "reason", "visit_starts_at", "message")
    list_filter = ("state", "reason", "lead_minutes", "due_at")
    search_fields = ("=id", "=visit__id", "=message__id")
    list_select_related = ("message",)
    date_hierarchy = "due_at"
    ordering = ("-due_at", "-id")
    fields = (
        *("id", "visit", "visit_version", "visit_starts_at", "lead_minutes", "due_at", "state", "reason", "message"),
        *("decided_at", "created_at"),
    )


@admin.register(Progress)
class ProgressAdmin(_Journal):
    """How far the jobs got that work in batches, written by each at the end of its turn; nothing is decided by it."""

    list_display = ("name", "last_processed_at", "turned_at", "rows", "milliseconds", "paused_until")
    list_filter = ("turned_at",)
    search_fields = ("name",)
    ordering = ("name",)
    fields = list_display
