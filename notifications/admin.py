"""Messages to read. The words themselves only where the sandbox keeps them for a developer."""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest

from .models import Message

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Message]
else:
    _ModelAdmin = admin.ModelAdmin


@admin.register(Message)
class MessageAdmin(_ModelAdmin):
    """What was written, when and why. Recipient and body hold contact data, links and codes."""

    list_display = ("created_at", "kind", "channel", "state", "reason", "attempts", "via", "fact")
    list_filter = ("state", "kind", "channel", "via", "reason", "created_at")
    search_fields = ("=id", "=fact__id", "=fact__request_id")
    list_select_related = ("fact",)
    date_hierarchy = "created_at"
    show_full_result_count = False

    def get_fields(self, request: HttpRequest, obj: Message | None = None) -> tuple[str, ...]:
        """Return the columns; recipient and words are for superusers on a developer's machine alone."""
        columns = (
            *("id", "kind", "channel", "language", "subject", "state", "reason", "attempts", "first_attempt_at"),
            *("last_attempt_at", "last_error", "ambiguities", "via", "provider_id", "provider_status", "segments"),
            *("due_at", "sent_at", "delivered_at", "requeued_at", "requeued_by", "fact", "request_id", "created_at"),
        )
        if settings.DEBUG and getattr(request.user, "is_superuser", False):
            return (*columns, "recipient", "body")
        return columns

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: a message follows from a fact."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: what was written stays written."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: what was written stays written."""
        return False
