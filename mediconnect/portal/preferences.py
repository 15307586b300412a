"""How somebody likes to read: language and light, kept in the browser and not in the account, since desks are shared."""

from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

THEMES: Final = ("light", "dark")
_YEAR_SECONDS: Final = 365 * 24 * 60 * 60


def preferences(request: HttpRequest) -> dict[str, Any]:
    """Return what each page needs to know of its reader: the theme chosen, empty for the machine's own."""
    theme = request.COOKIES.get("theme", "")
    return {"theme": theme if theme in THEMES else "", "languages": settings.LANGUAGES}


@require_POST
def prefer(request: HttpRequest) -> HttpResponse:
    """Remember a language or a theme and go back to where the reader was."""
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = "/"
    response = HttpResponseRedirect(back)
    response.status_code = 303
    language, theme = request.POST.get("language"), request.POST.get("theme")
    if language in dict(settings.LANGUAGES):
        _keep(response, settings.LANGUAGE_COOKIE_NAME, language or "")
    if theme in THEMES:
        _keep(response, "theme", theme or "")
    elif theme == "":
        response.delete_cookie("theme")
    return response


def _keep(response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(
        name,
        value,
        max_age=_YEAR_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
