"""A user is one e-mail address that can sign in, and nothing about anyone's health."""

from typing import TYPE_CHECKING, Any, ClassVar

import pgtrigger
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from mediconnect.records.models import VersionedModel
from mediconnect.records.triggers import version_rises

_END_SESSIONS = """
    IF NEW.session_epoch = OLD.session_epoch THEN
        NEW.session_epoch := OLD.session_epoch + 1;
    END IF;
    RETURN NEW;
"""


if TYPE_CHECKING:
    _EmailField = models.EmailField[str, str]
else:
    _EmailField = models.EmailField


class AddressField(_EmailField):
    """An e-mail address that is stored, compared and searched in lower case, however it was typed."""

    def get_prep_value(self, value: Any) -> Any:
        """Return the one form in which the database knows the address."""
        return value.strip().lower() if isinstance(value, str) else super().get_prep_value(value)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:  # noqa: FBT001  the signature is Django's
        """Give the instance in hand the form that is stored."""
        value = self.get_prep_value(super().pre_save(model_instance, add))
        setattr(model_instance, self.attname, value)
        return value


class UserManager(BaseUserManager["User"]):
    """Make and find users by e-mail address, whatever its capitals."""

    use_in_migrations = True

    def get_by_natural_key(self, username: str | None) -> "User":
        """Return the user of this address; raises `User.DoesNotExist`."""
        return self.get(email=username or "")

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a user; without a password nobody can sign in as it until one is set by a reset."""
        user = self.model(email=email, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a user that administers everything; its address counts as verified."""
        verified = fields.pop("email_verified_at", None) or timezone.now()
        return self.create_user(
            email,
            password,
            is_staff=True,
            is_superuser=True,
            email_verified_at=verified,
            **fields,
        )


class User(VersionedModel, AbstractBaseUser, PermissionsMixin):
    """Someone who can sign in by e-mail. Patient and membership records point here, never the other way."""

    email = AddressField("e-mail", max_length=254)
    display_name = models.CharField(max_length=150, blank=True, help_text="Shown to colleagues; empty for patients.")
    language = models.CharField(max_length=16, default="en")
    is_active = models.BooleanField("may sign in", default=True)
    is_staff = models.BooleanField("may enter the admin", default=False)
    email_verified_at = models.DateTimeField(null=True, blank=True)
    session_epoch = models.PositiveIntegerField(
        default=1,
        help_text="Rises when all sessions end at once; a session of an older epoch is dead.",
    )
    second_factor_exempt = models.BooleanField(
        default=False,
        help_text="Set by the demo for its sign-ins only.",
    )

    # Sessions know when someone was last here; one more write per sign-in would say it twice.
    last_login = None

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        ordering = ("email",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["email"], name="an_email_signs_in_one_user"),
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="an_email_is_kept_in_lower_case"),
            models.CheckConstraint(condition=~models.Q(email=""), name="a_user_has_an_email"),
        ]
        triggers: ClassVar = [
            version_rises(),
            # Whoever changes a password or the right to sign in, by whatever door, ends what the old state had opened.
            pgtrigger.Trigger(
                name="sessions_end_with_credentials",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange("password", "is_active"),
                func=_END_SESSIONS,
            ),
        ]

    def __str__(self) -> str:
        """Return the name that colleagues know, or the address."""
        return self.display_name or self.email

    def get_full_name(self) -> str:
        """Return the name that colleagues know, or the address; the admin greets with it."""
        return str(self)

    def get_short_name(self) -> str:
        """Return the same as the full name: we keep only one."""
        return str(self)
