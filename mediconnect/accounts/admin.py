"""Users, sessions and invitations for administrators: all that changes goes through the services."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.models import Group
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from mediconnect.accounts.administration import SuperusersOnly
from mediconnect.accounts.models import (
    Authenticator,
    Invitation,
    PasswordReset,
    Session,
    SignInAttempts,
    TokenIssue,
    User,
)
from mediconnect.accounts.pages.requests import network_address
from mediconnect.accounts.services.endings import end_everything, end_session
from mediconnect.accounts.services.passwords import request_reset
from mediconnect.accounts.services.users import edit_user, invite_colleague, remove_second_factor
from mediconnect.errors import DomainError, VersionConflict

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Any]
    _UserForm = forms.ModelForm[User]
else:
    _ModelAdmin = admin.ModelAdmin
    _UserForm = forms.ModelForm


class UserForm(_UserForm):
    """A user as an administrator sees it, with the version that was seen."""

    seen_version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = User
        fields = ("email", "display_name", "language", "is_active", "is_staff", "is_superuser", "groups")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Remember the version that the page shows."""
        super().__init__(*args, **kwargs)
        self.fields["seen_version"].initial = self.instance.version

    def clean(self) -> dict[str, Any] | None:
        """Refuse to overwrite what somebody else changed since."""
        cleaned = super().clean()
        if not self.instance._state.adding:  # noqa: SLF001  Django's own way to ask
            current = User.objects.values_list("version", flat=True).get(pk=self.instance.pk)
            if self.cleaned_data.get("seen_version") != current:
                self.add_error(None, VersionConflict.title + ". Load the page again to see it as it is now.")
        return cleaned


@admin.register(User)
class UserAdmin(SuperusersOnly):
    """Who may sign in. Passwords are set by their owners alone; a user is switched off, never deleted."""

    form = UserForm
    list_display = ("email", "display_name", "is_active", "is_staff", "is_superuser", "email_verified_at", "created_at")
    list_filter = ("is_active", "is_staff", "is_superuser", "groups", "created_at")
    search_fields = ("email", "display_name", "=id")
    date_hierarchy = "created_at"
    ordering = ("email",)
    filter_horizontal = ("groups",)
    readonly_fields = ("id", "version", "email_verified_at", "second_factor_exempt", "created_at", "updated_at")
    actions = ("send_reset", "sign_out_everywhere", "take_second_factor")
    show_full_result_count = False

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Refuse: history names its users."""
        return False

    def save_model(self, request: HttpRequest, obj: User, form: UserForm, change: bool) -> None:  # noqa: FBT001
        """Write through the services."""
        values = {name: form.cleaned_data[name] for name in form.changed_data if name not in ("groups", "seen_version")}
        if not change:
            made = invite_colleague(email=obj.email, display_name=obj.display_name)
            obj.pk, version = made.pk, made.version
        else:
            version = form.cleaned_data["seen_version"]
        saved = edit_user(user_id=obj.pk, version=version, **values)
        obj.__dict__.update(saved.__dict__)

    @admin.action(description="Send a link to set a new password")
    def send_reset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Write to them as if they had asked themselves."""
        for user in queryset:
            try:
                request_reset(email=user.email, address=network_address(request))
            except DomainError as refusal:
                self.message_user(request, f"{user}: {refusal.detail}", messages.ERROR)

    @admin.action(description="End all sessions and tokens")
    def sign_out_everywhere(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Sign them out everywhere."""
        for user in queryset:
            end_everything(user_id=user.pk)

    @admin.action(description="Take away the second factor (lost phone)")
    def take_second_factor(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Let them set up a new one."""
        for user in queryset:
            remove_second_factor(user_id=user.pk)


class GroupAdmin(SuperusersOnly, DjangoGroupAdmin):
    """What the members of a group may do; whoever writes this says what everybody may."""


# Django registers its own page, and the order in which apps are asked for theirs is not ours to rely on.
if admin.site.is_registered(Group):
    admin.site.unregister(Group)
admin.site.register(Group, GroupAdmin)


class ReadOnlyAdmin(SuperusersOnly):
    """Rows that the sign-in itself writes."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: such a row is the trace of something that happened."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse: what happened stays."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse: what happened stays; the schedule clears what is old."""
        return False


@admin.register(Session)
class SessionAdmin(ReadOnlyAdmin):
    """Which browsers are signed in."""

    list_display = ("user", "user_agent", "created_at", "last_seen_at", "idle_at", "revoked_at")
    list_filter = ("created_at", "revoked_at")
    search_fields = ("user__email",)
    date_hierarchy = "created_at"
    list_select_related = ("user",)
    fields = ("user", "user_agent", "created_at", "last_seen_at", "idle_at", "expires_at", "revoked_at")
    actions = ("end",)

    @admin.action(description="End these sessions", permissions=["view"])
    def end(self, request: HttpRequest, queryset: QuerySet[Session]) -> None:
        """End them for good."""
        for session in queryset.exclude(user=None):
            if session.user_id:
                end_session(user_id=session.user_id, key_hash=session.pk)


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    """How far invitations got."""

    list_display = ("created_at", "invited_by", "codes_sent", "attempts", "proven_at", "used_at", "expires_at")
    list_filter = ("created_at", "used_at", "revoked_at")
    search_fields = ("=subject_id", "invited_by__email")
    date_hierarchy = "created_at"
    list_select_related = ("invited_by",)
    exclude = ("email", "contact_hint")


@admin.register(PasswordReset)
class PasswordResetAdmin(ReadOnlyAdmin):
    """Who asked for a new password, and whether it was used."""

    list_display = ("created_at", "user", "expires_at", "used_at")
    list_filter = ("created_at", "used_at")
    search_fields = ("user__email",)
    date_hierarchy = "created_at"
    list_select_related = ("user",)


@admin.register(Authenticator)
class AuthenticatorAdmin(ReadOnlyAdmin):
    """Who has a second factor; the secret is not shown."""

    list_display = ("user", "created_at", "confirmed_at")
    list_filter = ("confirmed_at",)
    search_fields = ("user__email",)
    date_hierarchy = "created_at"
    list_select_related = ("user",)
    fields = ("user", "created_at", "confirmed_at")


@admin.register(SignInAttempts)
class SignInAttemptsAdmin(ReadOnlyAdmin):
    """How many tries are being slowed down; whose is only hashed."""

    list_display = ("key_hash", "failures", "in_window", "wait_until", "updated_at")
    list_filter = ("updated_at",)
    search_fields = ("=key_hash",)
    date_hierarchy = "updated_at"


@admin.register(TokenIssue)
class TokenIssueAdmin(ReadOnlyAdmin):
    """Tokens that were handed out on the command line."""

    list_display = ("issued_at", "user", "scope", "issued_by", "expires_at")
    list_filter = ("issued_at", "issued_by")
    search_fields = ("user__email", "issued_by")
    date_hierarchy = "issued_at"
    list_select_related = ("user",)
    fields = ("issued_at", "user", "scope", "issued_by", "expires_at")
