"""The rules of our OAuth 2 server, as settings of the toolkit: RFC 9700 throughout, nothing that it calls legacy."""

from typing import Any

from django.utils.translation import gettext_noop

PATIENT_SCOPES = {
    "appointments:read": gettext_noop("See your appointments and free times"),
    "appointments:write": gettext_noop("Book, move and cancel appointments for you"),
    "profile:read": gettext_noop("See your name, contact details and settings"),
    "profile:write": gettext_noop("Change your contact details and settings"),
}
SYSTEM_SCOPES = {
    "system/*.read": gettext_noop("Read schedules, visits and people as FHIR"),
    "system/Appointment.write": gettext_noop("Book and change visits through FHIR"),
}

ACCESS_TOKEN_SECONDS = 15 * 60
# Counted by the toolkit from the end of the access token, so a pair lives twelve hours in all when left alone.
REFRESH_TOKEN_SECONDS = 12 * 60 * 60 - ACCESS_TOKEN_SECONDS


def provider_settings(*, debug: bool, public_url: str) -> dict[str, Any]:
    """Return the value of `OAUTH2_PROVIDER`. Only a developer's machine may redirect to plain HTTP."""
    return {
        "SCOPES": {**PATIENT_SCOPES, **SYSTEM_SCOPES},
        "DEFAULT_SCOPES": ["appointments:read"],
        "OAUTH2_VALIDATOR_CLASS": "mediconnect.accounts.oauth_validator.OwnValidator",
        "ACCESS_TOKEN_ADMIN_CLASS": "mediconnect.accounts.oauth_admin.TokenAdmin",
        "REFRESH_TOKEN_ADMIN_CLASS": "mediconnect.accounts.oauth_admin.RefreshTokenAdmin",
        "ID_TOKEN_ADMIN_CLASS": "mediconnect.accounts.oauth_admin.IdTokenAdmin",
        "GRANT_ADMIN_CLASS": "mediconnect.accounts.oauth_admin.GrantAdmin",
        "ACCESS_TOKEN_EXPIRE_SECONDS": ACCESS_TOKEN_SECONDS,
        "REFRESH_TOKEN_EXPIRE_SECONDS": REFRESH_TOKEN_SECONDS,
        "AUTHORIZATION_CODE_EXPIRE_SECONDS": 60,
        "PKCE_REQUIRED": True,
        "ROTATE_REFRESH_TOKEN": True,
        "REFRESH_TOKEN_REUSE_PROTECTION": True,
        "REFRESH_TOKEN_GRACE_PERIOD_SECONDS": 0,
        "REQUEST_APPROVAL_PROMPT": "force",
        "ALLOWED_REDIRECT_URI_SCHEMES": ["https", "http"] if debug else ["https"],
        "ALLOW_URI_WILDCARDS": False,
        "OIDC_ENABLED": False,
        "OIDC_ISS_ENDPOINT": f"{public_url.rstrip('/')}/o",
        "DCR_ENABLED": False,
        "CIMD_ENABLED": False,
        "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
        "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
        "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
        "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
        "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
        "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
        "COMPLIANT_BCP_RFC9700_REFRESH_TOKEN": True,
        "COMPLIANT_BCP_RFC9700_REDIRECT_URI_SCHEME": not debug,
        "COMPLIANT_BCP_RFC9700_REDIRECT_URI_MATCHING": True,
        "COMPLIANT_BCP_RFC9700_PKCE_REQUIRED": True,
    }
