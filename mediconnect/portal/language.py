"""Each page in its reader's language; what programs read stays English."""

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers

# Answers to programs: their sentences are part of the documented interface, and no cookie may change them.
_PROGRAMS: Final = ("/api/", "/webhooks/", "/calendar/", "/health/", "/o/token/", "/o/revoke_token/")


def for_programs(request: HttpRequest) -> bool:
    """Return whether a program reads the answer, and no person."""
    return request.path_info.startswith(_PROGRAMS)


def language_of(request: HttpRequest) -> str:
    """Return the language to answer in: the reader's choice, else the browser's, else the house's.

    It comes from the request alone, so that it is known even where the database is not.
    """
    if for_programs(request):
        return settings.LANGUAGE_CODE
    return translation.get_language_from_request(request)


class LanguageMiddleware:
    """Speaks the reader's language for as long as the request takes, and leaves the thread as it was."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Wrap the rest of the way in."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Return the answer; a page says which language it is in, and that another reader may get another."""
        language = language_of(request)
        with translation.override(language):
            response = self.get_response(request)
        if not for_programs(request):
            response.headers.setdefault("Content-Language", language)
            patch_vary_headers(response, ("Accept-Language", "Cookie"))
        return response
