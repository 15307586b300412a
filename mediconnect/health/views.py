"""Liveness and readiness, for whoever decides to restart this process or to send it requests."""

from typing import Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from . import draining
from .checks import Cache, Database
from .probe import Probe

probe = Probe({"database": Database(), "cache": Cache()})

_CRITICAL: Final = frozenset({"database"})


@require_safe
@never_cache
def liveness(request: HttpRequest) -> HttpResponse:
    """Return 200 whenever a thread can answer at all: no database, no cache, no session, nothing that could wait."""
    return _answer({"status": "alive"}, 200)


@require_safe
@never_cache
def readiness(request: HttpRequest) -> HttpResponse:
    """Return 200 `ready` or `degraded`, or 503 `not-ready` while the database is away, behind, or this process drains."""
    passed = probe.latest()
    if draining.is_draining():
        return _answer({"status": "draining"}, 503)
    failed = {name for name, fine in passed.items() if not fine}
    checks = {name: "ok" if fine else "failed" for name, fine in passed.items()}
    if failed & _CRITICAL:
        return _answer({"status": "not-ready", "checks": checks}, 503)
    return _answer({"status": "degraded" if failed else "ready", "checks": checks}, 200)


def _answer(content: dict[str, object], status: int) -> HttpResponse:
    response = JsonResponse(content, status=status)
    if status == 503:
        response.headers["Retry-After"] = "5"
        # Django would log each such answer as an error; the probe has told the change already.
        response._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001
    return response
