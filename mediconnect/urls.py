"""Every address of the house, in one place."""

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/", include("mediconnect.accounts.pages.urls")),
    path("o/", include("mediconnect.accounts.pages.oauth_urls")),
    path(settings.ADMIN_PATH, admin.site.urls),
    path("health/", include("mediconnect.health.urls")),
]
