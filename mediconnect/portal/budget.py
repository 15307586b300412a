"""So many pages a minute for each user."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from mediconnect.api.errors import RateLimited
from mediconnect.resilience.rate import count

from .failures import failed
from .language import for_programs


class PageBudgetMiddleware:
    """Allow each user so many pages a minute; the API counts by itself, probes are never counted."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Stand between the session and the pages."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer 429 with the seconds to wait once the budget of the last minute is used up.

        Visitors are not counted here: all that they can do is limited by its own counters.
        """
        if for_programs(request) or not request.user.is_authenticated:
            return self.get_response(request)
        allowed, retry_after = count(f"page:{request.user.pk}", limit=settings.PAGE_REQUESTS_PER_MINUTE)
        return self.get_response(request) if allowed else failed(request, RateLimited(retry_after))
