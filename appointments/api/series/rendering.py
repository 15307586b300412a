"""How series and their plans look to callers: times with the clinic's own offset, rules by the names that explain uses."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from appointments.api.rendering import render
from appointments.models import Appointment, Series
from appointments.queries.series.planning import Planned, SeriesPlan, Staying
from appointments.queries.visits import COLUMNS
from appointments.rules.admission import Blocked
from appointments.rules.terms import zone_of
from mediconnect.api.principal import Principal


def render_series(series: Series) -> dict[str, Any]:
    """Return the series without its visits."""
    zone = zone_of(series.clinic.timezone)
    return {
        "id": series.pk,
        "version": series.version,
        "clinic": series.clinic_id,
        "timezone": series.clinic.timezone,
        "patient": series.patient_id,
        "provider": series.provider_id,
        "appointment_type": series.appointment_type_id,
        "rrule": series.rrule,
        "starts_on": series.starts_on.isoformat(),
        "start_time": series.start_time.isoformat(timespec="minutes"),
        "minutes": series.minutes,
        "size": series.size,
        "left_out": [day.isoformat() for day in series.left_out],
        "cancelled_at": series.cancelled_at.astimezone(zone).isoformat() if series.cancelled_at else None,
        "created_at": series.created_at.astimezone(zone).isoformat(),
    }


def render_whole(series: Series, principal: Principal) -> dict[str, Any]:
    """Return the series with its visits, by their numbers: two statements."""
    series = Series.objects.select_related("clinic").get(pk=series.pk)
    rows = Appointment.objects.filter(series=series.pk).order_by("occurrence").values(*COLUMNS)
    return render_series(series) | {"visits": [render(row, principal) for row in rows]}


def render_change(
    series: Series, changed: Sequence[Appointment], left: Sequence[Appointment], principal: Principal
) -> dict[str, Any]:
    """Return the series as it now is, with the numbers of what a change changed and of what it left alone."""
    return render_whole(series, principal) | {
        "changed": [visit.occurrence for visit in changed],
        "left_alone": [visit.occurrence for visit in left],
    }


def render_plan(plan: SeriesPlan) -> dict[str, Any]:
    """Return the plan: each occurrence by its number, free or with what is in the way and what is free instead."""
    zone = plan.terms.zone

    def local(instant: dt.datetime) -> str:
        return instant.astimezone(zone).isoformat()

    def occurrence(one: Planned) -> dict[str, Any]:
        return {
            "occurrence": one.number,
            "appointment": one.asked.visit_id,
            "provider": one.asked.provider_id,
            "start": local(one.wish.span.start),
            "end": local(one.wish.span.end),
            "clock_skips": one.asked.skipped,
            "free": one.free,
            "rule": one.blocked[0].rule if one.blocked else None,
            "rules": [_rule(blocked, local) for blocked in one.blocked],
            "alternatives": [
                {"provider": other.provider_id, "start": local(other.start), "end": local(other.end)}
                for other in one.alternatives
            ],
        }

    return {
        "clinic": plan.terms.clinic_id,
        "timezone": plan.terms.timezone,
        "rrule": plan.pattern.text,
        "free": not plan.conflicts,
        "conflicts": len(plan.conflicts),
        "occurrences": [occurrence(one) for one in plan.visits],
        "left_out": [one.number for one in plan.left_out],
        "staying": list(_staying(plan.staying)),
    }


def _rule(blocked: Blocked, local: Any) -> dict[str, Any]:
    return {"rule": blocked.rule, "until": local(blocked.until) if blocked.until else None}


def _staying(staying: Iterable[Staying]) -> Iterable[dict[str, Any]]:
    for one in staying:
        yield {"occurrence": one.visit.occurrence, "appointment": one.visit.pk, "why": one.why}
