"""How a clinic offers freed time: what it set for a type of visit, else in general, else the defaults."""

import uuid

from django.db.models import Q

from appointments.models import WaitlistPolicy
from appointments.rules.waitlist import Patience


def policies_of(clinic_id: uuid.UUID) -> dict[uuid.UUID | None, WaitlistPolicy]:
    """Return what the clinic set, by type of visit; None holds what counts for all others, if need be the defaults."""
    own = {row.appointment_type_id: row for row in WaitlistPolicy.objects.filter(clinic=clinic_id)}
    return {None: WaitlistPolicy(clinic_id=clinic_id, version=0)} | own


def policy_for(*, clinic_id: uuid.UUID, appointment_type_id: uuid.UUID | None) -> WaitlistPolicy:
    """Return how this type's freed time is offered; version 0, not kept, where nothing is set."""
    wanted = Q(appointment_type=None) | Q(appointment_type=appointment_type_id)
    found = {row.appointment_type_id: row for row in WaitlistPolicy.objects.filter(wanted, clinic=clinic_id)}
    return found.get(appointment_type_id) or found.get(None) or WaitlistPolicy(clinic_id=clinic_id, version=0)


def patience_of(policy: WaitlistPolicy) -> Patience:
    """Return the minutes to answer that the policy leaves."""
    return Patience(
        policy.minutes_over_a_day,
        policy.minutes_over_four_hours,
        policy.minutes_under_four_hours,
        policy.latest_offer_minutes,
    )
