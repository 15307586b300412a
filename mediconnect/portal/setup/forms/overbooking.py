"""The form of a clinic's budgets for overriding."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from providers.models import Role
from providers.services.budgets import MOST

from .edits import EditForm, Groups

_LABELS: Final = {
    Role.FRONT_DESK: _("Front desk"),
    Role.PROVIDER: _("Providers, in their own calendar"),
    Role.CLINIC_ADMIN: _("Whoever runs the clinic"),
}
SEEN: Final = "seen_"


class BudgetsForm(EditForm):
    """A number a day for each role; what was seen of it goes along."""

    groups: ClassVar[Groups] = ((_("Visits over the rules in one day, at most"), tuple(Role.values)),)

    def __init__(self, *arguments: Any, **words: Any) -> None:
        super().__init__(*arguments, **words)
        for role, label in _LABELS.items():
            self.fields[role.value] = forms.IntegerField(
                label=label, required=False, min_value=0, max_value=MOST, help_text=_("Empty: no limit.")
            )
            self.fields[SEEN + role.value] = forms.IntegerField(required=False, widget=forms.HiddenInput)

    @staticmethod
    def showing(budgets: Mapping[Role, int | None]) -> dict[str, Any]:
        """Return what the fields show of the budgets, and remember of what was shown."""
        return {prefix + role.value: per_day for role, per_day in budgets.items() for prefix in ("", SEEN)}

    def wanted(self) -> dict[Role, int | None]:
        """Return what was typed for each role."""
        return {role: self.cleaned_data[role.value] for role in Role}

    def seen(self) -> dict[Role, int | None]:
        """Return what held when the form was shown."""
        return {role: self.cleaned_data[SEEN + role.value] for role in Role}
