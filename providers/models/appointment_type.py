"""What kinds of visit a clinic offers, how long they take and what they need."""

from typing import ClassVar

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from mediconnect.records.models import IdentifiedModel, VersionedModel
from mediconnect.records.triggers import changes_are_kept

from .clinic import Clinic
from .resource import Provider


class AppointmentType(VersionedModel):
    """A kind of visit of one clinic. Durations and buffers are minutes."""

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="appointment_types")
    name = models.CharField(max_length=120)
    duration = models.PositiveSmallIntegerField(default=30, help_text="minutes, 5 to 480")
    buffer_before = models.PositiveSmallIntegerField(default=0, help_text="minutes kept free before")
    buffer_after = models.PositiveSmallIntegerField(default=0, help_text="minutes kept free after")
    start_grid = models.PositiveSmallIntegerField(
        default=15, help_text="a visit starts every so many minutes after the full hour"
    )
    colour = models.CharField(max_length=7, default="#3b6ea5", validators=[RegexValidator(r"^#[0-9a-f]{6}$")])
    bookable_online = models.BooleanField(default=True)
    room_kind = models.CharField(max_length=40, blank=True, help_text="category of room it needs; empty for none")
    device_kind = models.CharField(max_length=40, blank=True, help_text="category of device it needs; empty for none")
    daily_limit = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="visits of this type per provider and day"
    )
    capacity = models.PositiveSmallIntegerField(
        default=1, help_text="patients in one visit; more than one makes it a group"
    )
    minimum_notice_minutes = models.PositiveIntegerField(
        null=True, blank=True, help_text="how late a patient may still book; empty: as the clinic says"
    )
    cancel_cutoff_hours = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="how late a patient may still cancel; empty: as the clinic says"
    )
    move_cutoff_hours = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="how late a patient may still move; empty: as the clinic says"
    )
    open_bookings_limit = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        help_text="upcoming visits of this type that a patient may book alone; empty for no limit",
    )
    active = models.BooleanField(default=True)

    class Meta(VersionedModel.Meta):
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(Lower("name"), "clinic", name="a_type_is_named_once_in_a_clinic"),
            models.UniqueConstraint(fields=["id", "clinic"], name="a_type_is_known_with_its_clinic"),
            models.CheckConstraint(
                condition=Q(duration__range=(5, 480)), name="a_type_lasts_five_minutes_to_eight_hours"
            ),
            models.CheckConstraint(
                condition=Q(buffer_before__lte=120) & Q(buffer_after__lte=120), name="a_buffer_is_two_hours_at_most"
            ),
            models.CheckConstraint(
                condition=Q(start_grid__in=[5, 10, 15, 20, 30, 60]), name="a_start_grid_divides_the_hour"
            ),
            models.CheckConstraint(condition=Q(capacity__range=(1, 100)), name="a_group_holds_one_to_a_hundred"),
        ]
        triggers: ClassVar = [*VersionedModel.Meta.triggers, changes_are_kept()]

    def __str__(self) -> str:
        return self.name


class TypeOverride(IdentifiedModel):
    """How one provider differs from a type: other minutes, or not offering it at all. Empty means as the type says."""

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="type_overrides")
    appointment_type = models.ForeignKey(AppointmentType, models.PROTECT, related_name="overrides")
    offered = models.BooleanField(default=True)
    duration = models.PositiveSmallIntegerField(null=True, blank=True)
    buffer_before = models.PositiveSmallIntegerField(null=True, blank=True)
    buffer_after = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["provider", "appointment_type"], name="a_provider_overrides_a_type_once"),
            models.CheckConstraint(
                condition=Q(duration=None) | Q(duration__range=(5, 480)),
                name="an_override_lasts_five_minutes_to_eight_hours",
            ),
        ]
        triggers: ClassVar = [changes_are_kept()]

    def __str__(self) -> str:
        return f"{self.provider_id} × {self.appointment_type_id}"
