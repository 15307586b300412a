"""What the pages of clinics share: an edit says what it opened and closed, and a refused one which visits are in the way."""

from collections.abc import Mapping
from typing import Any, Final

from django.contrib import messages
from django.db.models import Model
from django.http import HttpRequest

from mediconnect.accounts.administration import ClinicScoped
from mediconnect.records.administration import WritingAdmin
from mediconnect.records.administration.refusals import sentences
from providers.errors import VisitsInTheWay
from providers.models import Clinic
from providers.services.editing import Edit

from .clock import shown

# As many as somebody would move by hand; the number of all is said beside them.
_LISTED: Final = 20


class EditingAdmin(ClinicScoped, WritingAdmin):
    """A record whose edits may open and close time."""

    def edited(self, request: HttpRequest, edit: Edit[Any]) -> Model:
        """Return the record of an edit, and say what it did to open time."""
        preview = edit.preview
        if preview.minutes_opened or preview.minutes_closed:
            words = f"{preview.minutes_opened} minutes open, {preview.minutes_closed} minutes close."
            self.message_user(request, words, messages.INFO)
        record: Model = edit.record
        return record

    def told(self, refusal: Exception, request: HttpRequest) -> Mapping[str, list[str]]:
        """Name the visits that are in the way, by the clock of their clinic and by their ids."""
        if not isinstance(refusal, VisitsInTheWay):
            return sentences(refusal)
        clinics = Clinic.objects.in_bulk({clinic for clinic, _ in refusal.touched})
        listed = [f"{shown(visit.start, clinics[clinic].zone)}: visit {visit.id}" for clinic, visit in refusal.touched]
        count = len(listed)
        first = f"{'One visit is' if count == 1 else f'{count} visits are'} in the way. Move or cancel first, then save again."
        return {"": [first, *listed[:_LISTED]]}
