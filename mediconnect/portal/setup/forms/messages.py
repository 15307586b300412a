"""Forms of what a clinic's messages follow: which are sent, how long before a visit, and when nobody is disturbed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from mediconnect.portal.desk import Desk
from notifications.services.policies import CAPS, LEADS, MOST_STEPS

from .edits import EditForm, Groups

_MINUTES: Final[Mapping[str, int]] = {"days": 24 * 60, "hours": 60, "minutes": 1}
UNITS: Final = (("days", gettext_lazy("days")), ("hours", gettext_lazy("hours")), ("minutes", gettext_lazy("minutes")))
# Who reminds two days before thinks of hours: the visit's time of day counts.
_FEW_DAYS: Final = 3 * 24 * 60


@dataclass(frozen=True, slots=True)
class Step:
    """One reminder as it is typed: how many of which unit. `number` counts from one, for labels."""

    number: int
    count: str
    unit: str
    is_new: bool = False


def in_units(minutes: int) -> str:
    """Return a lead as one would type it: “7 days”, “48 hours”, “90 minutes”."""
    if minutes >= _FEW_DAYS and minutes % _MINUTES["days"] == 0:
        return f"{minutes // _MINUTES['days']} days"
    if minutes % _MINUTES["hours"] == 0:
        return f"{minutes // _MINUTES['hours']} hours"
    return f"{minutes} minutes"


def lead_words(minutes: int) -> str:
    """Return a lead in the reader's words."""
    text, unit = in_units(minutes).split()
    count = int(text)
    match unit:
        case "days":
            words = ngettext("%(count)d day", "%(count)d days", count)
        case "hours":
            words = ngettext("%(count)d hour", "%(count)d hours", count)
        case _:
            words = ngettext("%(count)d minute", "%(count)d minutes", count)
    return words % {"count": count}


def leads_words(minutes: Sequence[int]) -> str:
    """Return all leads in words, the earliest first."""
    return ", ".join(map(lead_words, sorted(minutes, reverse=True))) or _("no reminder")


class StepsWidget(forms.Widget):
    """Rows of a number and a unit. What is sent again by a clash comes as whole steps under the field's own name."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        """Return the steps as they were typed, rows that were left empty among them."""
        counts, units = data.getlist(f"{name}_count"), data.getlist(f"{name}_unit")
        typed = [f"{count.strip()} {unit}" for count, unit in zip(counts, units, strict=False)]
        return typed or data.getlist(name)

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        """No row at all says: no reminders."""
        return False


class StepsField(forms.Field):
    """Minutes before a visit, typed in days, hours or minutes; in any order, each once."""

    widget = StepsWidget

    def prepare_value(self, value: Any) -> list[str]:
        """Return steps as one types them, those of a row and those that were typed."""
        return [in_units(one) if isinstance(one, int) else str(one) for one in value or []]

    def to_python(self, value: Any) -> list[int]:
        """Return minutes, the earliest step first."""
        leads = [_lead(one) for one in value or [] if one.partition(" ")[0]]
        if len(leads) > MOST_STEPS:
            raise ValidationError(_("Six reminders are the most."))
        twice = {lead for lead in leads if leads.count(lead) > 1}
        if twice:
            raise ValidationError(_("“%(step)s before” is there twice.") % {"step": lead_words(min(twice))})
        return sorted(leads, reverse=True)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Return whether other steps were typed, whatever their order and units."""
        try:
            return self.to_python(data) != sorted(initial or [], reverse=True)
        except ValidationError:
            return True


def _lead(typed: str) -> int:
    """Return what one row says in minutes; raises `ValidationError`."""
    count, _blank, unit = typed.partition(" ")
    if not (count.isascii() and count.isdecimal() and len(count) <= len(str(LEADS[1]))) or unit not in _MINUTES:
        raise ValidationError(_("Write how many days, hours or minutes before, as a whole number."))
    lead = int(count) * _MINUTES[unit]
    if not LEADS[0] <= lead <= LEADS[1]:
        raise ValidationError(_("A reminder goes out half an hour to 60 days before the visit."))
    return lead


