"""Show a page or the fragment of it that was asked for; say what was done; put refusals into words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext

from mediconnect.errors import DomainError

from .desk import Desk, DeskRequest
from .sentences import for_people

_NO_FRAGMENTS: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Undo:
    """How the last step is taken back: the address that does it, and the version that it starts from."""

    action: str
    version: int
    fields: Mapping[str, str] = field(default_factory=dict)

    def packed(self) -> dict[str, Any]:
        """Return it as JSON for the session."""
        return {"action": self.action, "version": self.version, "fields": dict(self.fields)}


@dataclass(frozen=True, slots=True)
class Refusal:
    """A `DomainError` in the reader's words. `errors` names the fields; `extra` is what the error carries beside them."""

    title: str
    sentence: str
    code: str
    status: int
    errors: Mapping[str, list[str]]
    extra: Mapping[str, Any]


def show(
    request: DeskRequest,
    desk: Desk,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    fragments: Mapping[str, str] = _NO_FRAGMENTS,
    status: int = 200,
) -> HttpResponse:
    """Return the page, or the fragment that htmx is going to put into the element with that id.

    A fragment brings the notices along, so that what was done is said wherever it was done from.
    """
    words = {**(context or {}), "desk": desk}
    htmx = request.htmx
    fragment = fragments.get(htmx.target or "") if htmx and not htmx.history_restore_request else None
    if fragment is None:
        return render(request, template, words, status=status)
    notices = "" if request.headers.get("X-Background") == "1" else _notices(request)
    return HttpResponse(render_to_string(fragment, {**words, "fragment": True}, request) + notices, status=status)


def _notices(request: DeskRequest) -> str:
    return render_to_string("portal/components/_notices.html", {"out_of_band": True}, request)


def done(request: DeskRequest, notice: str, *, to: str, undo: Undo | None = None) -> HttpResponse:
    """Say what was done, with a way to take it back, and go on to the address.

    The notice is kept in the session until it is shown: it never names a patient.
    """
    messages.success(request, notice)
    if undo is not None:
        request.session["undo"] = undo.packed()
    else:
        request.session.pop("undo", None)
    response = HttpResponseRedirect(to)
    response.status_code = 303
    return response


def refused(error: DomainError) -> Refusal:
    """Return the refusal in words for people, in the reader's language."""
    extra = dict(error.extra)
    errors = {
        name: [gettext(sentence) for sentence in sentences]
        for name, sentences in (extra.pop("errors", None) or {}).items()
    }
    title, sentence = for_people(error)
    return Refusal(title, sentence, error.code, error.status, errors, extra)
