"""Actions on the rows of a list, each against the version that the list showed."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from mediconnect.errors import VersionConflict
from mediconnect.records.acting import acting
from mediconnect.telemetry.request_id import current_request_id

from .reading import RecordAdmin
from .refusals import REFUSALS


class SeenRows(RecordAdmin):
    """A list whose check boxes carry the version of their rows, so that an action never acts on what nobody saw."""

    def action_checkbox(self, obj: Any) -> SafeString:
        """Return the box, and beside it the version that the row has."""
        box = super().action_checkbox(obj)
        return format_html('{}<input type="hidden" name="seen" value="{}:{}">', box, obj.pk, getattr(obj, "version", 0))

    def for_each(
        self, request: HttpRequest, rows: QuerySet[Any], verb: Callable[[Any, int], object], *, done: str
    ) -> None:
        """Call the verb with each row and the version that was seen of it, one transaction each; then say what came of it."""
        seen = dict(pair.split(":", 1) for pair in request.POST.getlist("seen") if ":" in pair)
        counted: Counter[str] = Counter()
        for row in rows:
            version = seen.get(str(row.pk), "")
            counted[self._tried(request, verb, row, int(version) if version.isdecimal() else 0) or done] += 1
        for words, count in counted.items():
            self.message_user(request, f"{count}: {words}", messages.SUCCESS if words == done else messages.WARNING)

    def _tried(self, request: HttpRequest, verb: Callable[[Any, int], object], row: Any, version: int) -> str:
        """Return why the verb refused, or the empty string."""
        try:
            with acting(actor_id=request.user.pk, request_id=current_request_id()):
                verb(row, version)
        except VersionConflict:
            return f"{VersionConflict.title}; look at the list again."
        except REFUSALS as refusal:
            return " ".join(line for lines in self.told(refusal, request).values() for line in lines)
        return ""
