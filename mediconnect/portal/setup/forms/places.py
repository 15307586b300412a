"""Forms of what stands in a clinic and of the clinic itself: rooms, devices, closures, policies."""

import datetime as dt
import zoneinfo
from typing import Any, ClassVar, Final, TypedDict

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from mediconnect.errors import Invalid
from mediconnect.portal.desk import Desk
from patients.rules.contacts import normal_phone
from providers.models import ResourceKind
from providers.rules.clock import instant_of, start_of_day
from providers.rules.holidays import is_known_region
from providers.services.places import OPEN_ENDED, POLICY

from .edits import EditForm, Groups

_DAY: Final = dt.timedelta(days=1)
_DAYS: Final = _("Days run from 1990 to 2100.")
# The service's limits, asked here already: beyond the calendar's own end there is no next day.
WITHIN_PLANS: Final = (
    MinValueValidator(dt.date(1990, 1, 1), _DAYS),
    MaxValueValidator(dt.date(2100, 12, 31), _DAYS),
)


def _date_picker() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def _time_picker() -> forms.TimeInput:
    return forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class ResourceForm(EditForm):
    """A room or a device that is there."""

    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("As it stands on the door or on the device."))
    category = forms.CharField(
        label=_("Kind"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"list": "kinds"}),
        help_text=_("A type of visit asks for a kind, as in exam or ultrasound; any one of it will do."),
    )
    active = forms.BooleanField(
        label=_("It is in use"), required=False, initial=True, help_text=_("What is out of use is given to no visit.")
    )


class NewResourceForm(ResourceForm):
    """A room or a device that comes in."""

    kind = forms.ChoiceField(
        label=_("What it is"),
        choices=[(ResourceKind.ROOM, _("A room")), (ResourceKind.DEVICE, _("A device"))],
        widget=forms.RadioSelect,
        initial=ResourceKind.ROOM,
    )
    active = None  # type: ignore[assignment]  # Django's way to leave an inherited field out: what comes in is in use

    groups: ClassVar[Groups] = (("", ("kind",)), ("", ("name", "category")))


class Instants(TypedDict):
    """A closure's columns."""

    starts_at: dt.datetime
    ends_at: dt.datetime
    reason: str


class ClosureForm(EditForm):
    """When the clinic is closed, by its own clock: whole days, or from a time and until a time."""

    first_day = forms.DateField(label=_("First day"), validators=WITHIN_PLANS, widget=_date_picker())
    from_time = forms.TimeField(
        label=_("From"), required=False, widget=_time_picker(), help_text=_("Empty: from the beginning of the day.")
    )
    last_day = forms.DateField(
        label=_("Last day"),
        required=False,
        validators=WITHIN_PLANS,
        widget=_date_picker(),
        help_text=_("Empty: the same day."),
    )
    until_time = forms.TimeField(
        label=_("Until"), required=False, widget=_time_picker(), help_text=_("Empty: to the end of the day.")
    )
    reason = forms.CharField(
        label=_("Reason"), max_length=200, required=False, help_text=_("Seen by staff, as in staff training.")
    )

    groups: ClassVar[Groups] = (
        (_("From when"), ("first_day", "from_time")),
        (_("Until when"), ("last_day", "until_time")),
        ("", ("reason",)),
    )

    @classmethod
    def initial_of(cls, desk: Desk, row: Any) -> dict[str, Any]:
        """Return a closure as it was entered: whole days without times."""
        start, end = row.starts_at.astimezone(desk.zone), row.ends_at.astimezone(desk.zone)
        whole = end == start_of_day(end.date(), desk.zone)
        last = end.date() - _DAY if whole else end.date()
        return {
            "first_day": start.date(),
            "from_time": None if start == start_of_day(start.date(), desk.zone) else start.time(),
            "last_day": None if last == start.date() else last,
            "until_time": None if whole else end.time(),
            "reason": row.reason,
            "version": row.version,
        }

    def instants(self, zone: zoneinfo.ZoneInfo) -> Instants:
        """Return the closure's columns; a last day before the first is the service's to refuse."""
        said = self.cleaned_data
        first, last = said["first_day"], said["last_day"] or said["first_day"]
        return {
            "starts_at": instant_of(dt.datetime.combine(first, said["from_time"] or dt.time()), zone),
            "ends_at": start_of_day(last + _DAY, zone)
            if said["until_time"] is None
            else instant_of(dt.datetime.combine(last, said["until_time"]), zone),
            "reason": said["reason"],
        }


