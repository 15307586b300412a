"""What is answered when something fails outside of any page or endpoint: words for people, problem documents for programs.

A page of this kind asks neither database nor cache nor session: it is shown when they are away.
"""

import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.http.response import HttpResponseBase
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.html import format_html
from django.utils.translation import gettext, gettext_noop

from mediconnect.api.errors import BodyTooLarge, MethodNotAllowed, Unexpected, UnreadableBody
from mediconnect.api.problems import problem, translate
from mediconnect.errors import DomainError, NotFound, NotPermitted
from mediconnect.telemetry.request_id import current_request_id

from .language import for_programs, language_of
from .lapses import sent
from .preferences import preferences
from .waits import in_words

log = logging.getLogger(__name__)

# Forms that carry secrets: those are typed again rather than written into a page.
_SECRET: Final = ("/accounts/", "/a/", "/o/", f"/{settings.ADMIN_PATH}")


@dataclass(frozen=True, slots=True)
class _Words:
    title: str
    sentence: str
    advice: str


class FormTooOld(DomainError):
    """A form came without the token of this browser's session: the page was open while somebody signed in anew."""

    code, status, title = "form-too-old", 403, "This page was open for a long time"
    sentence = "You signed in or out since it was opened, so what you sent was not carried out."


# By code, for people: the sentences of the classes speak to programs where they speak of bodies and headers.
_WORDS: Final = {
    "invalid": _Words(
        gettext_noop("This cannot be read"),
        gettext_noop("The address or the form was damaged on its way to us."),
        gettext_noop("Go back, reload the page and try again."),
    ),
    "body-too-large": _Words(
        gettext_noop("That is too much at once"),
        gettext_noop("A form may hold one megabyte."),
        gettext_noop("Go back, shorten what you typed and send it again."),
    ),
    "form-too-old": _Words(
        FormTooOld.title, FormTooOld.sentence, gettext_noop("Go back, reload the page and send the form again.")
    ),
    "not-permitted": _Words(
        gettext_noop("This is not open to you"),
        gettext_noop("Your role does not allow this."),
        gettext_noop("If you need it for your work, ask whoever runs your clinic's setup."),
    ),
    "not-found": _Words(
        gettext_noop("There is nothing here"),
        gettext_noop("The address is wrong, or what it led to is gone or not yours to see."),
        gettext_noop("Check the address, or start again from the first page."),
    ),
    "method-not-allowed": _Words(
        gettext_noop("This address only takes forms"),
        gettext_noop("It carries out a step and has no page of its own."),
        gettext_noop("Go back to the page that you came from."),
    ),
    "rate-limited": _Words(
        gettext_noop("A little too fast"),
        gettext_noop("More pages were asked for than one person reads in a minute."),
        gettext_noop("Wait %(wait)s, then go on."),
    ),
    "try-again": _Words(
        gettext_noop("Busy for a moment"),
        gettext_noop("The system could not answer in time. Nothing was booked or changed."),
        gettext_noop("Wait %(wait)s, then try again."),
    ),
    "unexpected": _Words(
        gettext_noop("Something broke on our side"),
        gettext_noop("This is our mistake, not yours, and it was reported."),
        gettext_noop("Look whether what you wanted is done already; if not, try again."),
    ),
}


def failed(request: HttpRequest, refusal: DomainError) -> HttpResponse:
    """Return a refusal as a page for people or a problem document for programs. Raises nothing, whatever is away."""
    if for_programs(request):
        return problem(refusal, request)
    with translation.override(language_of(request)):
        try:
            response = HttpResponse(_page(request, refusal), status=refusal.status)
        except Exception as error:
            log.error("the failure page failed: %s", type(error).__name__, exc_info=error)  # noqa: TRY400  named by class alone
            response = HttpResponse(_bare(refusal), status=refusal.status)
    response["Cache-Control"] = "no-store"
    if retry_after := _retry_after(refusal):
        response["Retry-After"] = str(retry_after)
    if request.headers.get("HX-Request"):
        # Said beside the page: whatever is being typed in it stays.
        response["HX-Retarget"], response["HX-Reswap"] = "#notices", "innerHTML"
    return response


def _page(request: HttpRequest, refusal: DomainError) -> str:
    words = _WORDS.get(refusal.code) or _Words(refusal.title, refusal.detail, gettext_noop("Go back and try again."))
    context: dict[str, Any] = {
        "title": gettext(words.title),
        "sentence": gettext(words.sentence),
        "advice": gettext(words.advice) % {"wait": in_words(_retry_after(refusal) or 1)},
        "request_id": current_request_id(),
        "status": refusal.status,
        **preferences(request),
    }
    if request.headers.get("HX-Request"):
        return render_to_string("portal/components/_failure.html", context)
    return render_to_string("portal/failure.html", context | _way_on(request, refusal))


def _way_on(request: HttpRequest, refusal: DomainError) -> dict[str, Any]:
    """Return how to try once more: the address again, or the form that was sent, unless it holds secrets."""
    if refusal.status not in {429, 500, 503} and not isinstance(refusal, FormTooOld):
        return {}
    if request.method in {"GET", "HEAD"} or request.path_info.startswith(_SECRET):
        return {"again": request.get_full_path()}
    way = {"address": request.get_full_path(), "sent": _sent(request), "csrf_token": get_token(request)}
    if isinstance(refusal, FormTooOld):
        way["advice"] = gettext("What you typed is kept on this page: send it again.")
    return way


def _sent(request: HttpRequest) -> list[tuple[str, str]]:
    try:
        return sent(request)
    except (RequestDataTooBig, UnreadablePostError):
        return []


def _retry_after(refusal: DomainError) -> int:
    seconds: int = getattr(refusal, "retry_after", 0)
    return seconds


def _bare(refusal: DomainError) -> str:
    """Return a page that needs nothing at all."""
    return format_html(
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
        '<h1>{title}</h1><p>{sentence}</p><p>{request_id}</p><p><a href="/">MediConnect</a></p></html>',
        title=refusal.title,
        sentence=refusal.sentence,
        request_id=current_request_id(),
    )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what Django could not read."""
    return failed(request, BodyTooLarge() if isinstance(exception, RequestDataTooBig) else UnreadableBody())


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # Django's signature
    """Answer what is not permitted."""
    return failed(request, NotPermitted())


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # Django's signature
    """Answer an address that leads nowhere."""
    return failed(request, NotFound("There is nothing at this address."))


def broken(request: HttpRequest) -> HttpResponse:
    """Answer what nobody caught: 503 where the database did not answer, a refusal's own status, else our own mistake."""
    error = sys.exc_info()[1]
    return failed(request, (translate(error) if error else None) or Unexpected())


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form without a valid token (`CSRF_FAILURE_VIEW`).

    From a page of ours it is an old page, not an attack: what was sent is shown once more, to be sent with a new token.
    Only the browser can say so, by the Origin header, which no other site can choose. All others are refused (403).
    """
    ours = f"{request.scheme}://{request.get_host()}"
    return failed(request, FormTooOld() if request.headers.get("Origin") == ours else NotPermitted())


class SilentAnswersMiddleware:
    """Gives words to an answer that has none: an address that only takes forms, opened by itself (405)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Wrap the rest of the way in."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Return the answer; a page in place of an empty refusal."""
        response = self.get_response(request)
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED or for_programs(request):
            return response
        spoken = failed(request, MethodNotAllowed())
        spoken["Allow"] = response.get("Allow", "")
        return spoken
