"""What is answered when a session ended while somebody was typing: nothing that was typed is lost."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

# Fields that belong to the page and not to what somebody typed.
_OURS = frozenset({"csrfmiddlewaretoken"})


def lapsed(request: HttpRequest) -> HttpResponse:
    """Answer 401 with what was sent, so that it can be sent again after signing in.

    A script of ours leaves its page as it is and says so; a browser without scripts gets the form back, hidden fields
    and all, with a link to the sign-in that opens beside it.
    """
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=401)
        response["HX-Reswap"] = "none"
        return response
    return render(request, "portal/lapsed.html", {"sent": sent(request)}, status=401)


def sent(request: HttpRequest) -> list[tuple[str, str]]:
    """Return the fields of a form in order, repeated ones as often as they came."""
    return [(name, value) for name, values in request.POST.lists() if name not in _OURS for value in values]


@never_cache
@require_safe
def session(request: HttpRequest) -> HttpResponse:
    """Say whether somebody is signed in, with a token for the forms of a page that was open meanwhile."""
    return JsonResponse({"signed_in": request.user.is_authenticated, "csrf": get_token(request)})
