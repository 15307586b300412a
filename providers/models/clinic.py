"""A clinic, its booking policy, and the people who work in its name."""

import zoneinfo
from typing import ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower

from mediconnect.records.models import IdentifiedModel, VersionedModel
from mediconnect.records.triggers import changes_are_kept


def validate_zone(name: str) -> None:
    """Raise `ValidationError` unless the name is an IANA time zone that this machine knows."""
    if name not in zoneinfo.available_timezones():
        raise ValidationError("“%(name)s” is not a known time zone.", params={"name": name})


class Clinic(VersionedModel):
    """A place with its own clock, holidays and rules for booking."""

    name = models.CharField(max_length=120)
    timezone = models.CharField(
        max_length=64, validators=[validate_zone], help_text="IANA name, as in America/New_York"
    )
    region = models.CharField(
        max_length=8,
        blank=True,
        help_text="ISO 3166 country or subdivision whose public holidays close the clinic, as in US-NY",
    )
    phone = models.CharField(max_length=20, blank=True)
    address = models.CharField(max_length=250, blank=True)
    active = models.BooleanField(default=True)
    source_identifier = models.CharField(max_length=200, null=True, blank=True, unique=True)

    minimum_notice_minutes = models.PositiveIntegerField(default=60, help_text="how late a patient may still book")
    horizon_days = models.PositiveSmallIntegerField(default=180, help_text="how far ahead a patient may book")
    cancel_cutoff_hours = models.PositiveSmallIntegerField(default=24, help_text="how late a patient may still cancel")
    move_cutoff_hours = models.PositiveSmallIntegerField(default=24, help_text="how late a patient may still move")
    hold_minutes = models.PositiveSmallIntegerField(default=10, help_text="how long a hold keeps a time")
    open_bookings_limit = models.PositiveSmallIntegerField(
        default=3, help_text="upcoming visits that a patient may book alone with one provider"
    )

    class Meta(VersionedModel.Meta):
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(Lower("name"), name="a_clinic_is_known_by_one_name"),
            models.CheckConstraint(
                condition=models.Q(horizon_days__range=(1, 730)), name="a_horizon_is_one_day_to_two_years"
            ),
            models.CheckConstraint(
                condition=models.Q(hold_minutes__range=(1, 60)), name="a_hold_lasts_one_minute_to_an_hour"
            ),
        ]
        triggers: ClassVar = [*VersionedModel.Meta.triggers, changes_are_kept()]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The clinic's own clock."""
        return zoneinfo.ZoneInfo(self.timezone)


class Role(models.TextChoices):
    """What a person may do in a clinic."""

    FRONT_DESK = "front_desk", "front desk"
    PROVIDER = "provider", "provider"
    CLINIC_ADMIN = "clinic_admin", "clinic admin"


class Membership(IdentifiedModel):
    """A person's role in a clinic."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "clinic", "role"], name="a_role_is_given_once"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="a_membership_has_a_known_role"),
        ]
        triggers: ClassVar = [changes_are_kept()]

    def __str__(self) -> str:
        return f"{self.get_role_display()} at {self.clinic_id}"
