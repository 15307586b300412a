"""What clinics set about their messages, and what follows for a visit; the defaults where nothing is set."""

import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.db import connection

from appointments.models import Appointment
from notifications.models import MessagePolicy, TypeReminders
from notifications.models.policy import DEFAULT_STEPS
from notifications.rules.steps import Nights


@dataclass(frozen=True, slots=True)
class Policies:
    """The policies of some clinics and the reminders of some types of visit."""

    of_clinics: Mapping[uuid.UUID, MessagePolicy]
    of_types: Mapping[uuid.UUID, list[int]]

    def of(self, clinic_id: uuid.UUID) -> MessagePolicy:
        """Return the clinic's policy, or the defaults as one that is not kept."""
        return self.of_clinics.get(clinic_id) or MessagePolicy(clinic_id=clinic_id)

    def leads(self, visit: Appointment) -> Collection[int]:
        """Return how many minutes before the visit its person is reminded."""
        own = self.of_types.get(visit.appointment_type_id)
        return self.of(visit.clinic_id).reminder_minutes if own is None else own

    def nights(self, visit: Appointment) -> Nights:
        """Return when the visit's person is not disturbed: by their own clock, else by the clinic's.

        Reads `visit.patient` and `visit.clinic`.
        """
        policy = self.of(visit.clinic_id)
        zone = ZoneInfo(visit.patient.timezone or visit.clinic.timezone)
        return Nights(zone, policy.quiet_from, policy.quiet_until)


def policy_of(clinic_id: uuid.UUID) -> MessagePolicy:
    """Return what a clinic sets; the defaults, as version 0 and not kept, where it set nothing."""
    return MessagePolicy.objects.filter(clinic=clinic_id).first() or MessagePolicy(clinic_id=clinic_id, version=0)


def reminders_of(type_id: uuid.UUID) -> TypeReminders:
    """Return a type's own reminders; version 0, not kept, where it follows its clinic."""
    own = TypeReminders.objects.filter(appointment_type=type_id).first()
    return own or TypeReminders(appointment_type_id=type_id, version=0)


def policies_for(visits: Iterable[Appointment]) -> Policies:
    """Return what the clinics of these visits set, in two statements."""
    visits = list(visits)
    clinics = MessagePolicy.objects.filter(clinic__in={visit.clinic_id for visit in visits})
    types = TypeReminders.objects.filter(appointment_type__in={visit.appointment_type_id for visit in visits})
    return Policies(
        {policy.clinic_id: policy for policy in clinics},
        dict(types.values_list("appointment_type_id", "reminder_minutes")),
    )


def longest_lead() -> int:
    """Return the most minutes before a visit at which anybody is reminded."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT max(minutes) FROM (
                SELECT unnest(reminder_minutes) AS minutes FROM notifications_messagepolicy
                UNION ALL SELECT unnest(reminder_minutes) FROM notifications_typereminders) AS lead
            """
        )
        return max(*DEFAULT_STEPS, cursor.fetchone()[0] or 0)