def policy(name: str, **words: Any) -> forms.IntegerField:
    """Return a field for a number of the clinic's policy, within the limits that the service has."""
    least, most = POLICY[name]
    return forms.IntegerField(min_value=least, max_value=most, required=name not in OPEN_ENDED, **words)


class PolicyForm(EditForm):
    """The clinic itself and its rules for booking."""

    name = forms.CharField(label=_("Name of the clinic"), max_length=120)
    phone = forms.CharField(
        label=_("Phone"), max_length=40, required=False, help_text=_("Told to patients who cannot book what they want.")
    )
    address = forms.CharField(label=_("Address"), max_length=250, required=False)
    timezone = forms.CharField(
        label=_("Time zone"),
        max_length=64,
        widget=forms.TextInput(attrs={"list": "zones", "autocomplete": "off"}),
        help_text=_("Whose clock the clinic follows, as in America/New_York. Hours keep their times of day."),
    )
    region = forms.CharField(
        label=_("Region"),
        max_length=8,
        required=False,
        help_text=_("Its public holidays close the clinic, as in US-NY or ES-MD. Empty: no holiday closes it."),
    )
    minimum_notice_minutes = policy(
        "minimum_notice_minutes",
        label=_("Shortest notice, in minutes"),
        help_text=_("How long before a visit patients may still book it. 60 is one hour."),
    )
    horizon_days = policy(
        "horizon_days", label=_("Furthest ahead, in days"), help_text=_("How far ahead the calendar is open.")
    )
    cancel_cutoff_hours = policy(
        "cancel_cutoff_hours",
        label=_("Cancel until, in hours before"),
        help_text=_("Later than that patients must call. 24 is one day."),
    )
    move_cutoff_hours = policy(
        "move_cutoff_hours", label=_("Move until, in hours before"), help_text=_("Later than that patients must call.")
    )
    open_bookings_limit = policy(
        "open_bookings_limit",
        label=_("Visits ahead with one provider"),
        help_text=_("As many may one patient book alone."),
    )
    open_bookings_total = policy(
        "open_bookings_total",
        label=_("Visits ahead at the clinic"),
        help_text=_("As many may one patient book alone, with all providers together. Empty: no such limit."),
    )
    cancels_per_day = policy(
        "cancels_per_day",
        label=_("Cancellations a day"),
        help_text=_("As many visits may one patient cancel alone in a day; then they must call. Empty: no such limit."),
    )
    hold_minutes = policy(
        "hold_minutes",
        label=_("A time is held for, in minutes"),
        help_text=_("While details are typed, nobody else gets the time."),
    )
    second_factor_for_all = forms.BooleanField(
        label=_("Everybody here signs in with a second factor"),
        required=False,
        help_text=_(
            "Clinic admins always do. Others are asked at their next sign-in, twelve hours from now at the latest."
        ),
    )

    groups: ClassVar[Groups] = (
        (_("The clinic"), ("name", "phone", "address", "timezone", "region")),
        (
            _("Patients who book themselves"),
            (
                "minimum_notice_minutes",
                "horizon_days",
                "cancel_cutoff_hours",
                "move_cutoff_hours",
                "open_bookings_limit",
                "open_bookings_total",
                "cancels_per_day",
            ),
        ),
        (_("At the desk"), ("hold_minutes",)),
        (_("Signing in"), ("second_factor_for_all",)),
    )

    @classmethod
    def initial_of(cls, desk: Desk, row: Any) -> dict[str, Any]:
        """Return the clinic's columns, its phone number as it is dialled there."""
        return {**super().initial_of(desk, row), "phone": desk.habits.phone(row.phone) if row.phone else ""}

    def clean_timezone(self) -> str:
        """Accept the zones that this machine knows."""
        zone: str = self.cleaned_data["timezone"].strip()
        if zone not in zoneinfo.available_timezones():
            raise forms.ValidationError(_("This is no time zone; choose one of the list."))
        return zone

    def clean_region(self) -> str:
        """Accept regions whose holidays are known, however they are typed."""
        region: str = self.cleaned_data["region"].strip().upper()
        if region and not is_known_region(region):
            raise forms.ValidationError(_("No public holidays are known for it; write it as in US-NY or GB-ENG."))
        return region

    def clean_phone(self) -> str:
        """Return the number in its one stored form; without a country code it is one of the clinic's country."""
        typed: str = self.cleaned_data["phone"].strip()
        country = self.data.get("region", "").strip().upper().partition("-")[0] or None
        try:
            return normal_phone(typed, country=country) if typed else ""
        except Invalid:
            raise forms.ValidationError(
                _("This is no phone number; for another country, begin with its code, as in +44.")
            ) from None
