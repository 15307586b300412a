"""What people type, checked for shape only; rules live in the services."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as Words

# NIST SP 800-63B asks for at least 64; the ceiling keeps hashing cheap.
_LONGEST_PASSWORD = 256


def _password(label: "Words", autocomplete: str) -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(label=label, strip=False, max_length=_LONGEST_PASSWORD, widget=widget)


def _email(label: "Words") -> forms.EmailField:
    widget = forms.EmailInput(attrs={"autocomplete": "username"})
    return forms.EmailField(label=label, max_length=254, widget=widget)


def _code(label: "Words") -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"})
    return forms.CharField(label=label, max_length=20, widget=widget)


class AccessibleForm(forms.Form):
    """A form whose errors are tied to their fields for screen readers (Django 5.2 does the rest)."""

    error_css_class = "field-error"
    required_css_class = "field-required"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Take what any form takes; a label ends without a colon."""
        super().__init__(*args, **{"label_suffix": "", **kwargs})


class SignInForm(AccessibleForm):
    """Address and password."""

    email = _email(_("E-mail address"))
    password = _password(_("Password"), "current-password")


class EmailForm(AccessibleForm):
    """An address."""

    email = _email(_("E-mail address"))


class CodeForm(AccessibleForm):
    """A six-digit code."""

    code = _code(_("Code"))


class SecondFactorForm(AccessibleForm):
    """A code of the authenticator app, or a recovery code, which has letters."""

    widget = forms.TextInput(attrs={"autocomplete": "one-time-code"})
    code = forms.CharField(label=_("Code"), max_length=20, widget=widget)


class NewPasswordForm(AccessibleForm):
    """A new password, typed twice."""

    new = _password(_("New password"), "new-password")
    again = _password(_("New password again"), "new-password")

    def clean(self) -> dict[str, Any]:
        """Refuse two passwords that differ."""
        cleaned = super().clean() or {}
        if "new" in cleaned and "again" in cleaned and cleaned["new"] != cleaned["again"]:
            self.add_error("again", gettext("The two passwords are not the same."))
        return cleaned


class ChangePasswordForm(NewPasswordForm):
    """The current password and a new one."""

    current = _password(_("Current password"), "current-password")
    field_order = ("current", "new", "again")


class AccountForm(NewPasswordForm):
    """The address to sign in with, and a password for it."""

    email = _email(_("E-mail address to sign in with"))
    field_order = ("email", "new", "again")


class BirthDateForm(AccessibleForm):
    """A birth date, and which contact on file the code shall go to."""

    birth_date = forms.DateField(
        label=_("Date of birth"),
        widget=forms.DateInput(attrs={"type": "date", "autocomplete": "bday"}),
    )
    contact = forms.ChoiceField(label=_("Send a code to"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, contacts: list[tuple[str, str]], **kwargs: Any) -> None:
        """Offer these contacts: kind and masked value."""
        super().__init__(*args, **kwargs)
        field = self.fields["contact"]
        if isinstance(field, forms.ChoiceField):
            field.choices = contacts
        if len(contacts) == 1:
            field.initial = contacts[0][0]
