"""Forms of how a clinic offers freed time."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from appointments.models import WaitlistPolicy
from appointments.services.waitlist.policy import LIMITS

from .edits import EditForm, Groups


def _number(name: str, **words: Any) -> forms.IntegerField:
    least, most = LIMITS[name]
    return forms.IntegerField(min_value=least, max_value=most, **words)


class WaitlistPolicyForm(EditForm):
    """How freed time is offered."""

    active = forms.BooleanField(
        label=_("Offer freed times automatically"),
        required=False,
        help_text=_("If not, the list is kept, and your staff ask the patients themselves."),
    )
    order = forms.ChoiceField(
        label=_("Who is asked first"),
        choices=[
            (WaitlistPolicy.Order.PRIORITY, _("for whom it matters most, then who waits longest")),
            (WaitlistPolicy.Order.AGE, _("who waits longest")),
        ],
        widget=forms.RadioSelect,
    )
    at_once = _number(
        "at_once",
        label=_("How many are asked at the same time"),
        help_text=_(
            "1 asks one after another, and the time is theirs until they answer. With more, the first yes has it."
        ),
    )
    minutes_over_a_day = _number("minutes_over_a_day", label=_("More than a day before"))
    minutes_over_four_hours = _number("minutes_over_four_hours", label=_("More than four hours before"))
    minutes_under_four_hours = _number("minutes_under_four_hours", label=_("Less than four hours before"))
    latest_offer_minutes = _number(
        "latest_offer_minutes",
        label=_("Nobody is asked in the last minutes"),
        help_text=_("So many minutes before the time, asking stops."),
    )

    groups: ClassVar[Groups] = (
        ("", ("active", "order", "at_once")),
        (
            _("Minutes to answer, if the time is offered"),
            ("minutes_over_a_day", "minutes_over_four_hours", "minutes_under_four_hours"),
        ),
        ("", ("latest_offer_minutes",)),
    )


class TypeWaitlistPolicyForm(WaitlistPolicyForm):
    """How freed time is offered for one type of visit, if not as the clinic says."""

    own = forms.BooleanField(
        label=_("This type has rules of its own"),
        required=False,
        help_text=_("Without it, it follows the clinic, and what stands below does not count."),
    )

    groups: ClassVar[Groups] = (("", ("own",)), *WaitlistPolicyForm.groups)

    def values(self) -> dict[str, Any]:
        """Return what the form says, without whether it counts."""
        return {name: value for name, value in super().values().items() if name != "own"}
