"""Breakers as they are now, with what may be done about them, above what was decided by hand."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import URLPattern, path

from mediconnect.errors import DomainError
from mediconnect.records.administration import ReadOnlyAdmin
from mediconnect.resilience.breaker import breaker_of, find_breaker, known_breakers
from mediconnect.resilience.models import BreakerOverride


@admin.register(BreakerOverride)
class BreakerOverrideAdmin(ReadOnlyAdmin):
    """The state of every breaker, with its verbs, for superusers: what is held open keeps messages from everybody."""

    why = (
        "A breaker opens by itself while its service does not answer, and closes when it does again. Forcing overrules it for"
        " all processes until it is reset. Below is what was last decided by hand for each; the history tells who and why."
    )
    change_list_template = "admin/resilience/breakers.html"
    list_display = ("name", "state", "reason", "at")
    list_filter = ("state",)
    search_fields = ("name",)
    ordering = ("name",)
    fields = ("name", "state", "reason", "by_id", "at")

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Allow superusers."""
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Allow superusers."""
        return bool(request.user.is_active and getattr(request.user, "is_superuser", False))

    def get_urls(self) -> list[URLPattern]:
        """Add the door for the verbs."""
        decide = path("decide/", self.admin_site.admin_view(self.decide), name="resilience_breakeroverride_decide")
        return [decide, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the breakers as they are, then the list."""
        states = [breaker_of(name).state() for name in known_breakers()] if self.has_view_permission(request) else []
        return super().changelist_view(request, {"breakers": states, **(extra_context or {})})

    def decide(self, request: HttpRequest) -> HttpResponse:
        """Force or reset the breaker that was named, say so, and go back to the list."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        try:
            breaker = find_breaker(request.POST.get("name", ""))
            verbs = {"reset": breaker.reset, "open": breaker.force_open, "close": breaker.force_closed}
            verb = verbs.get(request.POST.get("verb", ""))
            if verb is None:
                raise PermissionDenied
            verb(request.POST.get("reason", ""), request.user.pk)
        except DomainError as refusal:
            self.message_user(request, refusal.detail, messages.ERROR)
        else:
            state = breaker.state().state.replace("_", " ")
            self.message_user(request, f"Now {state}: {breaker.name}.", messages.SUCCESS)
        return redirect("admin:resilience_breakeroverride_changelist")
