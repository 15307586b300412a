"""Pages that write records: through a verb, against the version that was seen, and in words where that is refused."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Model
from django.http import HttpRequest, HttpResponse

from mediconnect.errors import VersionConflict
from mediconnect.records.acting import declare_actor
from mediconnect.records.locks import lock_record
from mediconnect.telemetry.request_id import current_request_id

from .forms import SeenForm
from .history import changes_since, stamp_of
from .reading import RecordAdmin
from .refusals import REFUSALS


class WritingAdmin(RecordAdmin):
    """A record that may be edited here. A subclass says in `add` and `change` which service does it.

    A refusal, be it a service's or the database's, undoes the try as a whole and shows the form again with its words.
    """

    form = SeenForm

    def add(self, request: HttpRequest, form: SeenForm) -> Model:
        """Write the new record and return it."""
        record: Model = form.instance
        record.save(force_insert=True)
        return record

    def change(self, request: HttpRequest, form: SeenForm) -> Model:
        """Write what differs and return the record; raises `VersionConflict` if it is not as it was seen."""
        check_unchanged(form)
        record: Model = form.instance
        record.save(update_fields=list(form.changes()))
        return record

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001  Django's signature
        """Let the verb write, recorded as done by this user in this request."""
        declare_actor(actor_id=request.user.pk, request_id=current_request_id())
        if not change:
            saved = self.add(request, form)
        elif form.changes():
            saved = self.change(request, form)
        else:
            return
        obj.pk = saved.pk
        obj.refresh_from_db()

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show or save the form; a refused save shows it again, with what was typed and why it was refused."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except REFUSALS as refusal:
            if request.method != "POST":
                raise
            request.told = self._words(refusal, request, object_id)  # type: ignore[attr-defined]
            return super().changeform_view(request, object_id, form_url, extra_context)

    def get_form(self, request: HttpRequest, obj: Any | None = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002
        """Return the form; after a refused try it carries the refusal."""
        made: Any = super().get_form(request, obj, change=change, **kwargs)
        made.told = getattr(request, "told", {})
        return made

    def _words(self, refusal: Exception, request: HttpRequest, object_id: str | None) -> Mapping[str, list[str]]:
        if not isinstance(refusal, VersionConflict) or object_id is None:
            return self.told(refusal, request)
        record = self.get_object(request, object_id)
        seen = request.POST.get("seen", "")
        changes = changes_since(record, int(seen)) if record is not None and seen.isdecimal() else []
        first = f"{VersionConflict.title}, so nothing was saved. Open the page again and apply your change to what is there now."
        return {"": [first, *map(str, changes)]}


def check_unchanged(form: SeenForm) -> None:
    """Lock the form's record; raises `VersionConflict` unless it still is what the form showed."""
    record = lock_record(type(form.instance), form.instance.pk)
    if stamp_of(record) != form.cleaned_data.get("seen"):
        raise VersionConflict
