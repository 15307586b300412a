"""What a link's holder types, checked for shape only."""

import datetime as dt
from typing import Any, Final

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from appointments.models import CancellationReason
from mediconnect.accounts.pages.forms import AccessibleForm
from mediconnect.habits import Habits

# The patient's reasons in the patient's words; what is kept is the code.
REASONS: Final = (
    (CancellationReason.PATIENT_REQUEST.value, _("I cannot come at that time")),
    (CancellationReason.PATIENT_FEELS_BETTER.value, _("I feel better")),
    (CancellationReason.PATIENT_TRANSPORT.value, _("I have no way to get there")),
    (CancellationReason.PATIENT_OTHER.value, _("Another reason")),
)

_SOME_DAY: Final = dt.date(2001, 11, 22)
_PARTS: Final = {"2001": "year", "11": "month", "22": "day"}


def _number(label: Any, part: str, digits: int) -> forms.IntegerField:
    widget = forms.TextInput(
        attrs={"inputmode": "numeric", "autocomplete": f"bday-{part}", "maxlength": digits, "size": digits}
    )
    return forms.IntegerField(label=label, min_value=1, max_value=10**digits - 1, widget=widget)


class BirthDateForm(AccessibleForm):
    """A birth date in three fields, in the country's order: nobody scrolls a calendar back to 1950."""

    day = _number(_("Day"), "day", 2)
    month = _number(_("Month"), "month", 2)
    year = _number(_("Year"), "year", 4)
    on = forms.RegexField(r"^(?:[1-9][0-9]?/(?:cancel|move)|accept|leave)$", required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, habits: Habits, **kwargs: Any) -> None:
        """Put the fields into the order of these habits."""
        super().__init__(*args, **kwargs)
        written = habits.numeric(_SOME_DAY)
        self.order_fields(_PARTS[digits] for digits in sorted(_PARTS, key=written.index))

    def clean(self) -> dict[str, Any]:
        """Refuse a day that no calendar has."""
        cleaned = super().clean() or {}
        if {"day", "month", "year"} <= cleaned.keys():
            try:
                cleaned["birth_date"] = dt.date(cleaned["year"], cleaned["month"], cleaned["day"])
            except ValueError:
                self.add_error(None, gettext("There is no such day. Please look at day, month and year again."))
        return cleaned


class CancelForm(AccessibleForm):
    """Why the patient cancels."""

    reason = forms.ChoiceField(
        label=_("Why?"), choices=REASONS, widget=forms.RadioSelect, initial=CancellationReason.PATIENT_REQUEST
    )


class StartForm(AccessibleForm):
    """A time that the page offered, as it stands in the page: an instant to the minute."""

    start = forms.CharField(max_length=25, error_messages={"required": _("Please choose a time first.")})

    def clean_start(self) -> dt.datetime:
        """Return the instant; refuse what the page did not offer."""
        try:
            start = dt.datetime.fromisoformat(self.cleaned_data["start"])
        except ValueError:
            start = None
        if start is None or start.tzinfo is None or start.second or start.microsecond:
            raise forms.ValidationError(gettext("Please choose one of the times below."))
        return start
