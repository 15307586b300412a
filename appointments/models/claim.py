"""What occupies time: one row per resource and visit, session or hold, and the constraint that is the last referee."""

import datetime as dt
from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q, Value

from providers.models import Resource

from .appointment import Appointment
from .hold import Hold
from .session import Session


class Claim(models.Model):
    """A resource's time, buffers included, taken by one owner. Written by the triggers of the owners, and by nobody else.

    `exclusive` is false for a visit that a member of staff put over another on purpose. `expires_at` is a hold's.
    """

    id = models.BigAutoField(primary_key=True)
    resource = models.ForeignKey(Resource, models.PROTECT, db_index=False, related_name="claims")
    during = DateTimeRangeField()
    appointment = models.ForeignKey(Appointment, models.CASCADE, null=True, related_name="claims")
    session = models.ForeignKey(Session, models.CASCADE, null=True, related_name="claims")
    hold = models.ForeignKey(Hold, models.CASCADE, null=True, related_name="claims")
    exclusive = models.BooleanField(default=True)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            ExclusionConstraint(
                name="a_resource_is_claimed_once",
                expressions=[(F("resource"), RangeOperators.EQUAL), (F("during"), RangeOperators.OVERLAPS)],
                condition=Q(exclusive=True),
            ),
            models.CheckConstraint(
                name="a_claim_has_one_owner",
                condition=Q(appointment__isnull=False, session=None, hold=None)
                | Q(appointment=None, session__isnull=False, hold=None)
                | Q(appointment=None, session=None, hold__isnull=False),
            ),
            models.CheckConstraint(
                condition=Q(during__isempty=False, during__lower_inf=False, during__upper_inf=False),
                name="a_claim_has_a_length_and_ends",
            ),
            # Eight hours and two buffers of two: with this, what overlaps a time begins at most so long before it, and an
            # index by beginning finds it without walking through years of history.
            models.CheckConstraint(
                condition=Q(during__endswith__lte=F("during__startswith") + Value(dt.timedelta(hours=12))),
                name="a_claim_lasts_twelve_hours_at_most",
            ),
            models.CheckConstraint(
                condition=Q(hold=None, expires_at=None) | Q(hold__isnull=False, expires_at__isnull=False),
                name="only_a_hold_expires_and_every_hold_does",
            ),
        ]
        indexes: ClassVar = [
            models.Index(F("resource"), F("during__startswith"), name="claims_by_resource_and_start"),
            models.Index(fields=["expires_at"], name="claims_that_expire", condition=Q(expires_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.resource_id}: {self.during.lower} to {self.during.upper}"
