"""Why not half past ten? Every rule that blocks a time, named as finely as the caller may know."""

import datetime as dt
import uuid
from collections.abc import Sequence

from appointments.rules.admission import Blocked, blocked_by
from appointments.rules.terms import Span, Terms
from providers.models import Clinic
from providers.rules.holidays import public_holidays

from .day import busy_besides
from .situation import Wish, situation_of
from .terms import terms_of


def explain(
    *,
    appointment_type_id: uuid.UUID,
    provider_id: uuid.UUID,
    start: dt.datetime,
    patient_id: uuid.UUID | None,
    by_patient: bool,
    own_hold: uuid.UUID | None = None,
) -> tuple[Terms, Sequence[Blocked]]:
    """Return the terms and every rule that blocks a visit at `start`; no rule means that the time is free.

    `own_hold` is a hold of the caller's, which keeps the time for the caller and so does not block it. Looks without
    locking: true when read, like any look at a calendar. Raises `NotFound` for what is not offered.
    """
    terms = terms_of(appointment_type_id=appointment_type_id, provider_id=provider_id)
    span = terms.span(start)
    situation = situation_of(Wish(terms, span, patient_id, by_patient, own_hold=own_hold))
    return terms, refined(blocked_by(terms, span, situation, by_patient=by_patient), terms, span)


def refined(blocked: Sequence[Blocked], terms: Terms, span: Span) -> list[Blocked]:
    """Return the rules with time off and closures told from plain hours: all three are missing openings to the rules.

    No statement where nothing is closed; else one for what is, and one more for the holidays where that is nothing.
    """
    return [_closed(rule, terms, span) if rule.rule == "hours" else rule for rule in blocked]


def _closed(blocked: Blocked, terms: Terms, span: Span) -> Blocked:
    away = [one for one in busy_besides(terms.clinic_id, [terms.provider_id], span.start, span.end) if not one.takes]
    for absence in sorted(away, key=lambda one: (one.resource_id is None, -one.end.timestamp())):
        return Blocked("closure" if absence.resource_id is None else "time_off", blocked.refusal, absence.end)
    day = span.start.astimezone(terms.zone).date()
    region = Clinic.objects.filter(pk=terms.clinic_id).values_list("region", flat=True).first()
    return Blocked("closure", blocked.refusal) if day in public_holidays(region or "", day, day) else blocked
