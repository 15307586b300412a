"""The forms of an absence over booked visits: when, by which rules new times are found, and what is decided for single ones."""

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any, ClassVar, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from appointments.queries.displacing.hits import Away
from appointments.queries.displacing.search import Ways
from appointments.services.displacing.entering import ANSWER_HOURS, WITHIN_DAYS, Choice
from mediconnect.portal.desk import Desk
from mediconnect.portal.hours.forms import TimeOffForm
from mediconnect.portal.setup.forms.edits import Groups
from mediconnect.portal.setup.forms.places import ClosureForm
from providers.models import Provider

SUBSTITUTES: Final = ("first_substitute", "second_substitute", "third_substitute")
# What a form says of a visit that is to be called instead of being given a time, and the name of its field.
CALL: Final = "call"
_PREFIX: Final = "visit-"

# What may come of a call. The key is kept; no field for free text, where something about health might be typed.
OUTCOMES: Final = {
    "no_answer": _("no answer"),
    "left_message": _("asked to call back"),
    "wrong_number": _("wrong number"),
    "thinks": _("wants to think about it"),
    "agreed": _("agreed on another time"),
    "gives_up": _("does not need the visit any more"),
}


class _Rules(forms.Form):
    """By which rules new times are found, on top of when the absence is."""

    same_provider = forms.BooleanField(
        label=_("With the same provider, after the absence"), required=False, initial=True
    )
    first_substitute = forms.ChoiceField(label=_("Who steps in first"), required=False)
    second_substitute = forms.ChoiceField(label=_("Then"), required=False)
    third_substitute = forms.ChoiceField(
        label=_("Then"), required=False, help_text=_("Nearest to the old time, by this order.")
    )
    within_days = forms.IntegerField(
        label=_("No more days later than"), min_value=WITHIN_DAYS[0], max_value=WITHIN_DAYS[1], initial=14
    )
    answer_hours = forms.IntegerField(
        label=_("Hours to answer"),
        min_value=ANSWER_HOURS[0],
        max_value=ANSWER_HOURS[1],
        initial=24,
        help_text=_("So long each new time is held, and to an hour before it begins at most."),
    )
    moves_without_asking = forms.BooleanField(
        label=_("Move the visits without asking"),
        required=False,
        help_text=_("Patients are told the new time. Otherwise nothing moves before they say yes."),
    )

    def offer(self, desk: Desk, away: uuid.UUID | None) -> None:
        """Offer who works here, but for whoever is away."""
        here = Provider.objects.at({desk.clinic.pk}).filter(active=True).exclude(pk=away)
        names = [("", "–"), *((str(pk), name) for pk, name in here.order_by("name").values_list("pk", "name"))]
        for field in SUBSTITUTES:
            self.fields[field].choices = names  # type: ignore[attr-defined]

    def ways(self) -> Ways:
        """Return the rules as services know them."""
        said = self.cleaned_data
        named = [uuid.UUID(said[field]) for field in SUBSTITUTES if said[field]]
        return Ways(
            same_provider=said["same_provider"],
            substitutes=tuple(dict.fromkeys(named)),
            within_days=said["within_days"],
            answer_hours=said["answer_hours"],
            moves_without_asking=said["moves_without_asking"],
        )


_RULES: Final = ("same_provider", *SUBSTITUTES, "within_days", "answer_hours", "moves_without_asking")


class AwayForm(_Rules, TimeOffForm):
    """A provider's time off, and how new times are found for the visits in it."""

    groups: ClassVar[Groups] = (*TimeOffForm.groups, (_("New times"), _RULES))

    def __init__(self, *args: Any, desk: Desk, away: uuid.UUID | None, **kwargs: Any) -> None:
        """Offer substitutes."""
        super().__init__(*args, **kwargs)
        self.offer(desk, away)

    def away(self, desk: Desk, provider_id: uuid.UUID | None) -> Away:
        """Return the absence as services know it."""
        return Away(desk.clinic.pk, provider_id, **self.instants(desk.zone))


class ClosedForm(_Rules, ClosureForm):
    """A closure of the clinic, and how new times are found for the visits in it."""

    groups: ClassVar[Groups] = (*ClosureForm.groups, (_("New times"), _RULES))

    def __init__(self, *args: Any, desk: Desk, away: uuid.UUID | None = None, **kwargs: Any) -> None:
        """Offer substitutes."""
        super().__init__(*args, **kwargs)
        self.offer(desk, away)

    def away(self, desk: Desk, provider_id: uuid.UUID | None = None) -> Away:
        """Return the closure as services know it."""
        return Away(desk.clinic.pk, provider_id, **self.instants(desk.zone))


def field_of(visit_id: uuid.UUID) -> str:
    """Return the name of the field in which something is decided for one visit."""
    return f"{_PREFIX}{visit_id}"


def value_of(provider_id: uuid.UUID, start: dt.datetime) -> str:
    """Return a time with a provider as a form carries it."""
    return f"{provider_id}|{start.astimezone(dt.UTC):%Y-%m-%dT%H:%MZ}"


def chosen_in(fields: Mapping[str, str]) -> dict[uuid.UUID, Choice]:
    """Return what a form says of single visits; what makes no sense, or says nothing, is left to the rules."""
    found: dict[uuid.UUID, Choice] = {}
    for name, value in fields.items():
        if not name.startswith(_PREFIX) or not value:
            continue
        try:
            visit = uuid.UUID(name.removeprefix(_PREFIX))
            found[visit] = None if value == CALL else time_in(value)
        except ValueError:
            continue
    return found


def time_in(value: str) -> tuple[uuid.UUID, dt.datetime]:
    """Return the provider and the start that a form carries; raises `ValueError`."""
    provider, _bar, start = value.partition("|")
    return uuid.UUID(provider), dt.datetime.strptime(start, "%Y-%m-%dT%H:%MZ").replace(tzinfo=dt.UTC)