class StepsForm(EditForm):
    """A form with reminders in it. `adds_row` shows an empty one more."""

    reminder_minutes = StepsField(label=gettext_lazy("Reminders"), required=False)
    adds_row = False

    def steps(self) -> list[Step]:
        """Return the rows to show."""
        typed = [one.partition(" ") for one in self["reminder_minutes"].value()]
        rows = [Step(number, count, unit) for number, (count, _blank, unit) in enumerate(typed, 1)]
        if self.adds_row and len(rows) < MOST_STEPS:
            rows.append(Step(len(rows) + 1, "", "days", is_new=True))
        return rows[:MOST_STEPS]

    def has_room(self) -> bool:
        """Return whether one reminder more may be added."""
        return len(self.steps()) < MOST_STEPS

    def spoken(self, name: str, value: Any) -> str:
        """Return reminders in words, as they are kept or as they were typed."""
        if name != "reminder_minutes":
            return super().spoken(name, value)
        try:
            leads = [int(one) if isinstance(one, int) else _lead(one) for one in value or []]
        except ValidationError:
            return ", ".join(map(str, value))
        return leads_words(leads)

    def retyped(self, *, rows: str) -> "StepsForm":
        """Return the form with what was typed, not judged yet, and one row more (“add”) or less (“without-2”)."""
        typed = {name: self[name].data for name in self.fields}
        act, _dash, number = rows.partition("-")
        if act == "without" and number.isdecimal() and len(number) < len("10"):
            typed["reminder_minutes"] = [
                step for place, step in enumerate(typed["reminder_minutes"], 1) if place != int(number)
            ]
        form = type(self)(initial=typed)
        form.adds_row = act == "add"
        return form


def _clock() -> forms.TimeInput:
    return forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class MessagePolicyForm(StepsForm):
    """What a clinic's messages follow."""

    tells_booked = forms.BooleanField(
        label=gettext_lazy("When a visit is booked"), required=False, help_text=gettext_lazy("At once, with its link.")
    )
    tells_moved = forms.BooleanField(
        label=gettext_lazy("When a visit is moved"),
        required=False,
        help_text=gettext_lazy(
            "What staff moved is told two minutes later, so that a slip of the hand disturbs nobody."
        ),
    )
    tells_cancelled = forms.BooleanField(
        label=gettext_lazy("When a visit is cancelled"),
        required=False,
        help_text=gettext_lazy("What staff cancelled, two minutes later."),
    )
    quiet_from = forms.TimeField(label=gettext_lazy("The night begins"), widget=_clock())
    quiet_until = forms.TimeField(
        label=gettext_lazy("The night ends"),
        widget=_clock(),
        help_text=gettext_lazy("The same time twice: there is no night."),
    )
    hourly_cap = forms.IntegerField(
        label=gettext_lazy("Messages to one person in an hour, at most"),
        min_value=CAPS[0],
        max_value=CAPS[1],
        help_text=gettext_lazy("Further ones wait. Answers to what somebody just did are not counted."),
    )

    groups: ClassVar[Groups] = (
        (gettext_lazy("What is told"), ("tells_booked", "tells_moved", "tells_cancelled")),
        (gettext_lazy("Reminders before the visit"), ("reminder_minutes",)),
        (gettext_lazy("The night, by the patient's own clock"), ("quiet_from", "quiet_until")),
        (gettext_lazy("Not too many"), ("hourly_cap",)),
    )


class TypeRemindersForm(StepsForm):
    """The reminders of one type of visit."""

    FOLLOW, OWN, NONE = "follow", "own", "none"

    choice = forms.ChoiceField(
        label=gettext_lazy("Patients are reminded"),
        choices=[
            (FOLLOW, gettext_lazy("as for all visits of the clinic")),
            (OWN, gettext_lazy("at times of its own")),
            (NONE, gettext_lazy("not at all")),
        ],
        widget=forms.RadioSelect,
        initial=FOLLOW,
    )
    groups: ClassVar[Groups] = (
        ("", ("choice",)),
        (gettext_lazy("Reminders before the visit"), ("reminder_minutes",)),
    )

    @classmethod
    def initial_of(cls, desk: Desk, row: Any) -> dict[str, Any]:
        """Return what the row says; a type without one follows its clinic, whose steps are those to begin with."""
        own = row.version > 0
        choice = cls.FOLLOW if not own else cls.OWN if row.reminder_minutes else cls.NONE
        return {**super().initial_of(desk, row), "choice": choice}

    def clean(self) -> dict[str, Any]:
        """Ask for steps where the type has its own; nowhere else do they matter."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if said.get("choice") != self.OWN:
            self.errors.pop("reminder_minutes", None)
        elif said.get("reminder_minutes") == []:
            self.add_error("reminder_minutes", _("Add a reminder, or choose “not at all”."))
        return said

    @property
    def minutes(self) -> list[int] | None:
        """The steps that were chosen; None where the type follows its clinic."""
        choice = self.cleaned_data["choice"]
        if choice == self.FOLLOW:
            return None
        own: list[int] = self.cleaned_data["reminder_minutes"]
        return own if choice == self.OWN else []
