"""The door of calendar feeds: whoever knows the secret reads, and nobody else learns that there is one."""

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from appointments.queries.feeds import find_feed, read_feed, secret_hash
from appointments.services.feeds import note_reading
from mediconnect.accounts.pages.requests import network_address
from mediconnect.resilience.rate import count

READS_PER_MINUTE: Final = 12
"""Of one feed. Programs look every few minutes at the most; several devices may share an address."""

ADDRESS_READS_PER_MINUTE: Final = 120
"""From one network address, of all feeds and of none: a practice's devices, and whoever tries secrets."""

_HEADERS: Final = {
    # Kept by the program that reads and by nobody on the way; asked for again each time, which costs a 304.
    "Cache-Control": "private, no-cache",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}


@require_safe
def feed(request: HttpRequest, secret: str) -> HttpResponse:
    """Answer with the calendar, with 304 where it is as it was read before, and with 404 for whatever is no feed."""
    wait = _too_often(request, secret)
    if wait:
        return _answer(
            HttpResponse("Too many requests.\n", content_type="text/plain", status=429), Retry_After=str(wait)
        )
    found = find_feed(secret)
    if found is None:
        return _answer(HttpResponse("There is no calendar here.\n", content_type="text/plain", status=404))
    note_reading(found)
    reading = read_feed(found, timezone.now().date())
    response = get_conditional_response(request, etag=reading.etag)
    if response is None:
        response = HttpResponse(reading.text(), content_type="text/calendar; charset=utf-8")
        response["Content-Disposition"] = 'inline; filename="calendar.ics"'
    return _answer(response, ETag=reading.etag)


def _too_often(request: HttpRequest, secret: str) -> int:
    """Return the seconds to wait, 0 for none. By address first: whoever tries secrets fills no memory with them."""
    counted = {
        f"feeds-from:{network_address(request)}": ADDRESS_READS_PER_MINUTE,
        f"feed:{secret_hash(secret)}": READS_PER_MINUTE,
    }
    for key, limit in counted.items():
        allowed, wait = count(key, limit=limit)
        if not allowed:
            return wait
    return 0


def _answer(response: HttpResponse, **headers: str) -> HttpResponse:
    for name, value in (_HEADERS | {name.replace("_", "-"): value for name, value in headers.items()}).items():
        response[name] = value
    return response
