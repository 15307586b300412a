"""The door through which a series is planned and booked: the pattern in words, then each visit, then all with one button."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from appointments.errors import SeriesConflicts
from appointments.models import CancellationReason
from appointments.queries.series.planning import SeriesPlan
from appointments.services.series.booking import book_series, plan_series
from mediconnect.errors import DomainError, Invalid, NotFound
from mediconnect.portal.board.views import over_board
from mediconnect.portal.booking import writing
from mediconnect.portal.booking.form import LONGEST_REASON, Draft, as_id
from mediconnect.portal.booking.reading.choices import LAST_KIND, Choices, choices
from mediconnect.portal.booking.reading.people import choose
from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.once import once
from mediconnect.portal.series.form import OUT, Repeat, read_repeat
from mediconnect.portal.series.leaving import done_on_page
from mediconnect.portal.series.reading import kept_alternatives, names_of, packed, rows_of
from mediconnect.portal.series.words import rule_in_words
from mediconnect.portal.showing import Undo, refused

_PANEL = "portal/series/_new.html"


@desk_page
def new(request: DeskRequest, desk: Desk) -> HttpResponse:
    """Ask for the pattern, show every visit that it means, book them all."""
    fields = request.POST if request.method == "POST" else request.GET
    repeat = read_repeat(fields, desk)
    held = as_id(fields.get("hold", ""))
    if request.method == "POST" and held:
        writing.give_back(desk, held)  # the time that was kept while one typed must not stand in the series' own way
    if repeat.patient is None:
        status = 422 if request.method == "POST" else 200
        return _panel(request, desk, repeat, missing=_("Choose the patient in the booking first."), status=status)
    if request.method != "POST" or repeat.act not in {"plan", "book"}:
        return _panel(request, desk, repeat)
    try:
        if repeat.act == "book" and repeat.of == repeat.mark:
            return _booked(request, desk, repeat)
        plan = plan_series(repeat.wanted(desk, with_choices=False), caller=desk.caller, only=_only(desk))
    except SeriesConflicts as error:
        return _lost(request, desk, repeat, error)
    except DomainError as error:
        return _panel(request, desk, repeat, refusal=refused(error), status=error.status)
    return _panel(request, desk, repeat, plan=plan)


def _only(desk: Desk) -> list[Any] | None:
    return None if desk.only_provider is None else [desk.only_provider]


def _booked(request: DeskRequest, desk: Desk, repeat: Repeat) -> HttpResponse:
    if repeat.provider is None or not desk.may_book(repeat.provider):
        raise NotFound
    if repeat.picked and all(value == OUT for value in repeat.picked.values()):
        raise Invalid.field("choices", gettext_noop("Leave at least one visit."))
    wanted = repeat.wanted(desk, with_choices=True)

    def work() -> dict[str, Any]:
        series, visits, _terms = book_series(wanted, caller=desk.caller, only=_only(desk))
        return {"series": series.pk, "versions": packed({visit.pk: visit.version for visit in visits})}

    made = once(request, desk, work)
    count = made["versions"].count(":")
    where = (desk.clinic.pk, made["series"])
    notice = ngettext("%(count)d visit booked.", "%(count)d visits booked.", count) % {"count": count}
    by_mistake = {"scope": "all", "reason": str(CancellationReason.CLINIC_ERROR), "versions": made["versions"]}
    undo = Undo(reverse("portal:series-cancel", args=where), 1, by_mistake)
    return done_on_page(request, notice, to=reverse("portal:series", args=where), undo=undo)


def _lost(request: DeskRequest, desk: Desk, repeat: Repeat, error: SeriesConflicts) -> HttpResponse:
    """Show the plan again, with what is free now instead of each time that was lost."""
    plan = plan_series(repeat.wanted(desk, with_choices=False), caller=desk.caller, only=_only(desk))
    plan = kept_alternatives(plan, error.plan)
    return _panel(request, desk, repeat, plan=plan, refusal=writing.in_words(error), status=error.status)


def _panel(
    request: DeskRequest, desk: Desk, repeat: Repeat, *, plan: SeriesPlan | None = None, status: int = 200, **words: Any
) -> HttpResponse:
    chosen = _chosen(request, desk, repeat)
    names = names_of(desk)
    context = {
        "repeat": repeat,
        "person": choose(desk, repeat.patient).person if repeat.patient else None,
        "choices": chosen,
        "provider": repeat.provider or next(iter(names), None),
        "names": names,
        "weekdays": [(day, desk.habits.weekday_names[day]) for day in desk.habits.week],
        "longest_reason": LONGEST_REASON,
        "close": reverse("portal:board", kwargs={"clinic": desk.clinic.pk}) + f"?date={repeat.first:%Y-%m-%d}",
        **words,
    }
    if plan is not None:
        rows = rows_of(desk, plan, names, picked=repeat.picked if repeat.of == repeat.mark else {})
        context |= {
            "rows": rows,
            "conflicts": len(plan.conflicts),
            "in_words": rule_in_words(repeat.rrule, repeat.first, desk.habits),
        }
    return over_board(request, desk, repeat.first, _PANEL, context, status=status)


def _chosen(request: DeskRequest, desk: Desk, repeat: Repeat) -> Choices:
    draft = Draft(kind=repeat.kind, provider=repeat.provider)
    return choices(desk, draft, last_kind=request.session.get(LAST_KIND))
