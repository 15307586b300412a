"""The list to choose from: a day's visits, those of one provider, type or group, and what was done to many lately."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.urls import reverse

from appointments.models import Batch
from appointments.models.status import MOVABLE
from appointments.queries.batches import Progress, batches_of, progress_of
from appointments.queries.day import VisitOfDay, visits_of
from mediconnect.portal.batches.form import Typed, Wanted, value_of
from mediconnect.portal.batches.words import act_word
from mediconnect.portal.desk import Desk
from providers.models import AppointmentType, Provider

# What was done longer ago is history, and stands with each visit.
_LATELY: Final = dt.timedelta(days=7)
_SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class Line:
    """A visit to choose. `value` is empty where it cannot be: its patient is here, or it is over."""

    visit: VisitOfDay
    value: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Choosing:
    """Everything that the page shows."""

    wanted: Wanted
    lines: Sequence[Line]
    providers: Sequence[tuple[uuid.UUID, str]]
    kinds: Sequence[tuple[uuid.UUID, str]]
    all_address: str
    none_address: str
    days: dict[str, Any]

    @property
    def possible(self) -> int:
        """Return how many can be chosen."""
        return sum(1 for line in self.lines if line.value)


@dataclass(frozen=True, slots=True)
class Lately:
    """A batch, how far it is, and who began it."""

    id: uuid.UUID
    at: dt.datetime
    what: str
    who: str
    progress: Progress


def choosing(desk: Desk, wanted: Wanted, typed: Typed | None = None) -> Choosing:
    """Return the list with what was ticked, or with all or nothing. Three statements."""
    start, end = desk.span(wanted.day)
    only = [wanted.provider] if wanted.provider else None
    visits = [visit for visit in visits_of(desk.clinic.pk, start, end, providers=only) if _is_wanted(visit, wanted)]
    providers = Provider.objects.at([desk.clinic.pk]).filter(active=True).order_by("name", "pk")
    if desk.only_provider is not None:
        providers = providers.filter(pk=desk.only_provider)
    kinds = AppointmentType.objects.filter(clinic=desk.clinic.pk, active=True).order_by("name")
    return Choosing(
        wanted,
        [_line(desk, visit, wanted, typed) for visit in visits],
        list(providers.values_list("pk", "name")),
        list(kinds.values_list("pk", "name")),
        wanted.address(desk, all="1"),
        wanted.address(desk),
        _days(desk, wanted),
    )


def _is_wanted(visit: VisitOfDay, wanted: Wanted) -> bool:
    return visit.claims and wanted.kind in {None, visit.type_id} and wanted.session in {None, visit.session_id}


def _line(desk: Desk, visit: VisitOfDay, wanted: Wanted, typed: Typed | None) -> Line:
    can_be = visit.status in MOVABLE and desk.may_book(visit.provider_id)
    value = value_of(visit) if can_be else ""
    return Line(visit, value, is_chosen=value in typed.visits if typed is not None else wanted.all)


def _days(desk: Desk, wanted: Wanted) -> dict[str, Any]:
    day, habits = wanted.day, desk.habits
    before, after = day - dt.timedelta(days=1), day + dt.timedelta(days=1)
    here = reverse("portal:batches", kwargs={"clinic": desk.clinic.pk})
    return {
        "address": here,
        "day": day,
        "keep": wanted.kept,
        "previous": wanted.address(desk, day=before),
        "next": wanted.address(desk, day=after),
        "today": f"{here}?{urlencode(wanted.kept)}" if wanted.kept else here,
        "previous_label": habits.day_and_date(before),
        "next_label": habits.day_and_date(after),
    }


def lately(desk: Desk) -> Sequence[Lately]:
    """Return what was done to many in the last days, newest first; to whoever is no desk what that person did. One statement."""
    by = None if desk.is_desk else desk.user.pk
    found = batches_of(desk.clinic.pk, since=desk.now - _LATELY, by=by)[:_SHOWN]
    return [Lately(one.pk, one.created_at, act_word(one.act), _name(one), progress_of(one)) for one in found]


def _name(batch: Batch) -> str:
    return batch.created_by.display_name or batch.created_by.email
