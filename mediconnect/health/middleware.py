"""Answer the probes before anything that could refuse, redirect, throttle or wait."""

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse

from .views import liveness, readiness

_VIEWS: Final = {"/health/liveness": liveness, "/health/readiness": readiness}


class HealthMiddleware:
    """Stands right behind the request id: a probe comes by address, without TLS, cookie or a Host that we know."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Wrap the rest of the way in."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the probe's answer, or hand any other request on."""
        view = _VIEWS.get(request.path_info)
        return view(request) if view else self.get_response(request)
