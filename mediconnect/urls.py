"""Every address of the house, in one place."""

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, re_path

from mediconnect.api.unknown import UnknownAddress
from mediconnect.portal.documents import Reference, Schema

_API: list[URLPattern | URLResolver] = [
    path("schema/", Schema.as_view(), name="schema"),
    path("docs/", Reference.as_view(url_name="schema"), name="docs"),
    path("", include("appointments.api.urls")),
    path("", include("providers.api.urls")),
    path("", include("patients.api.urls")),
    path("", include("notifications.api.urls")),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", include(_API)),
    # An API call is never answered with an HTML page: not for an address that is not there either.
    re_path(r"^api/", UnknownAddress.as_view()),
    path("webhooks/", include("notifications.api.webhook_urls")),
    path("a/<str:token>/", include("notifications.pages.urls")),
    path("calendar/", include("appointments.pages.urls")),
    path("accounts/", include("mediconnect.accounts.pages.urls")),
    path("o/", include("mediconnect.accounts.pages.oauth_urls")),
    path(settings.ADMIN_PATH, admin.site.urls),
    path("health/", include("mediconnect.health.urls")),
    path("", include("mediconnect.portal.urls")),
]

handler400 = "mediconnect.portal.failures.bad_request"
handler403 = "mediconnect.portal.failures.forbidden"
handler404 = "mediconnect.portal.failures.not_found"
handler500 = "mediconnect.portal.failures.broken"
