"""The self-checks that were run: which promises held, and how many break the others."""

from django.contrib import admin

from mediconnect.accounts.administration import SuperusersOnly
from mediconnect.operations.models import VerifyRun
from mediconnect.records.administration import ReadOnlyAdmin


@admin.register(VerifyRun)
class VerifyRunAdmin(SuperusersOnly, ReadOnlyAdmin):
    """Runs of the self-check, the newest first. They cover all clinics, so they are superusers' to see here."""

    why = (
        "Written by the nightly self-check, by “Check now” on the reliability page, and by `manage.py verify`, which also "
        "names what breaks a promise. Kept for 400 days."
    )
    list_display = ("created_at", "how", "ok", "broken", "finished_at", "by")
    list_filter = ("how", "ok", "created_at")
    search_fields = ("=id",)
    search_help_text = "the whole id"
    list_select_related = ("by",)
    date_hierarchy = "created_at"
    ordering = ("-created_at", "-id")
    fields = ("id", "how", "by", "created_at", "started_at", "finished_at", "ok", "broken", "checks")

    @admin.display(description="broken")
    def broken(self, run: VerifyRun) -> str:
        """Return the names of what did not hold, each with how many break it."""
        return "; ".join(f"{check['name']}: {check['count']}" for check in run.checks if check["held"] is False) or "–"
