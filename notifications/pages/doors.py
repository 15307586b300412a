"""The door of every page of a link: who may knock how often, in which language, and what must never leave the page."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters

from mediconnect.accounts.pages.requests import network_address
from mediconnect.api.errors import RateLimited
from mediconnect.errors import DomainError, NotPermitted
from mediconnect.habits import Habits
from mediconnect.resilience.rate import count
from notifications.models import Message
from notifications.services.linking import Opened, link_hash, open_link

# A person reads and clicks a dozen pages; a practice's waiting room shares one address.
LINK_REQUESTS_PER_MINUTE: Final = 30
ADDRESS_REQUESTS_PER_MINUTE: Final = 120

# How long a birth date that was given counts on this browser: long enough to choose a time, short on a borrowed phone.
CHECKED_SECONDS: Final = 30 * 60
_COOKIE: Final = "link"
_SALT: Final = "notifications.link"

_KEPT_OUT: Final = {
    # Without an address, no page that is left for another learns the token. A browser then says "Origin: null" with our
    # own forms, so what tells them from forged ones is Sec-Fetch-Site (see `_is_foreign`) and the token in the address.
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}


@dataclass(frozen=True, slots=True)
class Holder:
    """Who came by a link: what it opens, and of which visits this browser proved to know the birth date."""

    token: str
    opened: Opened
    checked: frozenset[int]

    def at(self, name: str, *arguments: int) -> str:
        """Return the address of a page of this link."""
        return reverse(f"link:{name}", args=[self.token, *arguments])


Page = Callable[..., HttpResponse]


def door(view: Page) -> Callable[..., HttpResponseBase]:
    """Guard an address that holds a token: limits, no forged form, nothing cached, indexed or passed on; refusals in words.

    No CSRF token: whoever could forge the form knows the token, and the cookie of a birth date does not come along.
    """

    @wraps(view)
    def guarded(request: HttpRequest, token: str, **arguments: Any) -> HttpResponse:
        try:
            _admit(request, token)
            response = view(request, token, **arguments)
        except DomainError as error:
            response = refused(request, error)
        for name, value in _KEPT_OUT.items():
            response[name] = value
        return response

    return csrf_exempt(sensitive_post_parameters()(never_cache(guarded)))


def link_page(view: Page) -> Callable[..., HttpResponseBase]:
    """Open the link for a view that takes (request, holder, …), and speak its message's language."""

    @wraps(view)
    def opened_page(request: HttpRequest, token: str, **arguments: Any) -> HttpResponse:
        opened = open_link(token)
        holder = Holder(token, opened, _checked(request, opened))
        language = language_of(opened.message)
        with translation.override(language):
            try:
                response = view(request, holder, **arguments)
            except DomainError as error:
                response = refused(request, error, opened)
        response["Content-Language"] = language
        return response

    return door(opened_page)


def refused(request: HttpRequest, error: DomainError, opened: Opened | None = None) -> HttpResponse:
    """Return the page of a refusal; with the clinic to call, where a link was opened."""
    context: dict[str, Any] = {"error": error, **(clinic_words(opened) if opened else {})}
    retry_after = getattr(error, "retry_after", None) or error.extra.get("retry_after")
    if retry_after:
        context["retry_after"] = retry_after
    response = render(request, "notifications/link/refused.html", context, status=error.status)
    if retry_after:
        response["Retry-After"] = str(retry_after)
    return response


def habits_of(opened: Opened) -> Habits:
    """Return how the clinic writes times, in the language that is spoken now."""
    return Habits.of(opened.clinic, get_language() or settings.LANGUAGE_CODE)


def clinic_words(opened: Opened) -> dict[str, Any]:
    """Return what every page of a link says of its clinic: which it is, and how to call it."""
    number = opened.clinic.phone
    return {"clinic": opened.clinic, "phone": habits_of(opened).phone(number) if number else ""}


def to(address: str) -> HttpResponse:
    """Return the way on after a form: a reload then repeats nothing."""
    response = HttpResponseRedirect(address)
    response.status_code = 303
    return response


def keep_checked(response: HttpResponse, holder: Holder, numbers: frozenset[int]) -> HttpResponse:
    """Let this browser remember, for half an hour and below this link alone, that it knows a birth date."""
    kept = signing.dumps({"link": holder.opened.hash, "visits": sorted(holder.checked | numbers)}, salt=_SALT)
    response.set_cookie(
        _COOKIE,
        kept,
        max_age=CHECKED_SECONDS,
        path=holder.at("link"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def language_of(message: Message) -> str:
    """Return the language of the message, or the house's own where pages do not speak it."""
    language = message.language
    return language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def _checked(request: HttpRequest, opened: Opened) -> frozenset[int]:
    try:
        kept = signing.loads(request.COOKIES.get(_COOKIE, ""), salt=_SALT, max_age=CHECKED_SECONDS)
    except signing.BadSignature:
        return frozenset()
    return frozenset(kept["visits"]) if kept["link"] == opened.hash else frozenset()


def _admit(request: HttpRequest, token: str) -> None:
    """Raise `RateLimited` for too many requests by one link or from one address, `NotPermitted` for a foreign form."""
    counted = {  # in this order: whoever tries tokens fills no memory with them
        f"links-from:{network_address(request)}": ADDRESS_REQUESTS_PER_MINUTE,
        f"link:{link_hash(token)}": LINK_REQUESTS_PER_MINUTE,
    }
    for key, limit in counted.items():
        allowed, retry_after = count(key, limit=limit)
        if not allowed:
            raise RateLimited(retry_after)
    if request.method == "POST" and _is_foreign(request):
        raise NotPermitted


def _is_foreign(request: HttpRequest) -> bool:
    """Return whether the browser says that another site sends the form. Mail programs and old browsers say nothing."""
    return request.headers.get("Sec-Fetch-Site", "none") not in {"none", "same-origin"}
