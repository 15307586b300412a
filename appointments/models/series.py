"""Visits that come back: the rule that they were made from. Each visit keeps its own state and history."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from mediconnect.records.models import VersionedModel
from mediconnect.records.triggers import changes_are_kept, refused
from patients.models import Patient
from providers.models import AppointmentType, Clinic, Provider


class Series(VersionedModel):
    """A finite rule in the clinic's own clock: from a day on, at a time of day, by an RRULE with COUNT or UNTIL.

    The visits point here and are numbered by `Appointment.occurrence`; what later happens to one is the visit's own.
    `left_out` are days of the rule on which no visit was booked (an EXDATE); what is left are the occurrences, `size` of
    them. `shifts` are the moves of all visits from one on, each as `Shift.packed` writes it; the rule itself stays.
    """

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="series")
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="series")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="series")
    appointment_type = models.ForeignKey(AppointmentType, models.PROTECT, related_name="series")
    rrule = models.CharField(max_length=200, help_text="RFC 5545, finite, as in FREQ=WEEKLY;INTERVAL=2;COUNT=8")
    starts_on = models.DateField()
    start_time = models.TimeField(help_text="kept on the wall through a change of the clock")
    minutes = models.PositiveSmallIntegerField(null=True, blank=True, help_text="empty: as long as usual")
    size = models.PositiveSmallIntegerField(help_text="how many visits it was booked with")
    left_out = ArrayField(models.DateField(), default=list, blank=True)
    shifts = models.JSONField(default=list, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta(VersionedModel.Meta):
        verbose_name_plural = "series"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(rrule__contains="COUNT=") | Q(rrule__contains="UNTIL="), name="a_series_has_an_end"
            ),
            models.CheckConstraint(condition=Q(size__gte=1, size__lte=120), name="a_series_has_visits"),
        ]
        triggers: ClassVar = [
            *VersionedModel.Meta.triggers,
            changes_are_kept(),
            refused(name="a_series_is_never_deleted", operation=pgtrigger.Delete, sentence="a series is never deleted"),
        ]

    def __str__(self) -> str:
        return f"{self.rrule} from {self.starts_on}"
