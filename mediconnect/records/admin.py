"""Every change of every record, to read."""

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from .administration import ReadOnlyAdmin
from .administration.history import differences
from .models import Change


class ByRecordType(admin.SimpleListFilter):
    """Changes of one kind of record."""

    title = "record"
    parameter_name = "record"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the kinds of record, without asking a table of millions."""
        kinds = {model._meta.db_table: str(model._meta.verbose_name) for model in model_admin.admin_site._registry}  # noqa: SLF001
        return sorted(kinds.items(), key=lambda kind: kind[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Change]) -> QuerySet[Change]:
        """Return the changes of the chosen kind."""
        return queryset.filter(record_type=self.value()) if self.value() else queryset


@admin.register(Change)
class ChangeAdmin(ReadOnlyAdmin):
    """Who changed what, of every clinic: for superusers. A record's own page shows its own changes to all who may see it.

    No hierarchy of dates: `at` has no index, as the order of ids is the order of time and the newest stand first.
    """

    why = "The database writes a line here with every change, whoever makes it. None is ever rewritten."
    list_display = ("at", "record", "record_id", "operation", "version", "actor_id", "request_id", "what")
    list_filter = (ByRecordType, "operation", "at")
    search_fields = ("=record_id", "=actor_id", "=request_id")
    search_help_text = "the whole id of a record, of an actor or of a request"
    ordering = ("-id",)
    fields = ("at", "record", "record_id", "operation", "version", "actor_id", "request_id", "reason", "what")

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Allow superusers: the list knows no clinics."""
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Allow superusers: the list knows no clinics."""
        return bool(request.user.is_active and getattr(request.user, "is_superuser", False))

    @admin.display(description="record")
    def record(self, change: Change) -> str:
        """Return what kind of record changed."""
        model = _model_of(change)
        return str(model._meta.verbose_name) if model else change.record_type

    @admin.display(description="what")
    def what(self, change: Change) -> str:
        """Return each column that changed; what is sealed stays sealed."""
        model = _model_of(change)
        return "; ".join(map(str, differences(model, change.before, change.after))) if model else ""


def _model_of(change: Change) -> type[Model] | None:
    """Return the model whose table it is; a proxy is the same table as what it stands for."""
    tables = {model._meta.db_table: model for model in apps.get_models() if not model._meta.proxy}
    return tables.get(change.record_type)
