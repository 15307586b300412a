"""Bring session and user to the request with a single statement."""

from typing import TYPE_CHECKING

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject

from mediconnect.accounts.sessions import SessionStore

if TYPE_CHECKING:
    from mediconnect.accounts.models import User


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
