"""Give each request its id, and each answer the same one."""

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse

from mediconnect.telemetry import request_id

_META_KEY: Final = "HTTP_X_REQUEST_ID"


class RequestIdMiddleware:
    """Sets the current request id, and `request.META["HTTP_X_REQUEST_ID"]` with it, and echoes it in the answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Wrap the rest of the way in."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the answer, with its X-Request-ID header set."""
        identifier = request_id.accepted_request_id(request.META.get(_META_KEY, ""))
        request_id.set_request_id(identifier)
        request.META[_META_KEY] = identifier
        try:
            response = self.get_response(request)
            response.headers[request_id.HEADER] = identifier
            return response
        finally:
            request_id.set_request_id("")
