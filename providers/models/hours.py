"""When a resource works, as people say it: wall-clock rules in the clinic's own zone."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from mediconnect.records.models import VersionedModel
from mediconnect.records.triggers import changes_are_kept

from .clinic import Clinic
from .resource import Resource


class Weekday(models.IntegerChoices):
    """Days as `datetime.date.weekday()` counts them."""

    MONDAY = 0, "Monday"
    TUESDAY = 1, "Tuesday"
    WEDNESDAY = 2, "Wednesday"
    THURSDAY = 3, "Thursday"
    FRIDAY = 4, "Friday"
    SATURDAY = 5, "Saturday"
    SUNDAY = 6, "Sunday"


class WorkingHours(VersionedModel):
    """Hours that come back: on a weekday, or by an RRULE (RFC 5545). An end at or before the start means the next day.

    `types` lists the appointment types that may be booked in them; empty means every type of the clinic.
    """

    resource = models.ForeignKey(Resource, models.PROTECT, related_name="working_hours")
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    weekday = models.PositiveSmallIntegerField(choices=Weekday, null=True, blank=True)
    rrule = models.CharField(
        max_length=200, blank=True, help_text="as in FREQ=MONTHLY;BYDAY=-1FR, counted from valid_from"
    )
    start_time = models.TimeField()
    end_time = models.TimeField()
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True, help_text="the last day; empty for no end")
    types = ArrayField(models.UUIDField(), default=list, blank=True)

    class Meta(VersionedModel.Meta):
        ordering: ClassVar = ["weekday", "start_time", "id"]
        verbose_name_plural = "working hours"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=(Q(weekday__isnull=False) & Q(rrule="")) | (Q(weekday=None) & ~Q(rrule="")),
                name="hours_come_weekly_or_by_a_rule",
            ),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")), name="hours_end_after_they_begin"
            ),
            models.CheckConstraint(condition=Q(weekday=None) | Q(weekday__range=(0, 6)), name="a_week_has_seven_days"),
        ]
        triggers: ClassVar = [*VersionedModel.Meta.triggers, changes_are_kept()]

    def __str__(self) -> str:
        return f"{self.get_weekday_display() if self.weekday is not None else self.rrule} {self.start_time}–{self.end_time}"


class OneOffHours(VersionedModel):
    """Hours on one date, beside the ones that come back. An end at or before the start means the next day."""

    resource = models.ForeignKey(Resource, models.PROTECT, related_name="one_off_hours")
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    date = models.DateField()
    start_time = models.TimeField()
    end_time = models.TimeField()
    types = ArrayField(models.UUIDField(), default=list, blank=True)

    class Meta(VersionedModel.Meta):
        ordering: ClassVar = ["date", "start_time", "id"]
        verbose_name_plural = "one-off hours"
        triggers: ClassVar = [*VersionedModel.Meta.triggers, changes_are_kept()]

    def __str__(self) -> str:
        return f"{self.date} {self.start_time}–{self.end_time}"


class Absence(VersionedModel):
    """Time that takes openings away: an instant to an instant, whatever the hours say."""

    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=200, blank=True)
    cancelled = models.BooleanField(default=False, help_text="withdrawn; kept for the record")

    class Meta(VersionedModel.Meta):
        abstract = True
        ordering: ClassVar = ["starts_at", "id"]


class Closure(Absence):
    """A clinic is closed, for everyone and everything in it."""

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="closures")

    class Meta(Absence.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="a_closure_ends_after_it_begins"),
        ]
        triggers: ClassVar = [*VersionedModel.Meta.triggers, changes_are_kept()]

    def __str__(self) -> str:
        return f"closed {self.starts_at} to {self.ends_at}"


class TimeOff(Absence):
    """A resource is away, wherever it works."""

    resource = models.ForeignKey(Resource, models.PROTECT, related_name="time_off")

    class Meta(Absence.Meta):
        verbose_name_plural = "time off"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="time_off_ends_after_it_begins"),
        ]
        triggers: ClassVar = [*VersionedModel.Meta.triggers, changes_are_kept()]

    def __str__(self) -> str:
        return f"away {self.starts_at} to {self.ends_at}"
