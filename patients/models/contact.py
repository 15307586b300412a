"""How a patient is reached: sealed values, found by blind index, with consent beside each."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from mediconnect.records.encryption import EncryptedTextField, blind_index
from mediconnect.records.models import VersionedModel
from mediconnect.records.triggers import changes_are_kept

from .patient import Patient


class ContactSystem(models.TextChoices):
    """The two ways a clinic writes to a patient (FHIR ContactPoint.system)."""

    PHONE = "phone", "phone"
    EMAIL = "email", "e-mail"


def index_of_value(system: str, value: str) -> str:
    """Return the blind index that finds a phone number in E.164, or an e-mail address whatever its capitals."""
    return blind_index(value.strip().lower(), f"contact-{system}")


def index_of_last_four(number: str) -> str:
    """Return the blind index that finds a phone number by its last four digits."""
    return blind_index(number[-4:], "contact-last-four")


class ContactPointQuerySet(models.QuerySet["ContactPoint"]):
    """The words in which contact points are asked for."""

    def active(self) -> "ContactPointQuerySet":
        """Return those in use."""
        return self.filter(active=True)


class ContactPoint(VersionedModel):
    """A phone number (E.164) or an e-mail address. The lowest `rank` is tried first.

    `value_index` and `last_four_index` are blind indexes; the second is for phones alone.
    """

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="contact_points")
    system = models.CharField(max_length=5, choices=ContactSystem)
    value = EncryptedTextField()
    value_index = models.CharField(max_length=32, editable=False)
    last_four_index = models.CharField(max_length=32, blank=True, editable=False)
    rank = models.PositiveSmallIntegerField(default=1)
    consent = models.BooleanField(default=True, help_text="messages may be sent here")
    verified_at = models.DateTimeField(null=True, blank=True)
    active = models.BooleanField(default=True)

    objects = ContactPointQuerySet.as_manager()

    class Meta(VersionedModel.Meta):
        ordering: ClassVar = ["system", "rank", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["patient", "system", "value_index"],
                condition=Q(active=True),
                name="a_contact_point_is_listed_once",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["value_index"], name="contact_points_by_value"),
            models.Index(
                fields=["last_four_index"], condition=~Q(last_four_index=""), name="phones_by_last_four_digits"
            ),
        ]
        triggers: ClassVar = [*VersionedModel.Meta.triggers, changes_are_kept()]

    def hold(self, value: str) -> None:
        """Take a value in its normal form, and the blind indexes that belong to it."""
        self.value = value
        self.value_index = index_of_value(self.system, value)
        self.last_four_index = index_of_last_four(value) if self.system == ContactSystem.PHONE else ""

    def __str__(self) -> str:
        return self.get_system_display()
