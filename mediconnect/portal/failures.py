"""What is answered when something fails outside of any page or endpoint: words for people, problem documents for programs."""

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from mediconnect.api.errors import BodyTooLarge, Unexpected, UnreadableBody
from mediconnect.api.problems import problem
from mediconnect.errors import DomainError, NotFound, NotPermitted
from mediconnect.telemetry.request_id import current_request_id


def failed(request: HttpRequest, refusal: DomainError) -> HttpResponse:
    """Return a refusal as a page for people or a problem document for programs."""
    if request.path.startswith("/api/"):
        return problem(refusal, request)
    context = {"refusal": refusal, "request_id": current_request_id()}
    return render(request, "portal/failure.html", context, status=refusal.status)


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
    """Answer our own mistake."""
    return failed(request, Unexpected())
