"""The HTTP API: formats, documents, limits."""

from mediconnect.accounts.oauth import provider_settings
from mediconnect.settings.web import DEBUG, PUBLIC_URL

# Who answers "what may this caller see": the apps above accounts know, so they are named here, not imported.
PRINCIPALS = "mediconnect.portal.principals"
ACCOUNT_SUBJECTS = "patients.accounts"
VISITS_OF_PATIENTS = "appointments.api.dashboard.dashboard_of"
MESSAGES_OF_PATIENTS = "notifications.api.dashboard.messages_of"
VISITS_TOUCHED = "appointments.queries.visits_outside"
TIME_OPENED = "appointments.services.freeing.free_opened_hours"
MERGE_STEPS = ("appointments.services.merging.STEP", "notifications.services.merging.STEP")
QUIET_UNTIL = "notifications.queries.quiet.quiet_until"

OAUTH2_PROVIDER = provider_settings(debug=DEBUG, public_url=PUBLIC_URL)

API_REQUESTS_PER_MINUTE = 100  # of one user, for /api/
PAGE_REQUESTS_PER_MINUTE = 600  # of one user, for pages

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    # The bearer token first: whoever sends one means it, whatever cookie a browser adds. Its challenge goes with a 401.
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "mediconnect.accounts.api.authentication.BearerAuthentication",
        "mediconnect.accounts.api.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "UNAUTHENTICATED_USER": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}

SPECTACULAR_SETTINGS = {
    "TITLE": "MediConnect",
    "DESCRIPTION": "Book, move and cancel clinic visits. Refusals are problem documents (RFC 9457).",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    # One name for one list of words, whichever member holds it.
    "ENUM_NAME_OVERRIDES": {
        "CancellationReasonEnum": "appointments.models.CancellationReason",
        "MergeSideEnum": "patients.rules.merging.SIDES",
        "WishStateEnum": "appointments.models.WaitlistEntry.State",
        "OfferStateEnum": "appointments.models.WaitlistOffer.State",
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}
