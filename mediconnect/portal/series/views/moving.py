"""The door through which what follows of a series is moved: what changes, then each visit, then all with one button."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils.dateparse import parse_time
from django.utils.translation import ngettext

from appointments.errors import SeriesConflicts, SeriesOver
from appointments.queries.series.planning import SeriesPlan
from appointments.rules.series import Scope
from appointments.services.series.moving import move_series, plan_move
from appointments.services.series.targets import SeriesMove
from mediconnect.errors import DomainError, NotFound
from mediconnect.portal.booking import writing
from mediconnect.portal.booking.form import as_id
from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.once import once
from mediconnect.portal.series.form import choice_of, picked_in
from mediconnect.portal.series.leaving import done_on_page
from mediconnect.portal.series.reading import Whole, kept_alternatives, names_of, rows_of, series_at, unpacked, whole
from mediconnect.portal.series.scopes import scope_in, scopes_of, seen_from_in
from mediconnect.portal.showing import Refusal, refused, show

from .page import series_page


@desk_page
def move(request: DeskRequest, desk: Desk, series: uuid.UUID) -> HttpResponse:
    """Ask what changes, show where each visit would go, move them."""
    series_at(desk, series)
    if request.method != "POST":
        return _page(request, desk, series)
    act = request.POST.get("act", "")
    try:
        wanted = _wanted(desk, whole(desk, series), request.POST, with_choices=False)
        if act == "move" and request.POST.get("of", "") == _mark(request.POST):
            return _moved(request, desk, series)
        plan = plan_move(series_id=series, wanted=wanted, caller=desk.caller, only=_only(desk))
    except SeriesConflicts as error:
        return _lost(request, desk, series, error)
    except SeriesOver as error:
        return series_page(request, desk, series, refusal=refused(error), status=error.status)
    except DomainError as error:
        return _page(request, desk, series, refusal=refused(error), status=error.status)
    return _page(request, desk, series, plan=plan)


def _moved(request: DeskRequest, desk: Desk, series_id: uuid.UUID) -> HttpResponse:
    wanted = _wanted(desk, whole(desk, series_id), request.POST, with_choices=True)
    versions = unpacked(request.POST.get("versions", ""))

    def work() -> dict[str, Any]:
        change = move_series(
            series_id=series_id, wanted=wanted, versions=versions, caller=desk.caller, only=_only(desk)
        )
        return {"count": len(change.changed)}

    count = once(request, desk, work)["count"]
    notice = ngettext("%(count)d visit moved.", "%(count)d visits moved.", count) % {"count": count}
    return done_on_page(request, notice, to=reverse("portal:series", args=(desk.clinic.pk, series_id)))


def _lost(request: DeskRequest, desk: Desk, series_id: uuid.UUID, error: SeriesConflicts) -> HttpResponse:
    """Show the plan again, with what is free now instead of each time that was lost."""
    wanted = _wanted(desk, whole(desk, series_id), request.POST, with_choices=False)
    plan = plan_move(series_id=series_id, wanted=wanted, caller=desk.caller, only=_only(desk))
    plan = kept_alternatives(plan, error.plan)
    return _page(request, desk, series_id, plan=plan, refusal=writing.in_words(error), status=error.status)


def _only(desk: Desk) -> list[uuid.UUID] | None:
    return None if desk.only_provider is None else [desk.only_provider]


def _mark(fields: QueryDict) -> str:
    """Return what the choices of a form hang on: with another move, they would mean other times."""
    words = [fields.get(name, "") for name in ("scope", "occurrence", "time", "weekday", "with")]
    return " ".join([*words, *sorted(fields.getlist("stray"))])


def _wanted(desk: Desk, found: Whole, fields: QueryDict, *, with_choices: bool) -> SeriesMove:
    """Return the move that a form asks for. Raises `NotFound` for calendars that are not the person's to book in."""
    provider = as_id(fields.get("with", ""))
    if provider is not None and not (desk.may_book(provider) and provider in names_of(desk)):
        raise NotFound
    picked = picked_in(fields) if with_choices else {}
    strays = [as_id(words) for words in fields.getlist("stray")]
    return SeriesMove(
        scope=scope_in(fields, otherwise=Scope.FOLLOWING),
        seen_from=seen_from_in(fields),
        time=_time(fields.get("time", "")),
        days=_days(found, seen_from_in(fields), fields.get("weekday", "")),
        provider_id=provider,
        strays=frozenset(stray for stray in strays if stray),
        choices={number: chosen for number, value in picked.items() if (chosen := choice_of(value, desk))},
    )


def _time(words: str) -> dt.time | None:
    try:
        time: dt.time | None = parse_time(words)
    except ValueError:
        return None
    return time


def _days(found: Whole, seen_from: int, weekday: str) -> int:
    """Return by how many days a visit moves to another day of its own week, from Monday to Sunday."""
    line = next((one for one in found.lines if one.number == seen_from), None)
    if line is None or weekday not in set("0123456"):
        return 0
    return int(weekday) - line.start.weekday()


def _page(
    request: DeskRequest,
    desk: Desk,
    series_id: uuid.UUID,
    *,
    plan: SeriesPlan | None = None,
    refusal: Refusal | None = None,
    status: int = 200,
) -> HttpResponse:
    found, names = whole(desk, series_id), names_of(desk)
    fields = request.POST if request.method == "POST" else request.GET
    seen_from = seen_from_in(fields)
    words: dict[str, Any] = {
        "room": "patients",
        "whole": found,
        "seen_from": seen_from,
        "scopes": scopes_of(desk, found, seen_from, scope_in(fields, otherwise=Scope.FOLLOWING)),
        "weekdays": [(day, desk.habits.weekday_names[day]) for day in desk.habits.week],
        "weekday": fields.get("weekday", ""),
        "time": fields.get("time", ""),
        "names": names,
        "with": as_id(fields.get("with", "")),
        "strays": [line for line in found.ahead if line.moved],
        "chosen_strays": fields.getlist("stray"),
        "mark": _mark(request.POST),
        "refusal": refusal,
    }
    if plan is not None:
        words |= _planned(desk, plan, names, fields)
    return show(request, desk, "portal/series/move.html", words, status=status)


def _planned(desk: Desk, plan: SeriesPlan, names: Mapping[uuid.UUID, str], fields: QueryDict) -> dict[str, Any]:
    picked = picked_in(fields) if fields.get("of", "") == _mark(fields) else {}
    rows: Sequence[Any] = rows_of(desk, plan, names, picked=picked, may_stay=True)
    return {"rows": rows, "conflicts": len(plan.conflicts), "staying": len(plan.staying)}
