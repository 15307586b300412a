"""Turn a bearer token or a session into a principal, with one statement for either."""

import hashlib
import uuid
from dataclasses import dataclass
from typing import Any

from rest_framework.authentication import BaseAuthentication
from rest_framework.authentication import SessionAuthentication as FrameworkSessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from mediconnect.accounts import ports
from mediconnect.api.principal import Principal

# Toolkit tokens have 30 characters, ours 43; nothing near this is a token.
_LONGEST_TOKEN = 255


@dataclass(frozen=True, slots=True)
class Caller:
    """What the framework wants of a user, without reading the user's row."""

    pk: uuid.UUID | None
    is_active: bool = True
    is_authenticated: bool = True
    is_anonymous: bool = False

    @property
    def id(self) -> uuid.UUID | None:
        """Return the user's id; None for a system."""
        return self.pk


class BearerAuthentication(BaseAuthentication):
    """OAuth 2 bearer tokens, in the Authorization header only (RFC 9700, 4.3.2)."""

    def authenticate(self, request: Request) -> tuple[Caller, Principal] | None:
        """Return the caller and its principal, or None where no bearer token was sent.

        Raises `AuthenticationFailed` for a token that is malformed, unknown, expired, revoked, or of a disabled user.
        """
        scheme, _, token = request.headers.get("Authorization", "").strip().partition(" ")
        if scheme.lower() != "bearer":
            return None
        token = token.strip()
        if not token or len(token) > _LONGEST_TOKEN or not token.isascii() or " " in token:
            raise AuthenticationFailed
        principal = ports.principals().by_token(hashlib.sha256(token.encode()).hexdigest())
        if principal is None:
            raise AuthenticationFailed
        return Caller(principal.user_id), principal

    def authenticate_header(self, request: Request) -> str:
        """Return the challenge of a 401 (RFC 6750, 3)."""
        return 'Bearer realm="mediconnect"'


class SessionAuthentication(FrameworkSessionAuthentication):
    """A signed-in browser: staff in the portal. Writes need the CSRF token like any form."""

    def authenticate(self, request: Request) -> tuple[Any, Principal] | None:
        """Return the user and its principal, or None where nobody is signed in; raises `PermissionDenied` for CSRF."""
        user = getattr(request._request, "user", None)  # noqa: SLF001  the framework keeps the browser's user there
        if user is None or not user.is_authenticated or not user.is_active:
            return None
        self.enforce_csrf(request)
        return user, ports.principals().by_user(user.pk)
