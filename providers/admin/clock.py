"""Times as a clinic's own clock shows them, in lists and in forms."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib.admin.widgets import AdminSplitDateTime

from mediconnect.errors import Invalid
from providers.models import PractitionerRole, Resource


class WallClockField(forms.SplitDateTimeField):
    """A date and a time by a clinic's clock; no zone is applied before the clinic is known."""

    widget = AdminSplitDateTime

    def compress(self, data_list: Any) -> Any:
        """Return what was typed, without the server's zone."""
        value = super().compress(data_list)
        return value and value.replace(tzinfo=None)


def shown(instant: dt.datetime, zone: ZoneInfo) -> str:
    """Return the time in words: “Tue 24 Nov 2026, 09:00 EST”."""
    return f"{instant.astimezone(zone):%a %d %b %Y, %H:%M %Z}"


def wall(instant: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """Return what the clock of the zone shows, without a zone."""
    return instant.astimezone(zone).replace(tzinfo=None)


def typed(wall_clock: dt.datetime, zone: ZoneInfo, field: str) -> dt.datetime:
    """Return the instant at which the clock of the zone shows this; of an hour that comes twice, the first.

    Raises `Invalid` for the field where the clock skips that time.
    """
    instant = wall_clock.replace(tzinfo=zone).astimezone(dt.UTC)
    if wall(instant, zone) != wall_clock:
        raise Invalid.field(field, "The clinic's clock skips this time on that day.")
    return instant


def zone_of(resource: Resource) -> ZoneInfo:
    """Return the zone by which a resource's times are told: its clinic's, or that of a provider's first clinic."""
    if resource.clinic is not None:
        return resource.clinic.zone
    roles = PractitionerRole.objects.filter(provider=resource.pk).select_related("clinic").order_by("created_at")
    first = roles.first()
    return first.clinic.zone if first else ZoneInfo("UTC")
