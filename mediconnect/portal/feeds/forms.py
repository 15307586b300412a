"""The form of a new calendar feed."""

from django import forms
from django.utils.translation import gettext_lazy as _

from mediconnect.portal.setup.forms.edits import EditForm


class FeedForm(EditForm):
    """Where a calendar will be read, and whether it says who comes."""

    name = forms.CharField(
        label=_("Where it will be read"), max_length=60, help_text=_("As in “my phone”, to know later which to revoke.")
    )
    names_patients = forms.BooleanField(
        label=_("Say who comes"),
        required=False,
        help_text=_(
            "The patients' names are then copied to whatever reads the address, and to the company that runs it. "
            "Ask whether that is allowed where you work."
        ),
    )
