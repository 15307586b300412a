"""Who, where and when: the tables of clinics, resources, types of visit and hours."""

from .appointment_type import AppointmentType, TypeOverride
from .clinic import Clinic, Membership, Role
from .hours import Closure, OneOffHours, TimeOff, WorkingHours
from .opening import Opening
from .overbooking import OverbookingBudget
from .resource import Device, PractitionerRole, Provider, Resource, ResourceKind, Room

__all__ = [
    "AppointmentType",
    "Clinic",
    "Closure",
    "Device",
    "Membership",
    "OneOffHours",
    "Opening",
    "OverbookingBudget",
    "PractitionerRole",
    "Provider",
    "Resource",
    "ResourceKind",
    "Role",
    "Room",
    "TimeOff",
    "TypeOverride",
    "WorkingHours",
]
