"""The visible promise on a door: this write happens once per key."""

import functools
import uuid
from collections.abc import Callable
from typing import Any, Final, Protocol

from django.conf import settings
from django.http import HttpResponse

from mediconnect.api.answers import HttpAnswer
from mediconnect.api.requests import ApiRequest
from mediconnect.errors import DomainError, NotPermitted
from mediconnect.resilience.transactions import decide
from mediconnect.telemetry.request_id import current_request_id

from .errors import KeyRequired
from .rules import fingerprint, parse_key
from .services.answering import Answer, answer_once

# A refusal that a rule settled is an answer like any other, so that a late retry never books by surprise (style.md).
_SETTLED: Final = frozenset({409, 422})
_KEPT_HEADERS: Final = ("Content-Type", "ETag", "Location")


class Door(Protocol):
    """A view that can say whether its caller may still see what an old answer speaks of."""

    def may_see(self, request: ApiRequest, resource_id: uuid.UUID) -> bool:
        """Return whether the caller may see this object now."""

    def handle_exception(self, exc: Exception) -> HttpResponse:
        """Return the problem document of a refusal, as this door shows it."""


Method = Callable[..., HttpResponse]


def idempotent(*, required: bool = False, fresh_reads: bool = False) -> Callable[[Method], Method]:
    """Decorate an API method so that it runs in one transaction, and once per Idempotency-Key of its caller.

    The same key, caller, path and body within 48 hours gets the stored status and body with `Idempotent-Replayed: true`.
    Stored are successes and settled refusals (409, 422); anything else rolls back, key included. Without a key the method
    runs plainly, unless `required`: then it is refused with 400. `fresh_reads` is for edits of hours, as `decide` says.
    """

    def wrap(method: Method) -> Method:
        @functools.wraps(method)
        def once(view: Door, request: ApiRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            header = request.headers.get("Idempotency-Key")
            if header is None and required:
                raise KeyRequired
            key = parse_key(header) if header is not None else None

            def run() -> HttpResponse:
                if key is None:
                    return method(view, request, *args, **kwargs)
                answer = answer_once(
                    principal=request.principal.key,
                    key=key,
                    fingerprint=_fingerprint(request),
                    work=lambda: _answered(view, lambda: method(view, request, *args, **kwargs)),
                )
                return _response(view, request, answer)

            return decide(
                run, actor_id=request.principal.user_id, request_id=current_request_id(), fresh_reads=fresh_reads
            )

        return once

    return wrap


def _fingerprint(request: ApiRequest) -> bytes:
    return fingerprint(
        settings.BLIND_INDEX_KEY,  # stays when the secret key rotates, as a retry must still match
        method=request.method or "",
        path=request.path,
        query=request.META.get("QUERY_STRING", ""),
        body=request.data,
    )


def _answered(view: Door, run: Callable[[], HttpResponse]) -> Answer:
    """Return what the method answered or refused for good. Services write inside a savepoint, so a refusal leaves nothing."""
    try:
        response = run()
    except DomainError as error:
        if error.status not in _SETTLED or getattr(error, "retry_after", None):
            raise
        response = view.handle_exception(error)
    resource = response.resource_id if isinstance(response, HttpAnswer) else None
    headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
    return Answer(response.status_code, response.content.decode(), headers, resource)


def _response(view: Door, request: ApiRequest, answer: Answer) -> HttpResponse:
    if answer.replayed and answer.resource_id and not view.may_see(request, answer.resource_id):
        raise NotPermitted
    response = HttpResponse(answer.body, status=answer.status, headers=answer.headers)
    if answer.replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return response
