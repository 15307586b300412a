"""Facts and deliveries to read, dead deliveries to queue again."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.http import HttpRequest

from .errors import DeliveryNotDead
from .models import Delivery, Fact
from .services.requeueing import requeue

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Any]
else:
    _ModelAdmin = admin.ModelAdmin


class ReadOnlyAdmin(_ModelAdmin):
    """Rows that only the outbox itself writes."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: a fact is published, never typed."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: what was said stays said."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: what was said stays said."""
        return False


@admin.register(Fact)
class FactAdmin(ReadOnlyAdmin):
    """What was said."""

    list_display = ("created_at", "name", "aggregate_id", "request_id")
    list_filter = ("name", "created_at")
    search_fields = ("=id", "=aggregate_id", "=request_id")
    date_hierarchy = "created_at"
    ordering = ("-created_at",)
    show_full_result_count = False


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    """Who still has to hear it, and what went wrong."""

    list_display = ("id", "fact", "handler", "state", "attempts", "due_at", "last_error", "done_at", "requeued_at")
    list_filter = ("state", "handler", "last_error")
    search_fields = ("=fact__id", "=fact__aggregate_id", "=fact__request_id")
    list_select_related = ("fact",)
    ordering = ("-id",)
    actions = ("requeue_dead",)
    show_full_result_count = False

    def has_requeue_permission(self, request: HttpRequest) -> bool:
        """Allow whoever may change deliveries in general; this class refuses to edit them by hand."""
        return request.user.has_perm("outbox.change_delivery")

    @admin.action(description="Queue dead deliveries again", permissions=["requeue"])
    def requeue_dead(self, request: HttpRequest, chosen: Any) -> None:
        """Revive each chosen delivery that is dead, and say how many were not."""
        refused = 0
        for delivery in chosen:
            try:
                requeue(delivery_id=delivery.pk, by_id=request.user.pk)
            except DeliveryNotDead:
                refused += 1
        self.message_user(request, f"{len(chosen) - refused} queued again, {refused} not dead.", messages.INFO)
