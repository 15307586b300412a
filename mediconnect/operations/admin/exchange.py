"""What was imported and exported: who, what and how many. The rows themselves are sealed and not shown here."""

from django.contrib import admin

from mediconnect.accounts.administration import SuperusersOnly
from mediconnect.operations.models import ExportRun, ImportRow, ImportRun
from mediconnect.records.administration import ReadOnlyAdmin


@admin.register(ImportRun)
class ImportRunAdmin(SuperusersOnly, ReadOnlyAdmin):
    """Files that were brought to a clinic."""

    why = (
        "Written by the clinic's pages for import. A file's rows are sealed, and deleted after a week; counts stay. The "
        "file's name and headings may name people and are not shown."
    )
    list_display = ("created_at", "clinic", "kind", "state", "total", "by", "finished_at")
    list_filter = ("kind", "state", "created_at")
    search_fields = ("=id",)
    search_help_text = "the whole id"
    list_select_related = ("clinic", "by")
    date_hierarchy = "created_at"
    ordering = ("-created_at", "-id")
    fields = (
        *("id", "clinic", "kind", "state", "total", "counts", "columns", "orders", "with_doubtful"),
        *("by", "created_at", "asked_by", "asked_at", "finished_at", "emptied_at"),
    )


@admin.register(ImportRow)
class ImportRowAdmin(SuperusersOnly, ReadOnlyAdmin):
    """Rows of those files, by number and fate."""

    why = "What stands in a row is shown to the clinic that brought it, on the page of its import, for a week."
    list_display = ("run", "number", "verdict", "outcome")
    list_filter = ("verdict", "outcome")
    search_fields = ("=run__id", "=target")
    search_help_text = "the whole id of an import or of a record"
    list_select_related = ("run",)
    ordering = ("-id",)
    fields = ("run", "number", "verdict", "outcome", "target", "seen")


@admin.register(ExportRun)
class ExportRunAdmin(SuperusersOnly, ReadOnlyAdmin):
    """What was taken out."""

    why = "Written before the first byte goes out. Without an end the file was not taken to its last row."
    list_display = ("created_at", "clinic", "kind", "form", "rows", "with_notes", "by", "finished_at")
    list_filter = ("kind", "form", "with_notes", "created_at")
    search_fields = ("=id",)
    search_help_text = "the whole id"
    list_select_related = ("clinic", "by")
    date_hierarchy = "created_at"
    ordering = ("-created_at", "-id")
    fields = ("id", "clinic", "kind", "form", "first", "last", "with_notes", "rows", "by", "created_at", "finished_at")
