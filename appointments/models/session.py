"""A group visit: one provider's time with several numbered seats."""

from typing import ClassVar

import pgtrigger
from django.contrib.postgres.fields import DateTimeRangeField
from django.db import models
from django.db.models import F, Func, Q, Value

from mediconnect.records.models import VersionedModel
from mediconnect.records.triggers import changes_are_kept, refused
from providers.models import AppointmentType, Clinic, Device, Provider, Room


def time_between(start: str, end: str) -> Func:
    """Return the SQL expression of the half-open range between two columns; immutable, so fit for a generated column."""
    return Func(F(start), F(end), Value("[)"), function="tstzrange", output_field=DateTimeRangeField())


class Session(VersionedModel):
    """The shared time of a group. It owns the claims; each participant is an Appointment with a seat in it.

    The claims are there while at least one seat is taken: the trigger on appointments sees to it.
    """

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="sessions")
    room = models.ForeignKey(Room, models.PROTECT, null=True, blank=True, related_name="+")
    device = models.ForeignKey(Device, models.PROTECT, null=True, blank=True, related_name="+")
    appointment_type = models.ForeignKey(AppointmentType, models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    during = models.GeneratedField(
        expression=time_between("starts_at", "ends_at"), output_field=DateTimeRangeField(), db_persist=True
    )
    buffer_before = models.PositiveSmallIntegerField(default=0)
    buffer_after = models.PositiveSmallIntegerField(default=0)
    capacity = models.PositiveSmallIntegerField()

    class Meta(VersionedModel.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="a_session_ends_after_it_begins"),
            models.CheckConstraint(condition=Q(capacity__range=(2, 100)), name="a_session_seats_two_to_a_hundred"),
            models.UniqueConstraint(
                fields=["provider", "appointment_type", "starts_at"], name="a_group_meets_once_at_a_time"
            ),
            models.UniqueConstraint(
                fields=["id", "clinic", "provider", "appointment_type", "starts_at", "ends_at"],
                name="a_session_is_known_with_its_time",
            ),
        ]
        triggers: ClassVar = [
            *VersionedModel.Meta.triggers,
            changes_are_kept(),
            refused(
                name="a_session_is_never_deleted", operation=pgtrigger.Delete, sentence="a session is never deleted"
            ),
        ]

    def __str__(self) -> str:
        return f"group of {self.capacity} at {self.starts_at}"
