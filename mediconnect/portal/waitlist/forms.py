"""The form of a wish: what would suit, in the clinic's own clock."""

import datetime as dt
from typing import Any, ClassVar, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from appointments.models import WaitlistEntry
from mediconnect.portal.desk import Desk
from mediconnect.portal.setup.forms.edits import EditForm, Groups

from .reading import providers_for
from .words import PRIORITIES

_NOTICES: Final = (0, 60, 120, 240, 720, 1440, 2880)
_USUAL: Final = 120
_AHEAD: Final = dt.timedelta(days=60)


def _date_picker() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def _time_picker() -> forms.TimeInput:
    return forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class WishForm(EditForm):
    """What would suit. Nothing ticked, and times left empty, mean any."""

    providers = forms.MultipleChoiceField(
        label=gettext_lazy("With"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Nothing ticked: whoever offers it."),
    )
    weekdays = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Days of the week"),
        required=False,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Nothing ticked: any day."),
    )
    earliest_time = forms.TimeField(
        label=gettext_lazy("Not before"), required=False, widget=_time_picker(), help_text=gettext_lazy("Empty: any.")
    )
    latest_time = forms.TimeField(
        label=gettext_lazy("Done by"), required=False, widget=_time_picker(), help_text=gettext_lazy("Empty: any.")
    )
    from_date = forms.DateField(label=gettext_lazy("From"), widget=_date_picker())
    until_date = forms.DateField(label=gettext_lazy("Last day"), widget=_date_picker())
    notice_minutes = forms.TypedChoiceField(label=gettext_lazy("Told at least"), coerce=int, initial=_USUAL)
    priority = forms.TypedChoiceField(
        label=gettext_lazy("How soon it matters"), coerce=int, initial=WaitlistEntry.Priority.ROUTINE
    )
    note = forms.CharField(
        label=gettext_lazy("Note for colleagues"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    groups: ClassVar[Groups] = (
        ("", ("providers", "weekdays")),
        (gettext_lazy("Time of the day"), ("earliest_time", "latest_time")),
        (gettext_lazy("Days"), ("from_date", "until_date", "notice_minutes")),
        ("", ("priority", "note")),
    )

    def __init__(self, desk: Desk, *arguments: Any, entry: WaitlistEntry | None = None, **words: Any) -> None:
        words.setdefault("initial", self._shown(entry) if entry else self.usual(desk))
        super().__init__(*arguments, **words)
        habits = desk.habits
        fields: Any = self.fields
        fields["providers"].choices = [(str(pk), name) for pk, name in providers_for(desk)]
        fields["weekdays"].choices = [(day, habits.weekday_names[day]) for day in habits.week]
        fields["notice_minutes"].choices = [(minutes, _notice(minutes)) for minutes in self._notices(entry)]
        fields["priority"].choices = list(PRIORITIES.items())

    @staticmethod
    def usual(desk: Desk) -> dict[str, Any]:
        """Return what a new wish says before anything is typed: any time in the next two months."""
        return {"from_date": desk.today, "until_date": desk.today + _AHEAD}

    @staticmethod
    def _shown(entry: WaitlistEntry) -> dict[str, Any]:
        names = ("weekdays", "earliest_time", "latest_time", "from_date", "until_date", "notice_minutes", "priority")
        return {
            **{name: getattr(entry, name) for name in names},
            "providers": [str(one) for one in entry.providers],
            "note": entry.note,
            "version": entry.version,
        }

    @staticmethod
    def _notices(entry: WaitlistEntry | None) -> list[int]:
        return sorted({*_NOTICES, *([entry.notice_minutes] if entry else [])})


def _notice(minutes: int) -> str:
    if not minutes:
        return _("at any moment")
    if minutes % 1440 == 0:
        return _("%(days)d d before") % {"days": minutes // 1440}
    if minutes % 60 == 0:
        return _("%(hours)d h before") % {"hours": minutes // 60}
    return _("%(minutes)d min before") % {"minutes": minutes}
