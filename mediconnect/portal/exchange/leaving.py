"""The doors of files that go out: templates, rows that were refused, and what a clinic has. Streamed, and kept nowhere."""

import datetime as dt
import uuid
from collections.abc import Iterator
from typing import cast

from django.http import HttpResponse, StreamingHttpResponse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST, require_safe

from mediconnect.api.access import ADMINS
from mediconnect.errors import DomainError, Invalid, NotFound
from mediconnect.operations.exchange import leaving
from mediconnect.operations.exchange.files import FORMS
from mediconnect.operations.exchange.kinds import KINDS, Chosen
from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.once import acted

from .overview import kind_page
from .reading import run_of
from .words import refusal_of


@require_safe
@desk_page(roles=ADMINS)
def template(request: DeskRequest, desk: Desk, kind: str, form: str) -> HttpResponse:
    """Answer with an empty file to fill in."""
    if kind not in KINDS or form not in FORMS:
        raise NotFound
    return _download(leaving.template(kind, form), f"{kind}-template", form)


@require_safe
@desk_page(roles=ADMINS)
def refused_rows(request: DeskRequest, desk: Desk, run: uuid.UUID, form: str) -> HttpResponse:
    """Answer with the rows of an import that were refused, to be corrected and brought again."""
    found = run_of(desk, run)
    if form not in FORMS or found.emptied_at is not None:
        raise NotFound
    return _download(leaving.refused_rows(found, form), f"{found.kind}-refused", form)


@require_POST
@desk_page(roles=ADMINS)
def export(request: DeskRequest, desk: Desk, kind: str) -> HttpResponse:
    """Write down who takes what out, then send it."""
    form = request.POST.get("form", "")
    if kind not in KINDS or form not in FORMS:
        raise NotFound
    try:
        chosen = _chosen(request)
    except DomainError as error:
        return kind_page(request, desk, kind, refusal=refusal_of(error), status=error.status)
    _run, pieces = acted(
        desk,
        lambda: leaving.export(clinic=desk.clinic, kind=kind, form=form, chosen=chosen, by_id=desk.user.pk),
    )
    return _download(pieces, f"{kind}-{desk.today.isoformat()}", form)


def _chosen(request: DeskRequest) -> Chosen:
    first, last = _day(request, "from"), _day(request, "to")
    if first and last and last < first:
        raise Invalid.field("to", gettext_noop("The last day does not lie before the first."))
    return Chosen(first=first, last=last, with_notes=request.POST.get("notes") == "1")


def _day(request: DeskRequest, name: str) -> dt.date | None:
    text = request.POST.get(name, "").strip()
    if not text:
        return None
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None or not 1990 <= day.year <= 2100:
        raise Invalid.field(name, gettext_noop("Write the date as in 2026-11-30."))
    return day


def _download(pieces: Iterator[bytes], name: str, form: str) -> HttpResponse:
    response = StreamingHttpResponse(pieces, content_type=FORMS[form].content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return cast("HttpResponse", response)  # what a desk's page asks of an answer, a stream has as well
