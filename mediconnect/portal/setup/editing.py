"""How an edit of setup goes: try it once, and put what stands in its way into words beside what was typed."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.http import HttpResponse

from mediconnect.errors import DomainError, Invalid
from mediconnect.portal.desk import Desk, DeskRequest
from mediconnect.portal.once import acted, once
from mediconnect.portal.previews import Shown, in_the_way, shown
from mediconnect.portal.showing import Refusal, Undo, done, refused
from providers.errors import ChangedMeanwhile, VisitsInTheWay
from providers.services.editing import Edit

from .clashing import Clash, clash_with
from .forms.edits import EditForm

# The button that saves after a preview carries the mark of what was previewed.
SURE: Final = "sure"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an edit: an answer if it was carried out, else what to show above the form."""

    answer: Mapping[str, Any] | None = None
    refusal: Refusal | None = None
    clash: Clash | None = None
    preview: Shown | None = None
    sure: str = ""
    status: int = 200

    @property
    def words(self) -> dict[str, Any]:
        """Return it as a template's context."""
        return {"refusal": self.refusal, "clash": self.clash, "preview": self.preview, "sure": self.sure}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an edit was made: the address of its form, and where to go to leave everything as it is."""

    action: str
    keep: str


def attempt(
    request: DeskRequest, desk: Desk, form: EditForm, work: Callable[[], dict[str, Any]], *, at: Origin
) -> Outcome:
    """Carry an edit out, once per key of its form; a refusal comes back as words, those of fields at their fields."""
    try:
        return Outcome(answer=once(request, desk, work, fresh_reads=True))
    except DomainError as error:
        return stopped(desk, form, error, at=at)


def stopped(desk: Desk, form: EditForm, error: DomainError, *, at: Origin) -> Outcome:
    """Return what a page says of a refused edit."""
    if isinstance(error, ChangedMeanwhile):
        return Outcome(clash=clash_with(desk, form, error.record, at.action, at.keep), status=error.status)
    told = refused(error)
    if isinstance(error, VisitsInTheWay):
        return Outcome(refusal=told, preview=in_the_way(desk, error.touched), status=error.status)
    if isinstance(error, Invalid) and told.errors:
        put_at_fields(form, told.errors)
        return Outcome(status=error.status)
    return Outcome(refusal=told, status=error.status)


def rehearse(
    request: DeskRequest, desk: Desk, form: EditForm, work: Callable[[], Edit[Any]], *, at: Origin
) -> Outcome | None:
    """Return what the edit would change, or None where that was shown already (or is nothing) and the edit may be made.

    `work` is the edit as a dry run. What the button says it is sure of is what was shown: other values are shown first.
    """
    mark = mark_of(form)
    if request.POST.get(SURE) == mark:
        return None
    try:
        preview = shown(desk, acted(desk, lambda: work().preview, fresh_reads=True))
    except DomainError as error:
        return stopped(desk, form, error, at=at)
    if not preview.changes:
        return None
    return Outcome(preview=preview, sure="" if preview.in_the_way else mark)


def status_of(form: forms.Form, outcome: Outcome) -> int:
    """Return the status of the page that shows a form: the refusal's, or 422 where fields have to be corrected."""
    return 422 if outcome.status == 200 and form.errors else outcome.status


def mark_of(form: EditForm) -> str:
    """Return a mark that other values of the form, or another version of the row, do not have."""
    values = {name: str(value) for name, value in form.cleaned_data.items()}
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]


def put_at_fields(form: forms.Form, errors: Mapping[str, list[str]]) -> None:
    """Put sentences at their fields, and those of no field of the form above it."""
    for name, sentences in errors.items():
        for sentence in sentences:
            form.add_error(name if name in form.fields else None, sentence)


def version_in(request: DeskRequest) -> int:
    """Return the version that a form without fields carries; 0, which no row has, where it carries none."""
    text = request.POST.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def finished(request: DeskRequest, notice: str, *, to: str, undo: Undo | None = None) -> HttpResponse:
    """Say what was done and go on; a script that asked for a fragment is sent to the whole page, which shows it."""
    response = done(request, notice, to=to, undo=undo)
    if not request.htmx:
        return response
    onward = HttpResponse(status=204)
    onward["HX-Redirect"] = to
    return onward
