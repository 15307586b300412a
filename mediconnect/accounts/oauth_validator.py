"""What our OAuth 2 server asks beyond the toolkit: scopes that fit the client, users that may still sign in."""

from collections.abc import Iterable
from typing import Any

from oauth2_provider.models import AbstractApplication
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauthlib.oauth2.rfc6749.errors import InvalidRequestError  # type: ignore[import-untyped]

from mediconnect.accounts.oauth import PATIENT_SCOPES, SYSTEM_SCOPES


class OwnValidator(OAuth2Validator):  # type: ignore[misc]  # the toolkit has no types
    """Give systems system scopes, people's clients people's scopes, and disabled users nothing."""

    def is_pkce_required(self, client_id: str, request: Any) -> bool:
        """Return True, always; raises `InvalidRequestError` for a challenge that is not hashed.

        The toolkit refuses "plain" only when the code is made, after the patient was asked; we refuse before asking.
        """
        if request.code_challenge is not None and request.code_challenge_method != "S256":
            raise InvalidRequestError(description="code_challenge_method must be S256.", request=request)
        return True

    def validate_scopes(
        self,
        client_id: str,
        scopes: Iterable[str],
        client: AbstractApplication,
        request: Any,
        *args: Any,
        **kwargs: Any,
    ) -> bool:
        """Return whether every scope asked for may go to this kind of client."""
        return set(scopes) <= set(_scopes_of(client))

    def get_default_scopes(self, client_id: str, request: Any, *args: Any, **kwargs: Any) -> list[str]:
        """Return the least that is of use: reading."""
        return ["system/*.read"] if _is_system(request.client) else ["appointments:read"]

    def validate_code(
        self, client_id: str, code: str, client: AbstractApplication, request: Any, *args: Any, **kwargs: Any
    ) -> bool:
        """Return whether the code is good and its user may still sign in."""
        good = super().validate_code(client_id, code, client, request, *args, **kwargs)
        return bool(good and request.user.is_active)

    def validate_refresh_token(
        self, refresh_token: str, client: AbstractApplication, request: Any, *args: Any, **kwargs: Any
    ) -> bool:
        """Return whether the token is good (a used one ends its family) and its user may still sign in."""
        good = super().validate_refresh_token(refresh_token, client, request, *args, **kwargs)
        return bool(good and request.user.is_active)


def _is_system(client: AbstractApplication) -> bool:
    return bool(client.authorization_grant_type == AbstractApplication.GRANT_CLIENT_CREDENTIALS)


def _scopes_of(client: AbstractApplication) -> dict[str, str]:
    return SYSTEM_SCOPES if _is_system(client) else PATIENT_SCOPES
