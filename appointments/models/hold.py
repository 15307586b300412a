"""A time kept for somebody for a few minutes while details are typed."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from mediconnect.records.models import IdentifiedModel
from patients.models import Patient
from providers.models import AppointmentType, Clinic, Device, Provider, Room

from .session import Session
from .triggers import HOLD_CLAIMS


class Hold(IdentifiedModel):
    """A claim with an end. After `expires_at` it blocks nobody, whether or not anything has swept it away.

    A hold on a group has a session and no claims of its own: it counts as one seat.
    """

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="holds")
    room = models.ForeignKey(Room, models.PROTECT, null=True, blank=True, related_name="+")
    device = models.ForeignKey(Device, models.PROTECT, null=True, blank=True, related_name="+")
    appointment_type = models.ForeignKey(AppointmentType, models.PROTECT, related_name="+")
    session = models.ForeignKey(Session, models.PROTECT, null=True, blank=True, related_name="holds")
    patient = models.ForeignKey(Patient, models.PROTECT, null=True, blank=True, related_name="holds")
    held_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    buffer_before = models.PositiveSmallIntegerField(default=0)
    buffer_after = models.PositiveSmallIntegerField(default=0)
    expires_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="a_hold_ends_after_it_begins"),
        ]
        indexes: ClassVar = [models.Index(fields=["expires_at"], name="holds_by_expiry")]
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="a_hold_claims_its_time", when=pgtrigger.After, operation=pgtrigger.Insert, func=HOLD_CLAIMS
            ),
            pgtrigger.Trigger(
                name="a_hold_gives_its_time_back",
                when=pgtrigger.Before,
                operation=pgtrigger.Delete,
                func="DELETE FROM appointments_claim WHERE hold_id = OLD.id; RETURN OLD;",
            ),
        ]

    def __str__(self) -> str:
        return f"held until {self.expires_at}"
