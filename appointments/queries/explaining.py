"""Why not half past ten? Every rule that blocks a time, named as finely as the caller may know."""

import datetime as dt
import uuid
from collections.abc import Sequence

from django.db.models import Q

from appointments.rules.admission import Blocked, blocked_by
from appointments.rules.terms import Terms
from providers.models import Clinic, Closure, TimeOff
from providers.rules.holidays import public_holidays

from .situation import Wish, situation_of
from .terms import terms_of


def explain(
    *,
    appointment_type_id: uuid.UUID,
    provider_id: uuid.UUID,
    start: dt.datetime,
    patient_id: uuid.UUID | None,
    by_patient: bool,
) -> tuple[Terms, Sequence[Blocked]]:
    """Return the terms and every rule that blocks a visit at `start`; no rule means that the time is free.

    Looks without locking: true when read, like any look at a calendar. Raises `NotFound` for what is not offered.
    """
    terms = terms_of(appointment_type_id=appointment_type_id, provider_id=provider_id)
    span = terms.span(start)
    situation = situation_of(Wish(terms, span, patient_id, by_patient))
    blocked = blocked_by(terms, span, situation, by_patient=by_patient)
    return terms, [_refined(rule, terms, start, span.end) for rule in blocked]


def _refined(blocked: Blocked, terms: Terms, start: dt.datetime, end: dt.datetime) -> Blocked:
    """Tell time off and closures from plain hours: all three are missing openings by the time anybody books."""
    if blocked.rule != "hours":
        return blocked
    overlap = Q(starts_at__lt=end, ends_at__gt=start, cancelled=False)
    away = TimeOff.objects.filter(overlap, resource=terms.provider_id).order_by("-ends_at").first()
    if away is not None:
        return Blocked("time_off", blocked.refusal, away.ends_at)
    closed = Closure.objects.filter(overlap, clinic=terms.clinic_id).order_by("-ends_at").first()
    if closed is not None:
        return Blocked("closure", blocked.refusal, closed.ends_at)
    day = start.astimezone(terms.zone).date()
    region = Clinic.objects.filter(pk=terms.clinic_id).values_list("region", flat=True).first()
    return Blocked("closure", blocked.refusal) if day in public_holidays(region or "", day, day) else blocked
