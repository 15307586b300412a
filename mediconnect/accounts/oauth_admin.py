"""Tokens in the admin: to be looked at and revoked by services, never written by hand."""

from typing import ClassVar

from django.db.models import Model
from django.http import HttpRequest

from mediconnect.accounts.administration import SuperusersOnly


class TokenAdmin(SuperusersOnly):
    """What the authorization server issued; hashes and codes stay out of sight."""

    list_display = ("id", "user", "application", "created")
    list_filter = ("created", "application")
    search_fields = ("=user__email",)
    date_hierarchy = "created"
    list_select_related = ("user", "application")
    fields: ClassVar[tuple[str, ...]] = ("user", "application", "scope", "expires", "created")
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: a token comes from a consent, or from the audited command."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse: a longer life or a wider scope is nobody's to give."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse: ending somebody's access is an action on the user, which ends all of it."""
        return False


class RefreshTokenAdmin(TokenAdmin):
    """A refresh token, which has no scope of its own."""

    fields: ClassVar[tuple[str, ...]] = ("user", "application", "created", "revoked")


class IdTokenAdmin(TokenAdmin):
    """An identity token; OpenID Connect is off, so there are none."""


class GrantAdmin(TokenAdmin):
    """An authorization code that waits to be exchanged."""
