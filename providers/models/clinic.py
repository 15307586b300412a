"""A clinic, its booking policy, and the people who work in its name."""

import zoneinfo
from typing import ClassVar

import pgtrigger
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
    open_bookings_total = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="upcoming visits that a patient may book alone here at all; empty for no limit"
    )
    cancels_per_day = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="visits that a patient may cancel alone in a day; empty for no limit"
    )
    tells_late_from = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        help_text="minutes of delay from which patients are told by themselves; empty: when the desk says so",
    )
    second_factor_for_all = models.BooleanField(
        default=False,
        db_default=False,
        help_text="whether everybody who works here confirms a sign-in with a second factor, not clinic admins alone",
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


_KEEP_AN_ADMIN = """
    IF TG_OP = 'UPDATE' AND (NEW.role, NEW.clinic_id, NEW.user_id) = (OLD.role, OLD.clinic_id, OLD.user_id) THEN
        RETURN NULL;
    END IF;
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'roles are taken away under READ COMMITTED' USING ERRCODE = '25001';
    END IF;
    PERFORM 1 FROM providers_clinic WHERE id = OLD.clinic_id FOR NO KEY UPDATE;
    IF EXISTS (SELECT FROM accounts_user WHERE id = OLD.user_id AND is_active) AND NOT EXISTS (
        SELECT FROM providers_membership AS other JOIN accounts_user AS person ON person.id = other.user_id
        WHERE other.clinic_id = OLD.clinic_id AND other.role = 'clinic_admin' AND person.is_active
    ) THEN
        RAISE EXCEPTION 'a clinic keeps an admin'
            USING ERRCODE = '23514', CONSTRAINT = 'a_clinic_keeps_an_admin', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
"""


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
        triggers: ClassVar = [
            changes_are_kept(),
            # Whatever door takes a role away: two that leave together wait for each other on the clinic, and the
            # second sees that the first is gone. An old snapshot would not.
            pgtrigger.Trigger(
                name="a_clinic_keeps_an_admin",
                when=pgtrigger.After,
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__role="clinic_admin"),
                func=_KEEP_AN_ADMIN,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} at {self.clinic_id}"
