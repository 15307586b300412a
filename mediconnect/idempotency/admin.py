"""Keys to look at when a client asks what became of its request; bodies stay sealed."""

from django.contrib import admin
from django.http import HttpRequest

from .models import IdempotencyRecord


@admin.register(IdempotencyRecord)
class IdempotencyRecordAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic when it runs
    """Which answers are kept, for whom and until when."""

    list_display = ("created_at", "principal", "status_code", "resource_id", "expires_at")
    list_filter = ("status_code", "created_at")
    search_fields = ("=resource_id", "principal")
    date_hierarchy = "created_at"
    fields = ("principal", "status_code", "headers", "resource_id", "created_at", "expires_at")
    readonly_fields = fields

    def has_add_permission(self, _request: HttpRequest) -> bool:
        """Refuse: only an answered request makes a row."""
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: IdempotencyRecord | None = None) -> bool:
        """Refuse: an answer is replayed to the byte."""
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: IdempotencyRecord | None = None) -> bool:
        """Refuse: deleting a key would let its request run twice."""
        return False
