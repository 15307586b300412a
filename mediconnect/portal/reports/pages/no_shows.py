"""The page and the file about who did not come."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mediconnect.habits import Habits
from mediconnect.portal.reports.plots import Datum, bars
from mediconnect.portal.reports.reading import NoShows, Turnout, no_shows_of
from mediconnect.portal.reports.tables import Cell, Head, Row, Table, count, in_points, rate, text

from .sections import Download, Figure, Question, Section, Shown


def no_shows(question: Question) -> Shown:
    """Return the report: by provider, by type, by weekday."""
    found = no_shows_of(question.asked)
    some = found.total.counted + found.total.unmarked
    return Shown(
        _figures(found.total) if some else (),
        [_section(*group) for group in _groups(found, question.habits)] if some else (),
        [Download("no-shows", _("CSV"))],
        _(
            "No-shows in a hundred visits that should have begun by now: those who came and those who did not. Cancelled visits do "
            "not count. Rates of fewer than 10 visits are marked as few: chance alone can make them."
        ),
        _("No visit was due in these days. Choose other days."),
        _unmarked(found.total.unmarked),
    )


def _figures(total: Turnout) -> list[Figure]:
    return [Figure(_("No-show rate"), _points(total), _counts(total))]


def _unmarked(visits: int) -> str:
    if not visits:
        return ""
    sentence = ngettext(
        "%(count)d visit of these days was never marked as arrived or as a no-show, so no rate knows it.",
        "%(count)d visits of these days were never marked as arrived or as a no-show, so no rate knows them.",
        visits,
    )
    return sentence % {"count": visits}


def _points(one: Turnout) -> str:
    return "–" if one.percent is None else in_points(one.percent)


def _counts(one: Turnout) -> str:
    words = _("%(missed)d of %(visits)d visits") % {"missed": one.missed, "visits": one.counted}
    return f"{words} · {_('few')}" if one.few else words


def _points_of(one: Turnout) -> str:
    return f"{_points(one)} · {_('few')}" if one.few else _points(one)


def _groups(found: NoShows, habits: Habits) -> list[tuple[str, str, str, Sequence[Turnout]]]:
    """Return name, title, first heading and lines of each group; weekdays in the clinic's order, each with a name."""
    by_weekday = {int(one.name) - 1: one for one in found.weekdays}
    weekdays = [
        Turnout(habits.weekday_names[number], one.missed, one.came, one.unmarked)
        for number in habits.week
        if (one := by_weekday.get(number)) is not None
    ]
    return [
        ("provider", _("By provider"), _("Provider"), found.providers),
        ("type", _("By type of visit"), _("Type of visit"), found.types),
        ("weekday", _("By weekday"), _("Weekday"), weekdays),
    ]


def _section(name: str, title: str, first: str, lines: Sequence[Turnout]) -> Section:
    data = [Datum(one.name, _points_of(one), [_kind(one)]) for one in lines]
    description = _(
        "A bar for each line of the table, as long as its no-show rate. Rates of few visits are drawn as outlines."
    )
    heads = [
        Head(first),
        Head(_("No-shows"), number=True),
        Head(_("Visits"), number=True),
        Head(_("Rate"), _("Rate, %"), number=True),
    ]
    rows = [Row((text(one.name), *_cells(one)), few=one.few) for one in lines]
    return Section(name, title, bars(name, title, description, data), Table(title, heads, rows))


def _kind(one: Turnout) -> tuple[str, float]:
    return ("few" if one.few else "missed", one.percent or 0)


def _cells(one: Turnout) -> list[Cell]:
    return [count(one.missed), count(one.counted), rate(one.percent)]


def no_shows_file(question: Question) -> Table:
    """Return the file: every line of every table, and the total."""
    found = no_shows_of(question.asked)
    lines = [(title, one) for _name, title, _first, group in _groups(found, question.habits) for one in group]
    heads = [
        Head(_("Grouped")),
        Head(_("Name")),
        Head(_("No-shows")),
        Head(_("Visits")),
        Head(_("Rate, %")),
        Head(_("Fewer than 10 visits")),
        Head(_("Never marked")),
    ]
    rows = [
        Row((text(title), text(one.name), *_cells(one), text(_("yes") if one.few else _("no")), count(one.unmarked)))
        for title, one in [*lines, (_("Total"), found.total)]
    ]
    return Table(_("No-shows"), heads, rows)
