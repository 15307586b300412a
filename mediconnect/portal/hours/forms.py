"""The forms of a provider's hours: those that come back, those of one date, and time off."""

import uuid
from typing import Any, ClassVar, Final

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from mediconnect.portal.desk import Desk
from mediconnect.portal.setup.forms.edits import EditForm, Groups
from mediconnect.portal.setup.forms.places import ClosureForm
from providers.models import AppointmentType
from providers.models.hours import Weekday

from . import rules

WEEKLY: Final = "weekly"
MONTHLY: Final = "monthly"
EVERY: Final = "every"
RULE: Final = "rule"
_WEEKDAYS: Final = [(str(day), WEEKDAYS[day]) for day in Weekday.values]


def _date() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def _time() -> forms.TimeInput:
    return forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class _OfTypes(EditForm):
    """Hours in which all types of visit may be booked, or some of them."""

    def __init__(self, *args: Any, desk: Desk, **kwargs: Any) -> None:
        """Offer the clinic's types."""
        super().__init__(*args, **kwargs)
        kinds = AppointmentType.objects.filter(clinic=desk.clinic.pk, active=True).order_by("name")
        field = self.fields["types"]
        field.choices = [(str(pk), name) for pk, name in kinds.values_list("pk", "name")]  # type: ignore[attr-defined]

    def chosen(self) -> list[uuid.UUID]:
        """Return the types that were chosen; none means all."""
        return [uuid.UUID(one) for one in self.cleaned_data["types"]]


class HoursForm(_OfTypes):
    """Hours that come back."""

    repeats = forms.ChoiceField(
        label=_("They come back"),
        choices=[
            (WEEKLY, _("every week")),
            (EVERY, _("every few weeks")),
            (MONTHLY, _("once a month")),
            (RULE, _("by a rule of your own")),
        ],
        initial=WEEKLY,
    )
    weekdays = forms.MultipleChoiceField(
        label=_("On these days"), choices=_WEEKDAYS, required=False, widget=forms.CheckboxSelectMultiple
    )
    weeks = forms.IntegerField(
        label=_("Every how many weeks"),
        min_value=2,
        max_value=26,
        required=False,
        help_text=_("For “every few weeks”: 2 is every other week, counted from the first day below."),
    )
    which = forms.ChoiceField(
        label=_("Which of the month"),
        choices=[
            ("", "–"),
            ("1", _("first")),
            ("2", _("second")),
            ("3", _("third")),
            ("4", _("fourth")),
            ("-1", _("last")),
        ],
        required=False,
        help_text=_("For “once a month”, with the day chosen above: the last Friday, the first Monday."),
    )
    rrule = forms.CharField(
        label=_("Rule"),
        max_length=200,
        required=False,
        help_text=_("For a rule of your own, as in FREQ=MONTHLY;BYMONTHDAY=15."),
    )
    start_time = forms.TimeField(label=_("From"), widget=_time())
    end_time = forms.TimeField(
        label=_("Until"), widget=_time(), help_text=_("An end before the start means the next day.")
    )
    valid_from = forms.DateField(
        label=_("First day"), widget=_date(), required=False, help_text=_("Empty: from today on.")
    )
    valid_until = forms.DateField(label=_("Last day"), widget=_date(), required=False, help_text=_("Empty: for good."))
    types = forms.MultipleChoiceField(
        label=_("Only these types of visit"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: all of them."),
    )

    def __init__(self, *args: Any, one_day: bool = False, **kwargs: Any) -> None:
        """Ask for several days at once, or for the one that the hours in hand are of."""
        super().__init__(*args, **kwargs)
        self.one_day = one_day

    groups: ClassVar[Groups] = (
        (_("On which days"), ("repeats", "weekdays", "weeks", "which", "rrule")),
        (_("At what time"), ("start_time", "end_time")),
        (_("How long it holds"), ("valid_from", "valid_until")),
        (_("For what"), ("types",)),
    )

    @classmethod
    def initial_of(cls, desk: Desk, row: Any) -> dict[str, Any]:
        """Return the row as the form asks for it."""
        initial = super().initial_of(desk, row) | {"types": [str(one) for one in row.types]}
        if row.weekday is not None:
            return initial | {"repeats": WEEKLY, "weekdays": [str(row.weekday)], "rrule": ""}
        if month := rules.monthly_of(row.rrule):
            return initial | {"repeats": MONTHLY, "which": month[0], "weekdays": [str(month[1])], "rrule": ""}
        if weeks := rules.every_other_of(row.rrule):
            return initial | {"repeats": EVERY, "weeks": weeks[0], "weekdays": [str(weeks[1])], "rrule": ""}
        return initial | {"repeats": RULE, "weekdays": []}

    def clean(self) -> dict[str, Any]:
        """Ask for what the way of coming back needs."""
        said = super().clean() or self.cleaned_data
        way = said.get("repeats")
        if way == RULE and not said.get("rrule"):
            self.add_error("rrule", _("Write the rule, or choose another way."))
        if way in {WEEKLY, EVERY, MONTHLY} and not said.get("weekdays"):
            self.add_error("weekdays", _("Choose a day."))
        if self.one_day and len(said.get("weekdays") or ()) > 1:
            self.add_error("weekdays", _("These are the hours of one day. Add new hours for the others."))
        if way == EVERY and not said.get("weeks") and "weeks" not in self.errors:
            self.add_error("weeks", _("Say every how many weeks."))
        if way == MONTHLY and not said.get("which"):
            self.add_error("which", _("Say which one of the month."))
        return said

    def patterns(self) -> list[tuple[int | None, str]]:
        """Return the weekday or rule of each row that the form asks for, in order."""
        said = self.cleaned_data
        days = [int(one) for one in said["weekdays"]]
        match said["repeats"]:
            case "weekly":
                return [(day, "") for day in days]
            case "monthly":
                return [(None, rules.monthly(said["which"], day)) for day in days]
            case "every":
                return [(None, rules.every_other(said["weeks"], day)) for day in days]
            case _:
                return [(None, said["rrule"].strip())]


class OneOffForm(_OfTypes):
    """Hours on one date."""

    date = forms.DateField(label=_("Date"), widget=_date())
    start_time = forms.TimeField(label=_("From"), widget=_time())
    end_time = forms.TimeField(
        label=_("Until"), widget=_time(), help_text=_("An end before the start means the next day.")
    )
    types = forms.MultipleChoiceField(
        label=_("Only these types of visit"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: all of them."),
    )

    groups: ClassVar[Groups] = ((_("When"), ("date", "start_time", "end_time")), (_("For what"), ("types",)))

    @classmethod
    def initial_of(cls, desk: Desk, row: Any) -> dict[str, Any]:
        """Return the row as the form asks for it."""
        return super().initial_of(desk, row) | {"types": [str(one) for one in row.types]}


class TimeOffForm(ClosureForm):
    """When somebody is away, at every clinic: whole days, or from a time and until a time."""

    reason = forms.CharField(
        label=_("Reason"), max_length=200, required=False, help_text=_("Seen by clinic admins and the provider alone.")
    )


class NothingForm(EditForm):
    """An edit that asks nothing but whether."""

    def values(self) -> dict[str, Any]:
        """Return nothing."""
        return {}
