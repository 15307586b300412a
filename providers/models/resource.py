"""What can be booked: a provider, a room, a device. One table, so that a claim points at one thing and locks have one order."""

from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from mediconnect.records.models import IdentifiedModel, VersionedModel
from mediconnect.records.triggers import changes_are_kept

from .clinic import Clinic

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable


class ResourceKind(models.TextChoices):
    """The three things that a visit can occupy besides the patient."""

    PROVIDER = "provider", "provider"
    ROOM = "room", "room"
    DEVICE = "device", "device"


class Resource(VersionedModel):
    """Something with a calendar of its own that can be in one place at a time.

    A provider belongs to no single clinic: one human is one calendar, wherever he or she works (see PractitionerRole).
    A room or device stands in one clinic and has a category by which a type of visit asks for it.
    """

    kind = models.CharField(max_length=8, choices=ResourceKind)
    name = models.CharField(max_length=120)
    active = models.BooleanField(default=True)
    source_identifier = models.CharField(max_length=200, null=True, blank=True, unique=True)
    clinic = models.ForeignKey(Clinic, models.PROTECT, null=True, blank=True, related_name="resources")
    category = models.CharField(
        max_length=40, blank=True, help_text="what kind of room or device, as in exam, ultrasound"
    )
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="provider",
        help_text="the provider's own sign-in",
    )

    class Meta(VersionedModel.Meta):
        ordering: ClassVar = ["name", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind="provider", clinic=None, category="")
                | Q(kind__in=["room", "device"], clinic__isnull=False, user=None),
                name="a_room_stands_in_a_clinic_and_a_provider_in_none",
            ),
            # The far side of composite foreign keys: a visit's room stands in the visit's clinic.
            models.UniqueConstraint(fields=["id", "clinic"], name="a_resource_is_known_with_its_clinic"),
        ]
        triggers: ClassVar = [*VersionedModel.Meta.triggers, changes_are_kept()]

    def __str__(self) -> str:
        return self.name


class OfKind(models.Manager[Any]):
    """A manager that sees one kind of resource and makes only that kind."""

    def __init__(self, kind: ResourceKind) -> None:
        super().__init__()
        self.kind = kind

    def get_queryset(self) -> models.QuerySet[Any]:
        """Return the resources of this kind."""
        return super().get_queryset().filter(kind=self.kind)

    def at(self, clinics: "Iterable[uuid.UUID]") -> models.QuerySet[Any]:
        """Return those that work or stand in any of the clinics."""
        if self.kind == ResourceKind.PROVIDER:
            return self.filter(
                pk__in=PractitionerRole.objects.filter(clinic__in=clinics, active=True).values("provider")
            )
        return self.filter(clinic__in=clinics)


class Provider(Resource):
    """A person who sees patients."""

    objects: ClassVar[OfKind] = OfKind(ResourceKind.PROVIDER)

    class Meta:
        proxy = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save as a provider."""
        self.kind = ResourceKind.PROVIDER
        super().save(*args, **kwargs)


class Room(Resource):
    """A room where visits take place."""

    objects: ClassVar[OfKind] = OfKind(ResourceKind.ROOM)

    class Meta:
        proxy = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save as a room."""
        self.kind = ResourceKind.ROOM
        super().save(*args, **kwargs)


class Device(Resource):
    """A device that a visit needs for itself."""

    objects: ClassVar[OfKind] = OfKind(ResourceKind.DEVICE)

    class Meta:
        proxy = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save as a device."""
        self.kind = ResourceKind.DEVICE
        super().save(*args, **kwargs)


class PractitionerRole(IdentifiedModel):
    """That a provider works at a clinic, and as what (FHIR PractitionerRole)."""

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="roles")
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="practitioner_roles")
    specialty = models.CharField(max_length=120, blank=True)
    active = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["provider", "clinic"], name="a_provider_has_one_role_in_a_clinic"),
        ]
        triggers: ClassVar = [changes_are_kept()]

    def __str__(self) -> str:
        return self.specialty or "provider"
