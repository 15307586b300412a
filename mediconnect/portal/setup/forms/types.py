"""Forms of what a clinic offers: a type of visit, and how one provider differs from it."""

from typing import Any, ClassVar, Final

from django import forms
from django.core.validators import RegexValidator
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from providers.services.kinds import GRIDS, LIMITS

from .edits import EditForm, Groups

_COLOUR: Final = RegexValidator(r"^#[0-9a-f]{6}$", _("Choose a colour."))


def minutes(name: str, **words: Any) -> forms.IntegerField:
    """Return a field for a number of a type of visit, within the limits that the service has."""
    least, most = LIMITS[name]
    return forms.IntegerField(min_value=least, max_value=most, **words)


class TypeForm(EditForm):
    """A type of visit."""

    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("As patients and colleagues shall read it."))
    colour = forms.CharField(
        label=_("Colour"),
        validators=[_COLOUR],
        initial="#3b6ea5",
        widget=forms.TextInput(attrs={"type": "color"}),
        help_text=_("A mark beside the name on this page. The board's colours say how far a visit is."),
    )
    duration = minutes(
        "duration", label=_("Length in minutes"), initial=30, help_text=_("Five minutes to eight hours.")
    )
    buffer_before = minutes(
        "buffer_before",
        label=_("Minutes kept free before"),
        initial=0,
        help_text=_("To prepare. Nothing else is booked then."),
    )
    buffer_after = minutes(
        "buffer_after",
        label=_("Minutes kept free after"),
        initial=0,
        help_text=_("To clean up or write. Nothing else is booked then."),
    )
    start_grid = forms.TypedChoiceField(
        label=_("Starts every"),
        coerce=int,
        initial=15,
        choices=[(grid, format_lazy(_("{count} minutes"), count=grid)) for grid in GRIDS],
        help_text=_("Counted from the full hour: 15 offers 9:00, 9:15, 9:30."),
    )
    room_kind = forms.CharField(
        label=_("Kind of room"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"list": "kinds-of-room"}),
        help_text=_("Only a free room of this kind is given to the visit. Leave it empty if it needs none."),
    )
    device_kind = forms.CharField(
        label=_("Kind of device"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"list": "kinds-of-device"}),
        help_text=_("Likewise for a device, as in ultrasound."),
    )
    capacity = minutes(
        "capacity", label=_("Patients at once"), initial=1, help_text=_("More than one makes it a group.")
    )
    daily_limit = minutes(
        "daily_limit",
        label=_("At most per provider and day"),
        required=False,
        help_text=_("Leave it empty for no limit."),
    )
    bookable_online = forms.BooleanField(
        label=_("Patients may book it themselves"),
        required=False,
        initial=True,
        help_text=_("Otherwise the front desk alone books it."),
    )
    minimum_notice_minutes = minutes(
        "minimum_notice_minutes",
        label=_("Shortest notice, in minutes"),
        required=False,
        help_text=_("How long before a visit patients may still book it. Empty: as the clinic's policies say."),
    )
    cancel_cutoff_hours = minutes(
        "cancel_cutoff_hours",
        label=_("Cancel until, in hours before"),
        required=False,
        help_text=_("Later than that patients must call. Empty: as the clinic's policies say."),
    )
    move_cutoff_hours = minutes(
        "move_cutoff_hours",
        label=_("Move until, in hours before"),
        required=False,
        help_text=_("Later than that patients must call. Empty: as the clinic's policies say."),
    )
    open_bookings_limit = minutes(
        "open_bookings_limit",
        label=_("Visits of this type ahead"),
        required=False,
        help_text=_("As many may one patient book alone, with whomever. Empty: no such limit."),
    )
    active = forms.BooleanField(
        label=_("It is offered"),
        required=False,
        initial=True,
        help_text=_("What is no longer offered stays with the visits that were booked."),
    )

    groups: ClassVar[Groups] = (
        (_("What it is"), ("name", "colour")),
        (_("How long it takes"), ("duration", "buffer_before", "buffer_after", "start_grid")),
        (_("What it needs"), ("room_kind", "device_kind", "capacity", "daily_limit")),
        (_("Who books it"), ("bookable_online", "active")),
        (
            _("Patients who book themselves"),
            ("minimum_notice_minutes", "cancel_cutoff_hours", "move_cutoff_hours", "open_bookings_limit"),
        ),
    )


class DifferenceForm(EditForm):
    """How one provider differs from a type of visit."""

    offered = forms.BooleanField(
        label=_("This provider offers it"),
        required=False,
        help_text=_("Otherwise nobody can book it with this provider."),
    )
    duration = minutes("duration", label=_("Length in minutes"), required=False)
    buffer_before = minutes("buffer_before", label=_("Minutes kept free before"), required=False)
    buffer_after = minutes("buffer_after", label=_("Minutes kept free after"), required=False)

    groups: ClassVar[Groups] = (("", ("offered",)), ("", ("duration", "buffer_before", "buffer_after")))

    def with_usual(self, usual: dict[str, int]) -> "DifferenceForm":
        """Say at each field what the type says, which holds where the field is empty."""
        for name, value in usual.items():
            self.fields[name].help_text = _("Empty is as the type says: %(count)d.") % {"count": value}
        return self
