"""Bring session and user to the request with a single statement."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject

from mediconnect.accounts.errors import TooManyAttempts
from mediconnect.accounts.sessions import SessionStore
from mediconnect.resilience.rate import count

if TYPE_CHECKING:
    from mediconnect.accounts.models import User

_NOT_PAGES = ("/api/", "/health/", "/o/token/", "/o/revoke_token/")


class OwnSessionMiddleware(SessionMiddleware):
    """Tell the session which browser this is, and whether a person is behind the request at all."""

    def process_request(self, request: HttpRequest) -> None:
        """Open the session. A page that polls by itself (`X-Background: 1`) does not keep anyone signed in."""
        super().process_request(request)
        session = request.session
        if isinstance(session, SessionStore):
            session.background = request.headers.get("X-Background") == "1"
            session.user_agent = request.headers.get("User-Agent", "")[:120].replace("\x00", "")


def session_user(request: HttpRequest) -> "User | AnonymousUser":
    """Return the user that came with the session row, unless a password changed since; asks the database nothing."""
    session = request.session
    claimed = session.get(SESSION_KEY)
    user = session.user if isinstance(session, SessionStore) else None
    if claimed is None or user is None or str(user.pk) != claimed:
        return AnonymousUser()
    if not constant_time_compare(session.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash()):
        session.flush()
        return AnonymousUser()
    return user


class SessionUserMiddleware(AuthenticationMiddleware):
    """Set `request.user` lazily from the session's own row."""

    def process_request(self, request: HttpRequest) -> None:
        """Promise the user; the session is read when somebody asks."""
        request.user = SimpleLazyObject(lambda: session_user(request))  # type: ignore[assignment]


class PageBudgetMiddleware:
    """Allow each user so many pages a minute; the API counts by itself, probes are never counted."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Stand between the session and the pages."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer 429 with the seconds to wait once the budget of the last minute is used up.

        Visitors are not counted here: all that they can do is limited by its own counters.
        """
        if request.path.startswith(_NOT_PAGES) or not request.user.is_authenticated:
            return self.get_response(request)
        allowed, retry_after = count(f"page:{request.user.pk}", limit=settings.PAGE_REQUESTS_PER_MINUTE)
        if allowed:
            return self.get_response(request)
        error = TooManyAttempts(retry_after=retry_after)
        response = render(request, "accounts/refused.html", {"error": error}, status=error.status)
        response["Retry-After"] = str(retry_after)
        return response
