"""What happened to visits and holds: facts in the past tense that carry identifiers alone."""

import uuid
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AppointmentBooked:
    """A visit was booked."""

    appointment_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class AppointmentConfirmed:
    """A visit was confirmed."""

    appointment_id: uuid.UUID
    version: int


@dataclass(frozen=True, slots=True)
class AppointmentMoved:
    """A visit went to another time, provider or room. `version` is the one it now has."""

    appointment_id: uuid.UUID
    version: int


@dataclass(frozen=True, slots=True)
class AppointmentCancelled:
    """A visit was cancelled and its time is free."""

    appointment_id: uuid.UUID
    version: int


@dataclass(frozen=True, slots=True)
class AppointmentAdvanced:
    """A visit took a step of the day's flow: arrived, roomed, started, completed."""

    appointment_id: uuid.UUID
    version: int


@dataclass(frozen=True, slots=True)
class AppointmentMissed:
    """The patient did not come."""

    appointment_id: uuid.UUID
    version: int


@dataclass(frozen=True, slots=True)
class AppointmentStepUndone:
    """The last step of a visit was taken back, a cancellation or no-show included."""

    appointment_id: uuid.UUID
    version: int


@dataclass(frozen=True, slots=True)
class AppointmentNoted:
    """A reason or note of a visit was changed."""

    appointment_id: uuid.UUID
    version: int


@dataclass(frozen=True, slots=True)
class AppointmentPrioritised:
    """A visit became urgent, or routine again."""

    appointment_id: uuid.UUID
    version: int


@dataclass(frozen=True, slots=True)
class HoldPlaced:
    """A time was held."""

    hold_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class HoldReleased:
    """A hold was given back or ran out. The hold is gone; what it kept is named."""

    hold_id: uuid.UUID
    provider_id: uuid.UUID
    appointment_type_id: uuid.UUID
