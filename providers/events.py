"""What happened to clinics, their people, rooms, types and hours: in the past tense and by id alone."""

import uuid
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HoursChanged:
    """Working hours or one-off hours of a resource were entered, changed or ended."""

    resource_id: uuid.UUID
    clinic_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class TimeOffEntered:
    """A resource is away for a while."""

    time_off_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class TimeOffChanged:
    """Time off was moved or withdrawn."""

    time_off_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class ClosureEntered:
    """A clinic is closed for a while."""

    closure_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class ClosureChanged:
    """A closure was moved or withdrawn."""

    closure_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class ResourceChanged:
    """A provider, room or device was added, renamed, sorted otherwise or put out of use."""

    resource_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class AppointmentTypeChanged:
    """A type of visit was added or changed, or a provider's exceptions from it were."""

    appointment_type_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class ClinicChanged:
    """A clinic was added, or its name, zone, region or policy changed."""

    clinic_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class MemberInvited:
    """Somebody was given a first role in a clinic."""

    clinic_id: uuid.UUID
    user_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class RolesChanged:
    """Somebody was given roles in a clinic or lost some, and still has one."""

    clinic_id: uuid.UUID
    user_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class MemberRemoved:
    """Somebody lost the last role in a clinic."""

    clinic_id: uuid.UUID
    user_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class PractitionerRoleChanged:
    """A provider began or ceased to work at a clinic, or works there as something else."""

    provider_id: uuid.UUID
    clinic_id: uuid.UUID
