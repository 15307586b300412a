"""The doors of many at once: choose, look, begin, watch, and stop, try again or take back."""

import csv
import io
import uuid
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from django.http import HttpResponse, HttpResponseNotModified, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from appointments.models import Batch
from appointments.rules.batches import FURTHEST, MOST, STEP
from appointments.services.batches.starting import LONGEST_NOTE, start_batch
from appointments.services.batches.steering import retry_refused, stop_batch, undo_batch
from mediconnect.errors import DomainError, Invalid
from mediconnect.operations.exchange.files import harmless
from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.once import once
from mediconnect.portal.showing import Refusal, done, refused, show
from mediconnect.portal.visits.views.cancelling import reasons

from .form import Typed, Wanted
from .reading.beforehand import beforehand
from .reading.choosing import choosing, lately
from .reading.outcome import Outcome, batch_at, outcome_of, version_now

_LIMITS: Final = {"most": MOST, "furthest": FURTHEST, "step": STEP, "letters": LONGEST_NOTE}


@require_safe
@desk_page
def select(request: DeskRequest, desk: Desk) -> HttpResponse:
    """Show a day's visits to choose from, and what can be done to them."""
    return _select(request, desk, Wanted.of(desk, request.GET))


def _select(
    request: DeskRequest, desk: Desk, wanted: Wanted, typed: Typed | None = None, refusal: Refusal | None = None
) -> HttpResponse:
    context = {
        "room": "board",
        "list": choosing(desk, wanted, typed),
        "typed": typed or Typed(),
        "lately": lately(desk),
        "reasons": reasons(),
        "limits": _LIMITS,
        "refusal": refusal,
    }
    return show(request, desk, "portal/batches/select.html", context, status=refusal.status if refusal else 200)


@require_POST
@desk_page
def preview(request: DeskRequest, desk: Desk) -> HttpResponse:
    """Show what would happen to each visit, and who would be told how; write nothing."""
    wanted, typed = Wanted.of(desk, request.POST), Typed.of(request.POST)
    if "change" in request.POST:
        return _select(request, desk, wanted, typed)
    try:
        seen, asked = typed.seen(), typed.asked()
    except Invalid as error:
        return _select(request, desk, wanted, typed, _in_words(error))
    context = {"room": "board", "wanted": wanted, "typed": typed, "preview": beforehand(desk, asked, seen)}
    return show(request, desk, "portal/batches/preview.html", context)


@require_POST
@desk_page
def start(request: DeskRequest, desk: Desk) -> HttpResponse:
    """Begin what was looked at, once."""
    wanted, typed = Wanted.of(desk, request.POST), Typed.of(request.POST)

    def work() -> dict[str, Any]:
        begun = start_batch(
            clinic_id=desk.clinic.pk,
            asked=typed.asked(),
            visits=typed.seen(),
            caller=desk.caller,
            only_provider=desk.only_provider,
        )
        return {"batch": begun.pk}

    try:
        made = once(request, desk, work)
    except DomainError as error:
        if error.status == HTTPStatus.NOT_FOUND:
            raise
        return _select(request, desk, wanted, typed, _in_words(error))
    return done(request, _("Begun. This page shows how far it is."), to=_address(desk, uuid.UUID(made["batch"])))


def _in_words(error: DomainError) -> Refusal:
    said = refused(error)
    sentences = [sentence for found in said.errors.values() for sentence in found]
    if not sentences:
        return said
    return Refusal(_("This cannot be done like that"), " ".join(sentences), said.code, 422, {}, {})


def _address(desk: Desk, batch_id: uuid.UUID) -> str:
    return reverse("portal:batch", kwargs={"clinic": desk.clinic.pk, "batch": batch_id})


@require_safe
@desk_page
def batch(request: DeskRequest, desk: Desk, batch: uuid.UUID) -> HttpResponse:
    """Show how far it is, who was reached and who is to be called: the page, or what of it changes."""
    return _batch(request, desk, batch)


def _batch(request: DeskRequest, desk: Desk, batch_id: uuid.UUID, refusal: Refusal | None = None) -> HttpResponse:
    context = {
        "room": "board",
        "outcome": outcome_of(desk, batch_at(desk, batch_id)),
        "address": _address(desk, batch_id),
        "refusal": refusal,
    }
    fragments = {"batch": "portal/batches/_outcome.html"}
    status = refusal.status if refusal else 200
    return show(request, desk, "portal/batches/batch.html", context, fragments=fragments, status=status)


@require_safe
@desk_page
def pulse(request: DeskRequest, desk: Desk, batch: uuid.UUID) -> HttpResponse:
    """Say whether anything changed since the page was shown: 304 while nothing did."""
    version = version_now(batch_at(desk, batch))
    tag = f'"{version}"'
    same = request.headers.get("If-None-Match") == tag
    response: HttpResponse = HttpResponseNotModified() if same else JsonResponse({"version": version})
    response["ETag"] = tag
    return response


@require_safe
@desk_page
def as_file(request: DeskRequest, desk: Desk, batch: uuid.UUID) -> HttpResponse:
    """Return the list for a spreadsheet: who was reached, and who is to be called."""
    outcome = outcome_of(desk, batch_at(desk, batch))
    response = HttpResponse(_written(desk, outcome), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="many_{outcome.batch.created_at:%Y-%m-%d}.csv"'
    return response


def _written(desk: Desk, outcome: Outcome) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    heads = [_("When"), _("Patient"), _("Provider"), _("Phone"), _("State"), _("Why"), _("Message"), _("To call")]
    writer.writerow([harmless(head) for head in heads])
    for row in outcome.rows:
        cells = [
            row.visit.starts_at.astimezone(desk.zone).isoformat(timespec="minutes"),
            row.name,
            row.visit.provider.name,
            row.phone,
            row.state_word,
            row.why,
            row.told.words if row.told else "",
            _("yes") if row.to_call else "",
        ]
        writer.writerow([harmless(cell) for cell in cells])
    return ("\ufeff" + out.getvalue()).encode()


@require_POST
@desk_page
def stop(request: DeskRequest, desk: Desk, batch: uuid.UUID) -> HttpResponse:
    """Leave undone what waits."""
    return _steered(request, desk, batch, stop_batch, _("Stopped. What was done stays done."))


@require_POST
@desk_page
def retry(request: DeskRequest, desk: Desk, batch: uuid.UUID) -> HttpResponse:
    """Try what was refused once more, as the visits are now."""
    return _steered(request, desk, batch, retry_refused, _("Tried again, as the visits are now."))


@require_POST
@desk_page
def undo(request: DeskRequest, desk: Desk, batch: uuid.UUID) -> HttpResponse:
    """Take the cancellations back."""
    return _steered(request, desk, batch, undo_batch, _("The cancellations are being taken back."))


def _steered(
    request: DeskRequest, desk: Desk, batch_id: uuid.UUID, verb: Callable[..., Batch], notice: str
) -> HttpResponse:
    batch_at(desk, batch_id)

    def work() -> dict[str, Any]:
        steered = verb(batch_id=batch_id, clinic_id=desk.clinic.pk, caller=desk.caller)
        return {"version": steered.version}

    try:
        once(request, desk, work)
    except DomainError as error:
        return _batch(request, desk, batch_id, refused(error))
    return done(request, notice, to=_address(desk, batch_id))
