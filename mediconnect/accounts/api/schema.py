"""How the OpenAPI document says who calls: a bearer token of the OAuth 2 server, or the session of a signed-in browser."""

from typing import Any, Final

from django.conf import settings
from django.urls import reverse
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema

from mediconnect.accounts.oauth import PATIENT_SCOPES, SYSTEM_SCOPES

_BEARER: Final = (
    "An access token in the Authorization header, good for 15 minutes. Patients: authorization code with PKCE (S256); "
    "the refresh token changes with each use. Systems: client credentials."
)
_SESSION: Final = "The portal's session. Writes carry the CSRF token as `X-CSRFToken`."


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Names `BearerAuthentication` in the document."""

    target_class = "mediconnect.accounts.api.authentication.BearerAuthentication"
    name = "oauth2"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        """Return the flows, with the server's own addresses and scopes."""
        token, authorize = reverse("oauth2_provider:token"), reverse("oauth2_provider:authorize")
        return {
            "type": "oauth2",
            "description": _BEARER,
            "flows": {
                "authorizationCode": {
                    "authorizationUrl": authorize,
                    "tokenUrl": token,
                    "refreshUrl": token,
                    "scopes": PATIENT_SCOPES,
                },
                "clientCredentials": {"tokenUrl": token, "scopes": SYSTEM_SCOPES},
            },
        }


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Names `SessionAuthentication` in the document."""

    target_class = "mediconnect.accounts.api.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        """Return the cookie's name."""
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME, "description": _SESSION}
