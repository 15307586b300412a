"""A visit: who, with whom, where, when, and where it stands."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import F, Q

from mediconnect.records.encryption import EncryptedTextField
from mediconnect.records.models import VersionedModel
from mediconnect.records.triggers import changes_are_kept, refused
from patients.models import Patient
from providers.models import AppointmentType, Clinic, Device, Provider, Room

from .reasons import CancellationReason
from .series import Series
from .session import Session, time_between
from .status import CLAIMING, Status
from .triggers import COVERED_BY_OPENINGS, KNOWN_STEP, VISIT_CLAIMS


class Source(models.TextChoices):
    """Where a booking came from."""

    PATIENT = "patient", "patient"
    STAFF = "staff", "front desk"
    IMPORTED = "imported", "imported"
    SYSTEM = "system", "another system"


class Priority(models.TextChoices):
    """How soon a patient who is here is seen, where the order of arrival does not decide."""

    ROUTINE = "routine", "routine"
    URGENT = "urgent", "urgent"


class Appointment(VersionedModel):
    """One patient's visit. Its row occupies time: triggers write its claims with it, whoever writes the row.

    Nothing that it refers to is ever deleted, so its foreign keys need no indexes of their own: those by time serve.
    `override_reason` marks a visit that staff put outside the openings or over another visit on purpose; `displaced` one
    whose openings were closed under it, by time off, until it has a new time. `second_provider` is claimed like the first.
    """

    clinic = models.ForeignKey(Clinic, models.PROTECT, db_index=False, related_name="appointments")
    provider = models.ForeignKey(Provider, models.PROTECT, db_index=False, related_name="appointments")
    second_provider = models.ForeignKey(
        Provider,
        models.PROTECT,
        db_index=False,
        null=True,
        blank=True,
        related_name="+",
        help_text="who is there as well",
    )
    room = models.ForeignKey(Room, models.PROTECT, db_index=False, null=True, blank=True, related_name="+")
    device = models.ForeignKey(Device, models.PROTECT, db_index=False, null=True, blank=True, related_name="+")
    appointment_type = models.ForeignKey(AppointmentType, models.PROTECT, db_index=False, related_name="appointments")
    patient = models.ForeignKey(Patient, models.PROTECT, db_index=False, related_name="appointments")
    session = models.ForeignKey(Session, models.PROTECT, null=True, blank=True, related_name="appointments")
    seat = models.PositiveSmallIntegerField(null=True, blank=True)
    series = models.ForeignKey(Series, models.PROTECT, null=True, blank=True, related_name="visits", db_index=False)
    occurrence = models.PositiveSmallIntegerField(null=True, blank=True, help_text="its number in the series")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    during = models.GeneratedField(
        expression=time_between("starts_at", "ends_at"), output_field=DateTimeRangeField(), db_persist=True
    )
    buffer_before = models.PositiveSmallIntegerField(default=0)
    buffer_after = models.PositiveSmallIntegerField(default=0)
    status = models.CharField(max_length=12, choices=Status, default=Status.BOOKED)
    source = models.CharField(max_length=8, choices=Source, default=Source.STAFF)
    # The default is the database's as well, so that loads and other writers need not know of it.
    priority = models.CharField(
        max_length=8, choices=Priority, default=Priority.ROUTINE, db_default=Priority.ROUTINE.value
    )
    reason = EncryptedTextField(blank=True, default="", validators=[MaxLengthValidator(1000)])
    patient_note = EncryptedTextField(blank=True, default="", validators=[MaxLengthValidator(1000)])
    internal_note = EncryptedTextField(blank=True, default="", validators=[MaxLengthValidator(4000)])
    cancellation_reason = models.CharField(max_length=24, choices=CancellationReason, blank=True)
    displaced = models.BooleanField(default=False, db_default=False, help_text="its time was closed; it is to be moved")
    override_reason = models.CharField(max_length=200, blank=True)
    overridden_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, db_index=False, null=True, blank=True, related_name="+"
    )
    arrived_at = models.DateTimeField(null=True, blank=True)
    roomed_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True, help_text="completed, cancelled or missed")

    class Meta(VersionedModel.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(status__in=Status.values), name="a_visit_has_a_known_status"),
            models.CheckConstraint(condition=Q(priority__in=Priority.values), name="a_visit_has_a_known_priority"),
            models.CheckConstraint(
                condition=Q(
                    ends_at__gte=F("starts_at") + models.Value("5 minutes", output_field=models.DurationField())
                )
                & Q(ends_at__lte=F("starts_at") + models.Value("480 minutes", output_field=models.DurationField())),
                name="a_visit_lasts_five_minutes_to_eight_hours",
            ),
            models.CheckConstraint(
                condition=Q(override_reason="", overridden_by=None)
                | (~Q(override_reason="") & Q(overridden_by__isnull=False)),
                name="an_override_says_who_and_why",
            ),
            models.CheckConstraint(
                condition=Q(session=None, seat=None) | Q(session__isnull=False, seat__gte=1), name="a_session_has_seats"
            ),
            models.CheckConstraint(
                condition=Q(series=None, occurrence=None) | Q(series__isnull=False, occurrence__gte=1),
                name="a_visit_of_a_series_has_a_number",
            ),
            models.CheckConstraint(
                condition=Q(second_provider=None) | ~Q(second_provider=F("provider")),
                name="a_second_provider_is_another_one",
            ),
            models.CheckConstraint(
                condition=Q(second_provider=None) | Q(session=None), name="a_group_has_one_provider"
            ),
            models.CheckConstraint(
                condition=Q(status="cancelled") ^ Q(cancellation_reason=""),
                name="a_cancelled_visit_says_why_and_no_other_does",
            ),
            # Nobody can be in two places: not even an override changes that (rulings.md, 4).
            ExclusionConstraint(
                name="a_patient_is_in_one_place",
                expressions=[(F("patient"), RangeOperators.EQUAL), (F("during"), RangeOperators.OVERLAPS)],
                condition=Q(status__in=CLAIMING),
            ),
            models.UniqueConstraint(
                fields=["patient", "starts_at", "provider", "status"],
                condition=Q(status__in=CLAIMING),
                name="a_visit_is_booked_once",
            ),
            models.UniqueConstraint(
                fields=["series", "occurrence"], condition=Q(series__isnull=False), name="an_occurrence_is_one_visit"
            ),
            models.UniqueConstraint(
                fields=["session", "seat"], condition=Q(status__in=CLAIMING), name="a_seat_is_taken_once"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["clinic", "starts_at"], name="visits_of_a_clinic_by_time"),
            models.Index(fields=["provider", "starts_at"], name="visits_of_a_provider_by_time"),
            models.Index(fields=["patient", "starts_at"], name="visits_of_a_patient_by_time"),
            models.Index(fields=["starts_at", "status"], name="visits_by_time_and_status"),
            models.Index(
                fields=["second_provider", "starts_at"],
                condition=Q(second_provider__isnull=False),
                name="visits_of_a_second_provider",
            ),
            models.Index(fields=["clinic", "starts_at"], condition=Q(displaced=True), name="visits_that_are_displaced"),
        ]
        triggers: ClassVar = [
            *VersionedModel.Meta.triggers,
            changes_are_kept(),
            refused(
                name="a_visit_is_never_deleted",
                operation=pgtrigger.Delete,
                sentence="a visit is cancelled, never deleted",
            ),
            pgtrigger.Trigger(
                name="a_status_takes_a_known_step",
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf("status"),  # type: ignore[no-untyped-call]  # the library has no types here
                func=KNOWN_STEP,
            ),
            pgtrigger.Trigger(
                name="a_visit_lies_inside_the_openings",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func=COVERED_BY_OPENINGS,
            ),
            pgtrigger.Trigger(
                name="visits_claim_their_time",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.Update,
                declare=[("seats", "integer")],
                func=VISIT_CLAIMS,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_status_display()} {self.starts_at:%Y-%m-%d %H:%M %Z}"
