"""The doors of closures: entered after a look at what they touch, withdrawn with a way back."""

import uuid
from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from mediconnect.api.access import ADMINS
from mediconnect.errors import DomainError
from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.displacements.views.entering import entered_over_visits, hits_visits
from mediconnect.portal.once import once
from mediconnect.portal.setup.editing import Origin, Outcome, attempt, finished, rehearse, status_of, version_in
from mediconnect.portal.setup.forms.places import ClosureForm
from mediconnect.portal.setup.reading.closures import closed, closure_of, closures_of
from mediconnect.portal.setup.reading.overview import address
from mediconnect.portal.showing import Undo, refused, show
from providers.models import Closure
from providers.services.absences import AbsenceChange, change_closure, enter_closure
from providers.services.editing import Edit

_PART = {"room": "setup", "part": "closures"}
_PANEL = {"panel": "portal/components/_refusal.html"}

Do = Callable[[bool], Edit[Closure]]


@require_safe
@desk_page(roles=ADMINS)
def closures(request: DeskRequest, desk: Desk) -> HttpResponse:
    """List closures to come, those that are over, those withdrawn, and the public holidays."""
    return _listed(request, desk)


@desk_page(roles=ADMINS)
def new_closure(request: DeskRequest, desk: Desk) -> HttpResponse:
    """Close the clinic for a while; where visits are booked then, look at them first, each with a new time."""
    form, outcome = ClosureForm(request.POST or None, initial={"first_day": request.GET.get("date")}), Outcome()
    if form.is_valid():
        if hits_visits(desk, form.instants(desk.zone), None):
            return entered_over_visits(request, desk, None)

        def do(dry_run: bool) -> Edit[Closure]:  # noqa: FBT001  the one question that is asked of an edit
            return enter_closure(clinic_id=desk.clinic.pk, dry_run=dry_run, **form.instants(desk.zone))

        outcome = _edited(request, desk, form, do, keep=address(desk, "setup-closures"))
        if outcome.answer is not None:
            return finished(request, _("The clinic is closed then."), to=address(desk, "setup-closures"))
    return _shown(request, desk, form, outcome)


@desk_page(roles=ADMINS)
def edit_closure(request: DeskRequest, desk: Desk, closure: uuid.UUID) -> HttpResponse:
    """Move a closure or give it another reason."""
    row, outcome = closure_of(desk, closure), Outcome()
    form = ClosureForm(request.POST or None, initial=ClosureForm.initial_of(desk, row))
    if form.is_valid():

        def do(dry_run: bool) -> Edit[Closure]:  # noqa: FBT001  the one question that is asked of an edit
            said = form.instants(desk.zone)
            change = AbsenceChange(starts_at=said["starts_at"], ends_at=said["ends_at"], reason=said["reason"])
            version = form.cleaned_data["version"] or 0
            return change_closure(closure_id=row.pk, version=version, change=change, dry_run=dry_run)

        outcome = _edited(request, desk, form, do, keep=request.path)
        if outcome.answer is not None:
            return finished(request, _("Saved."), to=address(desk, "setup-closures"))
    return _shown(request, desk, form, outcome, row)


@require_POST
@desk_page(roles=ADMINS)
def withdraw(request: DeskRequest, desk: Desk, closure: uuid.UUID) -> HttpResponse:
    """Open the clinic again; the closure stays on record and can be put back."""
    return _switched(request, desk, closure, cancelled=True)


@require_POST
@desk_page(roles=ADMINS)
def restore(request: DeskRequest, desk: Desk, closure: uuid.UUID) -> HttpResponse:
    """Put a closure back that was withdrawn, unless something was booked meanwhile."""
    return _switched(request, desk, closure, cancelled=False)


def _edited(request: DeskRequest, desk: Desk, form: ClosureForm, do: Do, *, keep: str) -> Outcome:
    """Show what the edit touches, then make it."""
    at = Origin(request.path, keep)
    ahead = rehearse(request, desk, form, lambda: do(True), at=at)  # noqa: FBT003
    return ahead or attempt(request, desk, form, lambda: {"id": do(False).record.pk}, at=at)  # noqa: FBT003


def _switched(request: DeskRequest, desk: Desk, closure_id: uuid.UUID, *, cancelled: bool) -> HttpResponse:
    row, version = closure_of(desk, closure_id), version_in(request)

    def work() -> dict[str, Any]:
        edit = change_closure(closure_id=row.pk, version=version, change={"cancelled": cancelled})
        return {"version": edit.record.version}

    try:
        answer = once(request, desk, work, fresh_reads=True)
    except DomainError as error:
        return _listed(request, desk, error)
    back = address(desk, "setup-closure-restore" if cancelled else "setup-closure-withdraw", closure=row.pk)
    said = _("The closure is withdrawn; the clinic is open then.") if cancelled else _("The clinic is closed then.")
    undo = Undo(back, answer["version"])
    return finished(request, said, to=address(desk, "setup-closures"), undo=undo)


def _listed(request: DeskRequest, desk: Desk, error: DomainError | None = None) -> HttpResponse:
    words = {**_PART, "closures": closures_of(desk), "refusal": refused(error) if error else None}
    status = error.status if error else 200
    return show(request, desk, "portal/setup/closures.html", words, fragments=_PANEL if error else {}, status=status)


def _shown(
    request: DeskRequest, desk: Desk, form: ClosureForm, outcome: Outcome, row: Closure | None = None
) -> HttpResponse:
    said = closed(desk, row) if row is not None else None
    words = {**_PART, "form": form, "row": row, "said": said, **outcome.words}
    return show(request, desk, "portal/setup/closure.html", words, status=status_of(form, outcome))
