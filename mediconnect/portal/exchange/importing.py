"""The doors of imports: bring a file, see what each row would do, then import it or leave it."""

import uuid
from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST, require_safe

from mediconnect.api.access import ADMINS
from mediconnect.errors import DomainError, NotFound
from mediconnect.operations.errors import UnreadableFile
from mediconnect.operations.exchange import importing
from mediconnect.operations.exchange.files.limits import MOST_BYTES
from mediconnect.operations.exchange.kinds import KINDS
from mediconnect.operations.exchange.receiving import receive
from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.once import once
from mediconnect.portal.setup.editing import finished
from mediconnect.portal.setup.reading.overview import address
from mediconnect.portal.showing import Refusal, show

from .overview import PART, kind_page
from .reading import import_of, run_of
from .words import refusal_of


@require_POST
@desk_page(roles=ADMINS)
def upload(request: DeskRequest, desk: Desk, kind: str) -> HttpResponse:
    """Take a file in, to be looked at; nothing of it is imported by this."""
    if kind not in KINDS:
        raise NotFound
    try:
        content, name = _file(request)

        def work() -> dict[str, Any]:
            run = receive(clinic_id=desk.clinic.pk, kind=kind, content=content, file_name=name, by_id=desk.user.pk)
            return {"run": run.pk}

        made = once(request, desk, work)
    except DomainError as error:
        return kind_page(request, desk, kind, refusal=refusal_of(error), status=error.status)
    notice = _("The file is in. Each row is looked at now; nothing is imported yet.")
    return finished(request, notice, to=address(desk, "exchange-import", run=made["run"]))


@require_safe
@desk_page(roles=ADMINS)
def import_page(request: DeskRequest, desk: Desk, run: uuid.UUID) -> HttpResponse:
    """Show an import row by row, and what can be done with it."""
    return _shown(request, desk, run)


@require_POST
@desk_page(roles=ADMINS)
def start(request: DeskRequest, desk: Desk, run: uuid.UUID) -> HttpResponse:
    """Let the good rows be imported, and those that may be there already if that was ticked."""
    doubtful = request.POST.get("doubtful") == "1"

    def work() -> dict[str, Any]:
        importing.ask(run_id=run, clinic_id=desk.clinic.pk, with_doubtful=doubtful, by_id=desk.user.pk)
        return {}

    return _acted(request, desk, run, work, _("The import has begun. You may leave this page."))


@require_POST
@desk_page(roles=ADMINS)
def drop(request: DeskRequest, desk: Desk, run: uuid.UUID) -> HttpResponse:
    """Give an import up and delete what was uploaded."""

    def work() -> dict[str, Any]:
        importing.drop(run_id=run, clinic_id=desk.clinic.pk)
        return {}

    return _acted(request, desk, run, work, _("Nothing was imported, and the file is deleted."))


def _acted(
    request: DeskRequest, desk: Desk, run: uuid.UUID, work: Callable[[], dict[str, Any]], notice: str
) -> HttpResponse:
    run_of(desk, run)
    try:
        once(request, desk, work)
    except DomainError as error:
        return _shown(request, desk, run, refusal_of(error), error.status)
    return finished(request, notice, to=address(desk, "exchange-import", run=run))


def _shown(
    request: DeskRequest, desk: Desk, run: uuid.UUID, refusal: Refusal | None = None, status: int = 200
) -> HttpResponse:
    asked, page = request.GET.get("only", ""), request.GET.get("page", "")
    number = int(page) if page.isdecimal() and len(page) < 6 else 1
    words = {**PART, "shown": import_of(desk, run, only=asked, page=number), "only": asked, "refusal": refusal}
    fragments = {"import": "portal/exchange/_import.html"}
    return show(request, desk, "portal/exchange/import.html", words, fragments=fragments, status=status)


def _file(request: DeskRequest) -> tuple[bytes, str]:
    """Return content and name of the file that was sent; raises `UnreadableFile` for none, or too large a one."""
    sent = request.FILES.get("file")
    if sent is None:
        raise UnreadableFile(gettext_noop("Choose a file first."))
    if (sent.size or 0) > MOST_BYTES:
        raise UnreadableFile(
            gettext_noop("The file is larger than %(most)s MB. Divide it and upload the parts."),
            most=MOST_BYTES // 1_000_000,
        )
    return sent.read(), sent.name or ""
