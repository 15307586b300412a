"""Who, where and when, for administrators: what changes hours goes through the services that expand them into openings."""

from .absences import ClosureAdmin, TimeOffAdmin
from .budgets import OverbookingBudgetAdmin
from .clinics import ClinicAdmin, MembershipAdmin
from .hours import OneOffHoursAdmin, OpeningAdmin, WorkingHoursAdmin
from .resources import DeviceAdmin, PractitionerRoleAdmin, ProviderAdmin, ResourceAdmin, RoomAdmin
from .types import AppointmentTypeAdmin, TypeOverrideAdmin

__all__ = [
    "AppointmentTypeAdmin",
    "ClinicAdmin",
    "ClosureAdmin",
    "DeviceAdmin",
    "MembershipAdmin",
    "OneOffHoursAdmin",
    "OpeningAdmin",
    "OverbookingBudgetAdmin",
    "PractitionerRoleAdmin",
    "ProviderAdmin",
    "ResourceAdmin",
    "RoomAdmin",
    "TimeOffAdmin",
    "TypeOverrideAdmin",
    "WorkingHoursAdmin",
]
