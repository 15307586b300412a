"""The consent page of the OAuth 2 server, and the three of its addresses that we serve."""

from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from oauth2_provider.views import AuthorizationView

from mediconnect.accounts.pages.requests import private_page


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
