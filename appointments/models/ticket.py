"""Numbers for those who wait: called on a screen that names nobody."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from mediconnect.records.models import IdentifiedModel
from mediconnect.records.triggers import changes_are_kept
from providers.models import Clinic

from .appointment import Appointment


class Ticket(IdentifiedModel):
    """A visit's number in one clinic's day. What was estimated when it was given is kept, so that the error can be told."""

    appointment = models.OneToOneField(Appointment, models.PROTECT, related_name="ticket")
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+", db_index=False)
    day = models.DateField(help_text="the clinic's own")
    number = models.PositiveSmallIntegerField()
    estimated_minutes = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="the wait that was told when it was given"
    )
    called_at = models.DateTimeField(null=True, blank=True, help_text="last called on the screen")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["clinic", "day", "number"], name="a_number_is_given_once_a_day"),
            models.CheckConstraint(condition=Q(number__gte=1), name="numbers_begin_with_one"),
        ]
        indexes: ClassVar = [models.Index(fields=["clinic", "day", "-called_at"], name="tickets_last_called")]

    def __str__(self) -> str:
        return str(self.number)


class CallScreen(IdentifiedModel):
    """A screen in a waiting room: opened by a secret address, which can be revoked, and showing numbers and rooms alone."""

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="call_screens")
    name = models.CharField(max_length=60)
    secret_hash = models.CharField(max_length=64, unique=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    revoked_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True, help_text="when it last asked, to the minute")

    class Meta:
        triggers: ClassVar = [changes_are_kept()]

    def __str__(self) -> str:
        return self.name
