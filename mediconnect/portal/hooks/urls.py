"""Addresses of the setup pages about webhooks: programs that the clinic tells of its visits."""

from django.urls import path

from .views import calls, keeping

_ONE = "setup/webhooks/<uuid:hook>/"

urlpatterns = [
    path("setup/webhooks/", keeping.hooks, name="setup-hooks"),
    path("setup/webhooks/new/", keeping.new_hook, name="setup-hook-new"),
    path(_ONE, calls.hook, name="setup-hook"),
    path(f"{_ONE}edit/", keeping.edit_hook, name="setup-hook-edit"),
    path(f"{_ONE}test/", calls.test, name="setup-hook-test"),
    path(f"{_ONE}pause/", keeping.pause, name="setup-hook-pause"),
    path(f"{_ONE}resume/", keeping.resume, name="setup-hook-resume"),
    path(f"{_ONE}secret/", keeping.new_secret, name="setup-hook-secret"),
    path(f"{_ONE}remove/", keeping.remove, name="setup-hook-remove"),
    path(f"{_ONE}again/", calls.again, name="setup-hook-again"),
    path(f"{_ONE}discard/", calls.discard, name="setup-hook-discard"),
]
