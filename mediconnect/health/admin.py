"""Heartbeats to read."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest

from .models import Heartbeat

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Heartbeat]
else:
    _ModelAdmin = admin.ModelAdmin


@admin.register(Heartbeat)
class HeartbeatAdmin(_ModelAdmin):
    """Which clusters run, when they last made progress, how often they were restarted."""

    list_display = ("instance", "beat_at", "restarts")
    search_fields = ("instance",)
    ordering = ("-beat_at",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: only a canary writes here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: only a canary writes here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: the clean-up removes what is gone."""
        return False
