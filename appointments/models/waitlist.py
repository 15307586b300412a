"""Who waits for which time, what they were offered, and what a clinic says about both."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxLengthValidator, MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from mediconnect.records.encryption import EncryptedTextField
from mediconnect.records.models import IdentifiedModel, VersionedModel
from mediconnect.records.triggers import changes_are_kept
from patients.models import Patient
from providers.models import AppointmentType, Clinic, Provider

from .appointment import Appointment, Source
from .freed_time import FreedTime


class WaitlistEntry(VersionedModel):
    """One person's wish for a time: the type of visit, with whom, on which days, between which hours, from when to when.

    Weekdays, hours and dates are the clinic's own clock. With `appointment` it is a wish to come sooner: an accepted offer
    moves that visit; without, it books one. `notice_minutes` is how long before a visit the person must know.
    """

    class State(models.TextChoices):
        """Where the wish stands."""

        WAITING = "waiting", "waiting"
        OFFERED = "offered", "has an offer"
        ACCEPTED = "accepted", "has a visit"
        WITHDRAWN = "withdrawn", "withdrawn"
        EXPIRED = "expired", "not met in time"

    class Priority(models.IntegerChoices):
        """How soon it matters, the highest first."""

        ROUTINE = 0, "routine"
        SOON = 1, "soon"
        URGENT = 2, "urgent"

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="waitlist")
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="waitlist_entries")
    appointment_type = models.ForeignKey(AppointmentType, models.PROTECT, related_name="waitlist_entries")
    providers = ArrayField(models.UUIDField(), default=list, blank=True, help_text="empty for any")
    weekdays = ArrayField(
        models.PositiveSmallIntegerField(), default=list, blank=True, help_text="0 is Monday; empty for any"
    )
    earliest_time = models.TimeField(null=True, blank=True, help_text="a visit begins no earlier in the day")
    latest_time = models.TimeField(null=True, blank=True, help_text="a visit is over by then")
    from_date = models.DateField()
    until_date = models.DateField(help_text="the last day")
    notice_minutes = models.PositiveIntegerField(default=120, help_text="known so long before the visit begins")
    appointment = models.ForeignKey(
        Appointment,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="waitlist_entries",
        help_text="what it would bring forward",
    )
    priority = models.PositiveSmallIntegerField(choices=Priority, default=Priority.ROUTINE)
    source = models.CharField(max_length=8, choices=Source, default=Source.STAFF)
    note = EncryptedTextField(blank=True, default="", validators=[MaxLengthValidator(1000)], help_text="for staff")
    state = models.CharField(max_length=9, choices=State, default=State.WAITING, db_default=State.WAITING.value)
    joined_at = models.DateTimeField(help_text="decides among equals; an offer that was lost does not change it")
    closed_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta(VersionedModel.Meta):
        verbose_name_plural = "waitlist entries"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "offered", "accepted", "withdrawn", "expired"]),
                name="a_wish_is_in_one_known_state",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "offered"], closed_at=None)
                | (Q(state__in=["accepted", "withdrawn", "expired"]) & Q(closed_at__isnull=False)),
                name="a_wish_is_open_or_says_when_it_closed",
            ),
            models.CheckConstraint(condition=Q(until_date__gte=F("from_date")), name="a_wish_ends_after_it_begins"),
            models.CheckConstraint(
                condition=Q(earliest_time=None) | Q(latest_time=None) | Q(latest_time__gt=F("earliest_time")),
                name="a_wish_leaves_time_in_the_day",
            ),
            models.UniqueConstraint(
                fields=["patient", "appointment_type"],
                condition=Q(state__in=["waiting", "offered"]),
                name="a_patient_waits_once_for_a_type",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["clinic", "appointment_type", "-priority", "joined_at", "id"],
                condition=Q(state="waiting"),
                name="wishes_in_their_order",
            ),
            models.Index(fields=["clinic", "state", "joined_at"], name="wishes_of_a_clinic"),
            models.Index(
                fields=["until_date"], condition=Q(state__in=["waiting", "offered"]), name="wishes_that_run_out"
            ),
        ]
        triggers: ClassVar = [*VersionedModel.Meta.triggers, changes_are_kept()]

    def __str__(self) -> str:
        return f"{self.get_state_display()} since {self.joined_at:%Y-%m-%d}"


class WaitlistOffer(IdentifiedModel):
    """One freed time offered to one person until `expires_at`. The time is held for it: `Hold.freed_time`.

    `place` counts who is asked at the same time: always 1 where the clinic asks one after another. `appointment` is the
    visit that it became; `days_won` how many days sooner than the visit that it replaced.
    """

    class State(models.TextChoices):
        """How it stands or ended."""

        OFFERED = "offered", "offered"
        ACCEPTED = "accepted", "accepted"
        DECLINED = "declined", "declined"
        EXPIRED = "expired", "not answered in time"
        OVERTAKEN = "overtaken", "somebody else was first"
        WITHDRAWN = "withdrawn", "taken back"

    entry = models.ForeignKey(WaitlistEntry, models.PROTECT, related_name="offers")
    freed_time = models.ForeignKey(FreedTime, models.PROTECT, related_name="offers")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+", db_index=False)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    place = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=9, choices=State, default=State.OFFERED, db_default=State.OFFERED.value)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    too_late_at = models.DateTimeField(null=True, blank=True, help_text="when somebody said yes after it had ended")
    why = models.CharField(max_length=24, blank=True, db_default="", help_text="why it was taken back")
    appointment = models.ForeignKey(
        Appointment, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    days_won = models.IntegerField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=["offered", "accepted", "declined", "expired", "overtaken", "withdrawn"]),
                name="an_offer_is_in_one_known_state",
            ),
            models.CheckConstraint(
                condition=Q(state="offered", ended_at=None) | (~Q(state="offered") & Q(ended_at__isnull=False)),
                name="an_offer_stands_or_says_when_it_ended",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__lte=F("starts_at")), name="an_offer_ends_before_its_time_begins"
            ),
            models.CheckConstraint(
                condition=(Q(state="accepted") & Q(appointment__isnull=False))
                | (~Q(state="accepted") & Q(appointment=None)),
                name="an_accepted_offer_became_a_visit",
            ),
            models.UniqueConstraint(
                fields=["freed_time", "place"],
                condition=Q(state="offered"),
                name="a_freed_time_is_offered_once_at_a_time",
            ),
            models.UniqueConstraint(
                fields=["entry"], condition=Q(state="offered"), name="a_wish_has_one_offer_at_a_time"
            ),
            models.UniqueConstraint(
                fields=["freed_time"], condition=Q(state="accepted"), name="a_freed_time_is_accepted_once"
            ),
            models.UniqueConstraint(fields=["entry", "freed_time"], name="a_wish_is_offered_a_time_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["expires_at"], condition=Q(state="offered"), name="offers_that_run_out"),
        ]
        triggers: ClassVar = [changes_are_kept()]

    def __str__(self) -> str:
        return f"{self.get_state_display()} {self.starts_at}"


class WaitlistPass(models.Model):
    """That a freed time passed somebody by whose wish it met, and why: a code of `appointments.rules.waitlist`."""

    id = models.BigAutoField(primary_key=True)
    entry = models.ForeignKey(WaitlistEntry, models.CASCADE, related_name="passes")
    freed_time = models.ForeignKey(FreedTime, models.CASCADE, related_name="passes", db_index=False)
    why = models.CharField(max_length=24)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["entry", "freed_time", "why"], name="a_wish_is_passed_over_once_for_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return self.why


class WaitlistPolicy(VersionedModel):
    """How a clinic offers freed time, for one type of visit or (without a type) for all that have none of their own.

    Minutes to answer shrink with the notice that is left: over a day, over four hours, less.
    """

    class Order(models.TextChoices):
        """Who is asked first."""

        PRIORITY = "priority", "priority, then who waits longest"
        AGE = "age", "who waits longest"

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="waitlist_policies")
    appointment_type = models.ForeignKey(AppointmentType, models.PROTECT, null=True, blank=True, related_name="+")
    active = models.BooleanField(default=True, help_text="freed time is offered by itself")
    order = models.CharField(max_length=8, choices=Order, default=Order.PRIORITY)
    at_once = models.PositiveSmallIntegerField(
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(50)],
        help_text="how many are asked at the same time; the first to accept has it",
    )
    minutes_over_a_day = models.PositiveSmallIntegerField(default=120)
    minutes_over_four_hours = models.PositiveSmallIntegerField(default=30)
    minutes_under_four_hours = models.PositiveSmallIntegerField(default=15)
    latest_offer_minutes = models.PositiveSmallIntegerField(
        default=60, help_text="no offer begins later before the visit"
    )

    class Meta(VersionedModel.Meta):
        verbose_name_plural = "waitlist policies"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["clinic", "appointment_type"], nulls_distinct=False, name="a_clinic_says_once_how_it_offers"
            ),
            models.CheckConstraint(condition=Q(at_once__range=(1, 50)), name="one_to_fifty_are_asked_at_once"),
            models.CheckConstraint(
                condition=Q(minutes_over_a_day__range=(5, 1440))
                & Q(minutes_over_four_hours__range=(5, 240))
                & Q(minutes_under_four_hours__range=(5, 120)),
                name="an_offer_leaves_time_to_answer",
            ),
        ]
        triggers: ClassVar = [*VersionedModel.Meta.triggers, changes_are_kept()]

    def __str__(self) -> str:
        return self.get_order_display()
