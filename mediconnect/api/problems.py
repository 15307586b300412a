"""Every refusal as a problem document (RFC 9457), rendered in this one place."""

import logging
from typing import Any, Final

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework import exceptions

from mediconnect.errors import DomainError, Invalid, NotFound, NotPermitted, TryAgain
from mediconnect.telemetry.request_id import current_request_id

from .answers import to_json
from .errors import (
    BodyTooLarge,
    MethodNotAllowed,
    NotAuthenticated,
    Unexpected,
    UnreadableBody,
    UnsupportedMediaType,
)

log = logging.getLogger(__name__)

CONTENT_TYPE: Final = "application/problem+json"


def problem(error: DomainError, request: HttpRequest | None = None) -> HttpResponse:
    """Return the problem document of a refusal, with its status and, where waiting helps, Retry-After."""
    document: dict[str, Any] = {
        "type": f"urn:mediconnect:problem:{error.code}",
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "code": error.code,
        "request_id": current_request_id(),
        "trace_id": None,
        **{name: value for name, value in error.extra.items() if value not in (None, {}, [])},
    }
    headers = {"Content-Type": CONTENT_TYPE, "Cache-Control": "no-store"}
    if retry_after := getattr(error, "retry_after", None):
        headers["Retry-After"] = str(retry_after)
    if link := getattr(error, "link", None):
        headers["Link"] = f'<{link}>; rel="describedby"'
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if allowed := getattr(error, "allowed", None):
        headers["Allow"] = ", ".join(allowed)
    return HttpResponse(to_json(document), status=error.status, headers=headers)


# What frameworks and the database raise, and what each amounts to; the first that fits counts.
_MEANINGS: Final[tuple[tuple[type[BaseException], type[DomainError]], ...]] = (
    (OperationalError, TryAgain),
    (InterfaceError, TryAgain),
    (Http404, NotFound),
    (PermissionDenied, NotPermitted),
    (RequestDataTooBig, BodyTooLarge),
    (SuspiciousOperation, UnreadableBody),
    (RecursionError, UnreadableBody),  # a body nested deeper than anybody means
    (exceptions.NotAuthenticated, NotAuthenticated),
    (exceptions.AuthenticationFailed, NotAuthenticated),
    (exceptions.PermissionDenied, NotPermitted),
    (exceptions.MethodNotAllowed, MethodNotAllowed),
    (exceptions.UnsupportedMediaType, UnsupportedMediaType),
    (exceptions.NotFound, NotFound),
    (exceptions.APIException, UnreadableBody),
)


def translate(error: BaseException) -> DomainError | None:
    """Return the refusal that a framework's or the database's exception amounts to; None for what nobody foresaw."""
    if isinstance(error, DomainError):
        return error
    if isinstance(error, exceptions.ValidationError):
        return Invalid(errors=_field_errors(error.detail))
    return next((ours() for theirs, ours in _MEANINGS if isinstance(error, theirs)), None)


def _field_errors(detail: Any, prefix: str = "") -> dict[str, list[str]]:
    """Return each field's sentences under a dotted name, however deep the serializer nested them."""
    if isinstance(detail, dict):
        merged: dict[str, list[str]] = {}
        for name, inner in detail.items():
            merged |= _field_errors(inner, f"{prefix}.{name}" if prefix else str(name))
        return merged
    if isinstance(detail, list) and any(isinstance(item, dict | list) for item in detail):
        merged = {}
        for index, item in enumerate(detail):
            merged |= _field_errors(item, f"{prefix}.{index}" if prefix else str(index))
        return merged
    sentences = detail if isinstance(detail, list) else [detail]
    return {prefix or "body": [str(sentence) for sentence in sentences]}


def handle(error: BaseException, request: HttpRequest | None = None) -> HttpResponse:
    """Return the problem document of any exception; the unforeseen is logged by its class alone and answered with 500."""
    refusal = translate(error)
    if refusal is None:
        log.error("unexpected %s", type(error).__name__, exc_info=error)
        refusal = Unexpected()
    return problem(refusal, request)
