"""A provider's visits as a calendar that other programs read by a secret address."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from mediconnect.records.models import IdentifiedModel
from mediconnect.records.triggers import changes_are_kept
from providers.models import Provider


class CalendarFeed(IdentifiedModel):
    """One secret address of one provider's calendar. Patients are named only where `names_patients`; it can be revoked."""

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="calendar_feeds")
    name = models.CharField(max_length=60, help_text="where it is read, as in my phone")
    secret_hash = models.CharField(max_length=64, unique=True)
    names_patients = models.BooleanField(default=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    revoked_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True, help_text="when it was last read, to the minute")

    class Meta:
        triggers: ClassVar = [changes_are_kept()]

    def __str__(self) -> str:
        return self.name
