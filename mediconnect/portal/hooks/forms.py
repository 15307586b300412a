"""Forms of webhooks: an address with what it hears, and a stretch of time to send again."""

import datetime as dt
from typing import Any, ClassVar, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from mediconnect.portal.desk import Desk
from mediconnect.portal.setup.forms.edits import EditForm, Groups
from mediconnect.portal.setup.forms.places import WITHIN_PLANS
from notifications.models import HEARD, HookEvent

EVENTS: Final = {
    HookEvent.BOOKED: _("A visit is booked"),
    HookEvent.MOVED: _("A visit is moved: another time, provider or room"),
    HookEvent.CANCELLED: _("A visit is cancelled"),
    HookEvent.ARRIVED: _("A patient has arrived"),
    HookEvent.UNDONE: _("A cancellation or an arrival is taken back"),
}


def _date_picker() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class HookForm(EditForm):
    """An address and what it is told."""

    name = forms.CharField(label=_("Name"), max_length=60, help_text=_("As in “our website” or “billing”."))
    url = forms.CharField(
        label=_("Address"),
        max_length=1_000,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("As the receiving program shows it. It begins with https:// and is reached over the internet."),
    )
    events = forms.MultipleChoiceField(
        label=_("It is told when"),
        choices=[(event.value, EVENTS[event]) for event in HEARD],
        widget=forms.CheckboxSelectMultiple,
        initial=[event.value for event in HEARD],
    )

    groups: ClassVar[Groups] = (("", ("name", "url")), ("", ("events",)))


class AgainForm(forms.Form):
    """A stretch of days, by the clinic's clock."""

    first_day = forms.DateField(label=_("From"), validators=WITHIN_PLANS, widget=_date_picker())
    last_day = forms.DateField(label=_("Until"), validators=WITHIN_PLANS, widget=_date_picker())

    def clean(self) -> dict[str, Any]:
        """Refuse days that run backwards."""
        said = super().clean() or {}
        first, last = said.get("first_day"), said.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", _("The last day comes before the first."))
        return said

    def instants(self, desk: Desk) -> tuple[dt.datetime, dt.datetime]:
        """Return the instants between which the days lie."""
        return desk.span(self.cleaned_data["first_day"], self.cleaned_data["last_day"])
