"""Why not half past ten? Every rule that blocks a time, named as finely as the caller may know."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

from appointments.rules.admission import Blocked, blocked_by
from appointments.rules.terms import Span, Terms
from providers.models import Clinic
from providers.rules.holidays import public_holidays

from .day import Busy, busy_besides
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
    second_provider_id: uuid.UUID | None = None,
) -> tuple[Terms, Sequence[Blocked]]:
    """Return the terms and every rule that blocks a visit at `start`; no rule means that the time is free.

    `own_hold` is a hold of the caller's, which keeps the time for the caller and so does not block it. Looks without
    locking: true when read, like any look at a calendar. Raises `NotFound` for what is not offered, and as `terms_of` does
    for a second provider.
    """
    terms = terms_of(
        appointment_type_id=appointment_type_id, provider_id=provider_id, second_provider_id=second_provider_id
    )
    span = terms.span(start)
    situation = situation_of(Wish(terms, span, patient_id, by_patient, own_hold=own_hold))
    return terms, refined(blocked_by(terms, span, situation, by_patient=by_patient), terms, span)


def refined(blocked: Sequence[Blocked], terms: Terms, span: Span, closed: "Closed | None" = None) -> list[Blocked]:
    """Return the rules with time off and closures told from plain hours: all three are missing openings to the rules.

    No statement where nothing is closed; else one for what is, and one more for the holidays where that is nothing. Where
    many are refined, they share what is `closed` over all of their time.
    """
    known = closed or Closed(terms, span.start, span.end)
    return [known.reason(rule, span) if rule.rule == "hours" else rule for rule in blocked]


class Closed:
    """What takes the hours of a visit's providers away between two instants; each part is looked up once, and when it is asked for."""

    def __init__(self, terms: Terms, start: dt.datetime, end: dt.datetime) -> None:
        self._terms, self._start, self._end = terms, start, end

    @cached_property
    def _away(self) -> list[Busy]:
        found = busy_besides(self._terms.clinic_id, self._terms.providers, self._start, self._end)
        return sorted(
            (one for one in found if not one.takes), key=lambda one: (one.resource_id is None, -one.end.timestamp())
        )

    @cached_property
    def _holidays(self) -> dict[dt.date, str]:
        first, last = (instant.astimezone(self._terms.zone).date() for instant in (self._start, self._end))
        region = Clinic.objects.filter(pk=self._terms.clinic_id).values_list("region", flat=True).first()
        return public_holidays(region or "", first, last)

    def reason(self, blocked: Blocked, span: Span) -> Blocked:
        """Return the rule of a time without hours as time off or a closure, where it is one of them."""
        whose = blocked.second_provider_id or self._terms.provider_id
        for absence in self._away:
            if absence.resource_id not in {None, whose}:
                continue
            if absence.start < span.end and span.start < absence.end:
                rule = "closure" if absence.resource_id is None else "time_off"
                return replace(blocked, rule=rule, until=absence.end)
        is_holiday = span.start.astimezone(self._terms.zone).date() in self._holidays
        return replace(blocked, rule="closure") if is_holiday else blocked
