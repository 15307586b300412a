"""Look at rows about hours: whose they are, which ones are meant, and what would be different."""

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext_noop

from mediconnect.operations.exchange.cells import UnfitCell, read_time, read_weekday
from mediconnect.operations.exchange.findings import Difference, Finding, Judged, Line, Unfit
from mediconnect.operations.exchange.scene import Reading, Scene
from mediconnect.operations.models import Verdict
from providers.models import WorkingHours
from providers.rules.recurrence import UnusableRule, read_rule

from .leaving import row_of

_FIRST, _LAST = dt.date(1990, 1, 1), dt.date(2100, 12, 31)
_SAID: Final = ("weekday", "start", "end", "valid_from", "valid_until", "types", "rule")


def judge(scene: Scene, lines: Sequence[Line]) -> list[Judged]:
    """Return what each row would do; three statements, however many rows there are."""
    judged, read = list[Judged](), list[tuple[Line, dict[str, Any]]]()
    for line in lines:
        try:
            read.append((line, _plan(line, scene)))
        except Unfit as unfit:
            judged.append(Judged(number=line.number, verdict=Verdict.REFUSED, findings=unfit.findings))
    there = _there(scene, (plan["provider"] for _line, plan in read))
    return judged + [_judged(scene, line, plan, there) for line, plan in read]


def _there(scene: Scene, providers: Iterable[str]) -> list[WorkingHours]:
    wanted = {uuid.UUID(provider) for provider in providers}
    if not wanted:
        return []
    return list(WorkingHours.objects.filter(clinic=scene.clinic, resource__in=wanted).order_by("valid_from", "id"))


def _plan(line: Line, scene: Scene) -> dict[str, Any]:
    reading = Reading(line, scene)
    reading.require("provider", "start", "end")
    role = reading.take("provider", scene.provider_named)
    start, end = reading.take("start", read_time), reading.take("end", read_time)
    first, last = _day(reading, "valid_from"), _day(reading, "valid_until")
    weekday, rule = reading.take("weekday", read_weekday), line.get("rule")
    types = reading.take("types", lambda text: _types(scene, text))
    if bool(line.get("weekday")) == bool(rule):
        reading.wrong("weekday", gettext_noop("Hours come back on a weekday or by a rule: give one of the two."))
    if rule:
        _check_rule(reading, rule, first or scene.today)
    if first and last and last < first:
        reading.wrong("valid_until", gettext_noop("The last day does not lie before the first."))
    reading.finish()
    said = {
        "provider": str(role.provider_id) if role else None,
        "weekday": weekday,
        "rule": rule or None,
        "start": start.isoformat("minutes") if start else None,
        "end": end.isoformat("minutes") if end else None,
        "valid_from": first.isoformat() if first else None,
        "valid_until": last.isoformat() if last else None,
        "types": types,
    }
    return {name: value for name, value in said.items() if value is not None}


def _day(reading: Reading, column: str) -> dt.date | None:
    day = reading.date(column)
    if day is not None and not _FIRST <= day <= _LAST:
        reading.wrong(column, gettext_noop("Days run from 1990 to 2100."))
    return day


def _check_rule(reading: Reading, rule: str, first: dt.date) -> None:
    try:
        read_rule(rule, first)
    except UnusableRule as error:
        reading.wrong("rule", str(error))


def _types(scene: Scene, text: str) -> list[str]:
    names = [name.strip() for name in text.replace("|", ";").split(";") if name.strip()]
    if not names:
        raise UnfitCell(gettext_noop("Write names of visit types with a semicolon between them."))
    return sorted({str(scene.type_named(name, also_former=True).pk) for name in names})


def _judged(scene: Scene, line: Line, plan: dict[str, Any], there: Sequence[WorkingHours]) -> Judged:
    try:
        row = _meant(line, plan, there)
    except Unfit as unfit:
        return Judged(number=line.number, verdict=Verdict.REFUSED, findings=unfit.findings)
    place = [
        plan["provider"],
        plan.get("weekday"),
        plan.get("rule"),
        plan["start"],
        plan["end"],
        plan.get("valid_from"),
    ]
    key = f"hours {row.pk}" if row else f"hours {place}"
    if row is None:
        return Judged(number=line.number, verdict=Verdict.NEW, plan=plan, key=key)
    found = list(_differences(scene, row, plan))
    return Judged(
        number=line.number,
        verdict=Verdict.CHANGE if found else Verdict.SAME,
        differences=found,
        plan=plan,
        target=row.pk,
        seen=row.version,
        key=key,
    )


def _meant(line: Line, plan: Mapping[str, Any], there: Sequence[WorkingHours]) -> WorkingHours | None:
    """Return the hours that a row is about, None for new ones: by identifier, else by what says when they are."""
    own = [row for row in there if str(row.resource_id) == plan["provider"]]
    identifier = line.get("id")
    if identifier:
        found = next((row for row in own if str(row.pk) == identifier.lower()), None)
        if found is None:
            raise Unfit(Finding(gettext_noop("This provider has no hours here with this identifier."), "id"))
        return found
    alike = [row for row in own if all(getattr(row, name) == value for name, value in _when(plan).items())]
    if "valid_from" in plan:
        return next((row for row in alike if str(row.valid_from) == plan["valid_from"]), None)
    return next((row for row in reversed(alike) if row.valid_until is None), None)


def _when(plan: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "weekday": plan.get("weekday"),
        "rrule": plan.get("rule", ""),
        "start_time": dt.time.fromisoformat(plan["start"]),
        "end_time": dt.time.fromisoformat(plan["end"]),
    }


def _differences(scene: Scene, row: WorkingHours, plan: Mapping[str, Any]) -> Iterator[Difference]:
    now, then = row_of(row, scene.types), row_of(merged(row, plan), scene.types)
    for name in _SAID:
        if now[name] != then[name]:
            yield Difference(name, now[name], then[name])


def merged(row: WorkingHours, plan: Mapping[str, Any]) -> WorkingHours:
    """Return the hours as the plan would have them, not to be saved; what the plan does not say stays."""
    day = dt.date.fromisoformat
    return WorkingHours(
        id=row.pk,
        resource_id=row.resource_id,
        clinic_id=row.clinic_id,
        valid_from=day(plan["valid_from"]) if "valid_from" in plan else row.valid_from,
        valid_until=day(plan["valid_until"]) if "valid_until" in plan else row.valid_until,
        types=[uuid.UUID(one) for one in plan["types"]] if "types" in plan else row.types,
        **_when(plan),
    )
