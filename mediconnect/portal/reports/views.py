"""The doors of reports: which days, of whom, and as a page or as a file."""

from django.http import HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from mediconnect.errors import NotFound
from mediconnect.habits import Habits
from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.showing import refused, show

from .pages import FILES, REPORTS, Shown
from .pages.sections import Question
from .period import Period, UnusableRange, asked_for, presets
from .reading import Asked
from .spreadsheet import written


@desk_page
def reports(request: DeskRequest, desk: Desk) -> HttpResponse:
    """Show the report that is asked for most."""
    return _page(request, desk, "utilisation")


@desk_page
def report(request: DeskRequest, desk: Desk, name: str) -> HttpResponse:
    """Show one of the reports."""
    return _page(request, desk, name)


@desk_page
def report_file(request: DeskRequest, desk: Desk, name: str) -> HttpResponse:
    """Answer with the figures of a report as a file."""
    if name not in FILES:
        raise NotFound
    period = asked_for(request.GET.dict(), desk.today)
    table = FILES[name](_question(desk, period))
    response = HttpResponse(written(table.heads, table.rows), content_type="text/csv; charset=utf-8")
    filename = f"{name}_{period.first.isoformat()}_{period.last.isoformat()}.csv"
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


def _page(request: DeskRequest, desk: Desk, name: str) -> HttpResponse:
    if name not in REPORTS:
        raise NotFound
    words = request.GET.dict()
    tabs = _tabs()
    context = {"room": "reports", "name": name, "title": tabs[name], "tabs": tabs.items(), "presets": _presets(desk)}
    try:
        period = asked_for(words, desk.today)
    except UnusableRange as error:
        typed = {"first": words.get("from", ""), "last": words.get("to", "")}
        context |= {"refusal": refused(error), "typed": typed}
        return show(request, desk, "portal/reports/page.html", context, status=error.status)
    shown: Shown = REPORTS[name](_question(desk, period))
    habits = _habits(desk)
    context |= {
        "shown": shown,
        "period": period,
        "typed": {"first": period.first.isoformat(), "last": period.last.isoformat()},
        "days": f"{habits.date(period.first)} – {habits.date(period.last)}",
        "own": desk.only_provider is not None,
    }
    return show(request, desk, "portal/reports/page.html", context)


def _question(desk: Desk, period: Period) -> Question:
    asked = Asked(desk.clinic.pk, desk.zone, period.first, period.last, desk.now, desk.only_provider)
    return Question(asked, _habits(desk), desk.clinic.pk)


def _habits(desk: Desk) -> Habits:
    return Habits.of(desk.clinic, get_language() or "en")


def _presets(desk: Desk) -> object:
    return presets(desk.today, _habits(desk).week_begins(desk.today))


def _tabs() -> dict[str, str]:
    return {
        "utilisation": _("Utilisation"),
        "no-shows": _("No-shows"),
        "lead-times": _("Lead times"),
        "waiting": _("Waiting room"),
        "waitlist": _("Waitlist"),
        "overrides": _("Overrides"),
    }
