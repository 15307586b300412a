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

    A hold on a group has a session and no claims of its own: it counts as one seat. It is kept for whoever types
    (`held_by`), for the person of the waitlist who is offered a freed time, or for a visit that time off displaced.
    """

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="holds")
    second_provider = models.ForeignKey(Provider, models.PROTECT, null=True, blank=True, related_name="+")
    room = models.ForeignKey(Room, models.PROTECT, null=True, blank=True, related_name="+")
    device = models.ForeignKey(Device, models.PROTECT, null=True, blank=True, related_name="+")
    appointment_type = models.ForeignKey(AppointmentType, models.PROTECT, related_name="+")
    session = models.ForeignKey(Session, models.PROTECT, null=True, blank=True, related_name="holds")
    patient = models.ForeignKey(Patient, models.PROTECT, null=True, blank=True, related_name="holds")
    held_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+")
    freed_time = models.OneToOneField(
        "appointments.FreedTime", models.PROTECT, null=True, blank=True, related_name="hold"
    )
    displaced_visit = models.OneToOneField(
        "appointments.DisplacedVisit", models.PROTECT, null=True, blank=True, related_name="hold"
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    buffer_before = models.PositiveSmallIntegerField(default=0)
    buffer_after = models.PositiveSmallIntegerField(default=0)
    expires_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="a_hold_ends_after_it_begins"),
            models.CheckConstraint(
                condition=Q(held_by__isnull=False, freed_time=None, displaced_visit=None)
                | Q(held_by=None, freed_time__isnull=False, displaced_visit=None)
                | Q(held_by=None, freed_time=None, displaced_visit__isnull=False),
                name="a_hold_is_kept_for_one_purpose",
            ),
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
