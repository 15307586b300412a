"""What a clinic sets about its messages: which are sent, how long before a visit, and when nobody is disturbed."""

import datetime as dt
from typing import ClassVar, Final

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from mediconnect.records.models import VersionedModel
from mediconnect.records.triggers import changes_are_kept
from providers.models import AppointmentType, Clinic

DEFAULT_STEPS: Final = (7 * 24 * 60, 48 * 60, 3 * 60)
"""Minutes before a visit: a week, two days, three hours (features.md 2.4)."""


def default_steps() -> list[int]:
    """Return the minutes before a visit at which a clinic reminds that set nothing else."""
    return list(DEFAULT_STEPS)


def _steps() -> "ArrayField[list[int], list[int]]":
    return ArrayField(
        models.PositiveIntegerField(), default=default_steps, blank=True, size=6, help_text="minutes before"
    )


class MessagePolicy(VersionedModel):
    """A clinic's rules for messages. A clinic without a row follows the defaults of this class."""

    clinic = models.OneToOneField(Clinic, models.PROTECT, related_name="message_policy")
    reminder_minutes = _steps()
    tells_booked = models.BooleanField(default=True, help_text="write when a visit is booked")
    tells_moved = models.BooleanField(default=True, help_text="write when a visit is moved")
    tells_cancelled = models.BooleanField(default=True, help_text="write when a visit is cancelled")
    quiet_from = models.TimeField(default=dt.time(21), help_text="by the patient's clock")
    quiet_until = models.TimeField(default=dt.time(8), help_text="by the patient's clock")
    hourly_cap = models.PositiveSmallIntegerField(
        default=3, help_text="messages to one person in an hour, replies apart"
    )

    class Meta(VersionedModel.Meta):
        verbose_name_plural = "message policies"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(hourly_cap__range=(1, 20)), name="a_cap_is_one_to_twenty_messages_an_hour"
            ),
        ]
        triggers: ClassVar = [*VersionedModel.Meta.triggers, changes_are_kept()]

    def __str__(self) -> str:
        """Return whose it is."""
        return f"messages of {self.clinic_id}"


class TypeReminders(VersionedModel):
    """Other reminders for one type of visit than its clinic's; an empty list means none."""

    appointment_type = models.OneToOneField(AppointmentType, models.PROTECT, related_name="type_reminders")
    reminder_minutes = _steps()

    class Meta(VersionedModel.Meta):
        verbose_name_plural = "reminders of types"
        triggers: ClassVar = [*VersionedModel.Meta.triggers, changes_are_kept()]

    def __str__(self) -> str:
        """Return whose they are."""
        return f"reminders of {self.appointment_type_id}"
