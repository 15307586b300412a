"""Forms of who works at a clinic: members with their roles, and providers."""

import uuid
from collections.abc import Collection, Iterable
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from mediconnect.portal.desk import Desk
from providers.models import PractitionerRole, Role

from .edits import EditForm, Groups

# What each role opens, in the order in which most people have them.
ROLES = (
    (Role.FRONT_DESK.value, _("Front desk: books for everybody, sees all patients of the clinic")),
    (Role.PROVIDER.value, _("Provider: sees and changes the own calendar")),
    (Role.CLINIC_ADMIN.value, _("Clinic admin: all of it, and these pages of setup")),
)

Choice = tuple[str, Any]


class RolesForm(EditForm):
    """What a member may do here. The version is the roles that were seen."""

    version = forms.CharField(widget=forms.HiddenInput, required=False)  # type: ignore[assignment]
    roles = forms.MultipleChoiceField(label=_("Roles"), choices=ROLES, widget=forms.CheckboxSelectMultiple)

    @property
    def seen(self) -> frozenset[str]:
        """The roles that the change is made against."""
        return frozenset(filter(None, self.cleaned_data["version"].split(",")))

    @staticmethod
    def version_of(roles: Collection[str]) -> str:
        """Return the roles as the form carries them."""
        return ",".join(sorted(roles))


class InvitationForm(EditForm):
    """A new member."""

    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        help_text=_("The person signs in with it. A link to choose a password is sent there."),
    )
    display_name = forms.CharField(
        label=_("Name"),
        max_length=150,
        help_text=_("As colleagues shall see it. Who has a sign-in already keeps the own name."),
    )
    roles = forms.MultipleChoiceField(
        label=_("Roles"), choices=ROLES, widget=forms.CheckboxSelectMultiple, initial=[Role.FRONT_DESK.value]
    )


class ProviderForm(EditForm):
    """A provider who works here."""

    name = forms.CharField(
        label=_("Name"),
        max_length=120,
        help_text=_("As patients shall read it, at every clinic where the provider works."),
    )
    specialty = forms.CharField(
        label=_("Specialty"), max_length=120, required=False, help_text=_("At this clinic, as in General practice.")
    )
    user = forms.TypedChoiceField(
        label=_("Sign-in"),
        coerce=uuid.UUID,
        empty_value=None,
        required=False,
        help_text=_("Whose sign-in opens this calendar. The person gets the role of a provider with it."),
    )

    @classmethod
    def initial_of(cls, desk: Desk, row: Any) -> dict[str, Any]:
        """Return the provider's name and sign-in, and as what the provider works at this clinic."""
        role = PractitionerRole.objects.filter(provider=row.pk, clinic=desk.clinic.pk).first()
        return {
            "name": row.name,
            "specialty": role.specialty if role else "",
            "user": str(row.user_id) if row.user_id else "",
            "version": row.version,
        }

    def with_members(self, members: Iterable[Choice]) -> "ProviderForm":
        """Offer the members who may sign in as this provider."""
        self.fields["user"].choices = [("", _("Nobody signs in as this provider")), *members]  # type: ignore[attr-defined]
        return self


class NewProviderForm(ProviderForm):
    """A provider who begins to work here: somebody new, or somebody known."""

    known = forms.TypedChoiceField(
        label=_("Who"),
        coerce=uuid.UUID,
        empty_value=None,
        required=False,
        help_text=_("Who works at another clinic of yours, or worked here before, keeps the one calendar."),
    )
    name = forms.CharField(
        label=_("Name"), max_length=120, required=False, help_text=_("Of somebody new, as patients shall read it.")
    )

    groups: ClassVar[Groups] = (("", ("known", "name", "specialty", "user")),)

    def with_known(self, known: Iterable[Choice]) -> "NewProviderForm":
        """Offer the providers who are known; without any the question is left out."""
        choices = list(known)
        if choices:
            self.fields["known"].choices = [("", _("Somebody new")), *choices]  # type: ignore[attr-defined]
        else:
            del self.fields["known"]
            self.fields["name"].help_text = _("As patients shall read it.")
        return self

    def clean(self) -> dict[str, Any]:
        """Ask for the name of somebody new."""
        if not self.cleaned_data.get("known") and not self.cleaned_data.get("name"):
            self.add_error("name", _("Give the name of the provider."))
        return self.cleaned_data
