"""Move a visit to a free time of the same provider, or ask to be called about it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_http_methods

from appointments.queries.availability import Wanted, free_time
from mediconnect.errors import DomainError
from mediconnect.habits import Habits
from notifications.services.linking import Told
from notifications.services.linking.acting import move_by_link, waits_for_call

from .checking import ask
from .doors import Holder, habits_of, link_page, to
from .forms import StartForm
from .showing import show, shown
from .trying import status_of, tried

# Days with free times on one page, and how far one page looks for them.
_DAYS: Final = 6
_REACH: Final = dt.timedelta(days=42)
_YEARS: Final = range(2000, 2100)


@dataclass(frozen=True, slots=True)
class Day:
    """A day with its free times: (instant as the form sends it, by the clinic's clock)."""

    date: dt.date
    name: str
    times: Sequence[tuple[str, str]]


@require_http_methods(["GET", "HEAD", "POST"])
@link_page
def move(request: HttpRequest, holder: Holder, number: int) -> HttpResponse:
    """Offer free times, and move to the one that is chosen."""
    told = holder.opened.told(number)
    if number not in holder.checked:
        return ask(request, holder, f"{number}/move")
    form = StartForm(request.POST if request.method == "POST" else None)  # nothing chosen sends nothing: said, too
    done, error = tried(
        told,
        form,
        lambda: move_by_link(token=holder.token, number=number, start=form.cleaned_data["start"]),
    )
    if done:
        return to(holder.at("link"))
    return _offer(request, holder, told, form, error)


def _offer(
    request: HttpRequest, holder: Holder, told: Told, form: StartForm, error: DomainError | None
) -> HttpResponse:
    first = _first_day(request)
    days, later = _days(told, habits_of(holder.opened), first) if told.movable else ([], None)
    context = {
        "visit": shown(holder, told, waits_for_call(holder.opened)),
        "online": told.visit.appointment_type.bookable_online,
        "form": form,
        "error": error,
        "days": days,
        "later": later,
    }
    return show(request, holder, "move", status=status_of(form, error), **context)


def _first_day(request: HttpRequest) -> dt.date | None:
    """Return the day from which to look; what is no day of this century is none."""
    try:
        day = parse_date(request.GET.get("from", ""))
    except ValueError:
        return None
    return day if day and day.year in _YEARS else None


def _days(told: Told, habits: Habits, first: dt.date | None) -> tuple[list[Day], dt.date | None]:
    """Return the next days with free times, and from which day to look on (None where the calendar ends)."""
    visit = told.visit
    begin = told.now
    if first is not None:
        begin = max(begin, dt.datetime.combine(first, dt.time(), habits.zone))
    length = (visit.ends_at - visit.starts_at) // dt.timedelta(minutes=1)
    wanted = Wanted(
        visit.appointment_type_id,
        begin,
        begin + _REACH,
        providers=[visit.provider_id],
        by_patient=True,
        minutes=length if visit.appointment_type.capacity == 1 else None,
    )
    starts = [dt.datetime.fromtimestamp(minute * 60, habits.zone) for minute, *_ in free_time(wanted).starts]
    grouped = [
        (date, list(times)) for date, times in groupby((s for s in starts if s != visit.starts_at), lambda s: s.date())
    ]
    days = [
        Day(
            date,
            habits.day_and_date(date),
            [(time.astimezone(dt.UTC).isoformat(), habits.time(time)) for time in times],
        )
        for date, times in grouped[:_DAYS]
    ]
    later = grouped[_DAYS][0] if len(grouped) > _DAYS else None
    return days, later
