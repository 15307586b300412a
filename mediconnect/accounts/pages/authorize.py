"""The consent page of the OAuth 2 server, and the guard before its addresses."""

import base64
import binascii
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.decorators import method_decorator
from oauth2_provider.models import Application
from oauth2_provider.views import AuthorizationView

from mediconnect.accounts.pages.requests import private_page

# The toolkit's columns. S256 makes 43 characters of any verifier; a nonce is for OpenID Connect, which is off.
_LONGEST = {"code_challenge": 128, "nonce": 255}


@method_decorator(private_page, name="dispatch")
class ConsentView(AuthorizationView):
    """Ask the patient what a program may do. The page may send its answer on to that program, and nowhere else."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the question. Browsers apply `form-action` to redirects too, so the client's origin is let in."""
        response: HttpResponse = super().get(request, *args, **kwargs)
        target = urlsplit(getattr(self, "oauth2_data", {}).get("redirect_uri") or "")
        if target.netloc:
            response._csp_update = {  # type: ignore[attr-defined]  # noqa: SLF001  as django-csp takes it
                "form-action": [f"{target.scheme}://{target.netloc}"],
            }
        return response

    def form_valid(self, form: forms.Form) -> HttpResponse:
        """Take the answer; the client's id stands in the form, so it may have been made up."""
        if not Application.objects.filter(client_id=form.cleaned_data["client_id"]).exists():
            error = {"error": "invalid_request", "description": "the program is not registered."}
            refusal: HttpResponse = self.render_to_response({"error": error}, status=400)
            return refusal
        response: HttpResponse = super().form_valid(form)
        return response


def well_formed(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Refuse (400 `invalid_request`) what the toolkit would pass to the database and the database would choke on."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if any("\x00" in text for text in _texts(request)):
            return _malformed("NUL characters are not allowed.")
        for name, longest in _LONGEST.items():
            if any(len(value) > longest for value in request.GET.getlist(name) + request.POST.getlist(name)):
                return _malformed(f"{name} is too long.")
        return view(request, *args, **kwargs)

    return guarded


def _texts(request: HttpRequest) -> Iterator[str]:
    for values in (request.GET, request.POST):
        for name, several in values.lists():
            yield name
            yield from several
    scheme, _, sealed = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            yield base64.b64decode(sealed).decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            return


def _malformed(description: str) -> JsonResponse:
    return JsonResponse({"error": "invalid_request", "error_description": description}, status=400)
