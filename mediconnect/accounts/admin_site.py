"""The admin site, which lets nobody in by itself."""

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse


class SignInAdminSite(AdminSite):
    """Send everybody through our sign-in, where tries are counted and the second factor is asked."""

    site_header = "MediConnect administration"
    site_title = "MediConnect"
    index_title = "Records"

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Send visitors to the sign-in page; whoever is signed in and still not allowed is told so."""
        if request.user.is_authenticated and not self.has_permission(request):
            raise PermissionDenied
        target = request.GET.get(REDIRECT_FIELD_NAME) or reverse("admin:index", current_app=self.name)
        if self.has_permission(request):
            return redirect(reverse("admin:index", current_app=self.name))
        return redirect_to_login(target)

    def password_change(  # type: ignore[override]  # a redirect, not a template
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Change passwords where every session and token ends with the old one."""
        return redirect("accounts:password")
