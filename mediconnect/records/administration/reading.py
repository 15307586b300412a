"""Pages that show records and never delete one."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.functional import cached_property

from .history import history_of
from .refusals import sentences

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Any]
else:
    _ModelAdmin = admin.ModelAdmin


# Two hundred pages. Counting a million rows takes longer than the page; nobody turns so many leaves, they search.
MOST_COUNTED: Final = 10_000


class BoundedPaginator(Paginator):  # type: ignore[type-arg]  # not generic when it runs
    """Pages of a list whose rows are counted up to a limit only."""

    @cached_property
    def count(self) -> int:
        """Return the number of rows, or the limit where there are more."""
        rows: QuerySet[Any] = self.object_list  # type: ignore[assignment]  # lists of the admin are queries
        return rows.order_by()[:MOST_COUNTED].count()


class RecordAdmin(_ModelAdmin):
    """The page of a record that is kept for good. `why` is shown above: how it is written, or why not here.

    The admin's own journal is not kept: it would copy names of people into a table of its own, and the database's
    history knows more (what, from what, to what, from which request).
    """

    why: ClassVar[str] = ""

    show_full_result_count = False
    paginator = BoundedPaginator
    list_per_page = 50
    list_max_show_all = 200
    change_list_template = "admin/records/change_list.html"
    change_form_template = "admin/records/change_form.html"

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: what was written stays written; it is ended, retired or cancelled."""
        return False

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> tuple[Any, bool]:
        """Search without the one character that the database takes in no text; autocomplete hands it on."""
        return super().get_search_results(request, queryset, search_term.replace("\x00", ""))

    def told(self, refusal: Exception, request: HttpRequest) -> Mapping[str, list[str]]:
        """Return the words of a refusal, by field; "" for the form as a whole."""
        return sentences(refusal)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the list, and above it how its records are written."""
        return super().changelist_view(request, {"why": self.why, **(extra_context or {})})

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the record, and above it how it is written."""
        return super().changeform_view(request, object_id, form_url, {"why": self.why, **(extra_context or {})})

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the record's changes as the database kept them."""
        record = self.get_object(request, unquote(object_id))
        if record is None:
            raise Http404
        if not self.has_view_or_change_permission(request, record):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": f"Changes of {record}",
            "changes": history_of(record),
            "object": record,
            "module_name": str(self.opts.verbose_name_plural).capitalize(),
            "opts": self.opts,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/records/history.html", context)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]
        """Leave the journal empty; the history has it."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]
        """Leave the journal empty; the history has it."""


class ReadOnlyAdmin(RecordAdmin):
    """A record that is written elsewhere; `why` says where."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: it is written elsewhere."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: it is written elsewhere."""
        return False
