"""The page and the files about open, booked and lost time."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from mediconnect.habits import Habits
from mediconnect.portal.reports.plots import Datum, Plot, bars, columns
from mediconnect.portal.reports.reading import Minutes, Utilisation, utilisation_of
from mediconnect.portal.reports.tables import Cell, Head, Row, Table, in_points, minutes, rate, text

from .sections import Download, Figure, Question, Section, Shown

_DAYS: Final = 62  # more columns than that cannot be told apart; weeks can


def utilisation(question: Question) -> Shown:
    """Return the report: per provider, and per day or week."""
    found, habits = utilisation_of(question.asked), question.habits
    whole = found.total
    some = bool(whole.open or whole.outside)
    return Shown(
        _figures(whole, habits) if some else (),
        [_by_provider(found, habits), _by_time(found, habits)] if some else (),
        [
            Download("utilisation", _("CSV by provider")),
            Download("utilisation-by-day", _("CSV by provider and day")),
        ],
        _(
            "Booked is the time of visits inside the opening hours, without buffers. Lost is open time, now past, of no-shows and "
            "of visits cancelled less than 24 hours before their start, that nobody else took."
        ),
        _("Nobody had opening hours or visits in these days. Choose other days, or set hours under Providers."),
    )


def _figures(whole: Minutes, habits: Habits) -> list[Figure]:
    made_of = _("%(missed)s no-shows, %(cancelled)s late cancellations") % {
        "missed": habits.duration(whole.missed),
        "cancelled": habits.duration(whole.cancelled),
    }
    return [
        Figure(_("Booked"), _points(whole), _of(whole, habits)),
        Figure(_("Lost"), habits.duration(whole.lost), made_of if whole.lost else ""),
        Figure(_("Outside the hours"), habits.duration(whole.outside)),
    ]


def _points(whole: Minutes) -> str:
    return "–" if whole.percent is None else in_points(whole.percent)


def _of(whole: Minutes, habits: Habits) -> str:
    return _("%(booked)s of %(open)s") % {
        "booked": habits.duration(whole.booked),
        "open": habits.duration(whole.open),
    }


def _legend() -> list[tuple[str, str]]:
    return [("booked", pgettext("minutes", "booked")), ("lost", _("lost")), ("free", _("open, not booked"))]


def _datum(label: str, value: str, one: Minutes) -> Datum:
    free = one.open - one.booked - one.lost
    return Datum(label, value, [("booked", one.booked), ("lost", one.lost), ("free", free)])


def _by_provider(found: Utilisation, habits: Habits) -> Section:
    data = [_datum(name, _points(one), one) for name, one in found.providers]
    description = _("A bar for each provider: open minutes, divided into booked, lost and not booked.")
    plot = bars("providers", _("Utilisation by provider"), description, data, legend=_legend())
    return Section("providers", _("By provider"), plot, _providers(found, habits))


def _by_time(found: Utilisation, habits: Habits) -> Section:
    weeks = len(found.days) > _DAYS
    spans = _weeks(found.days, habits) if weeks else [(habits.short_day(day), one) for day, one in found.days]
    title = _("Utilisation by week") if weeks else _("Utilisation by day")
    table = _table(title, _("Week from") if weeks else _("Day"), [(text(label), one) for label, one in spans], habits)
    return Section("days", _("By week") if weeks else _("By day"), _over_time(title, spans, habits), table, folded=True)


def _over_time(title: str, spans: Sequence[tuple[str, Minutes]], habits: Habits) -> Plot:
    top = max(one.open for _label, one in spans)
    half = top // 120 * 60  # a whole hour, about half way up
    return columns(
        "days",
        title,
        _("Columns of open minutes, divided into booked, lost and not booked."),
        [_datum(label, f"{label}: {_points(one)}, {_of(one, habits)}", one) for label, one in spans],
        top=top,
        lines=[(top, habits.duration(top)), *([(half, habits.duration(half))] if half else [])],
        legend=_legend(),
    )


def _weeks(days: Iterable[tuple[dt.date, Minutes]], habits: Habits) -> list[tuple[str, Minutes]]:
    weeks: dict[dt.date, Minutes] = {}
    for day, one in days:
        begins = habits.week_begins(day)
        weeks[begins] = weeks.get(begins, Minutes()) + one
    return [(habits.short_day(begins), one) for begins, one in weeks.items()]


def _providers(found: Utilisation, habits: Habits) -> Table:
    lines = [(text(name), one) for name, one in found.providers]
    table = _table(_("Utilisation by provider"), _("Provider"), lines, habits)
    total = Row((text(_("Total")), *_cells(found.total, habits)), total=True)
    return Table(table.caption, table.heads, [*table.rows, total])


def _table(caption: str, first: str, lines: Iterable[tuple[Cell, Minutes]], habits: Habits) -> Table:
    return Table(caption, [Head(first), *_heads()], [Row((cell, *_cells(one, habits))) for cell, one in lines])


def _heads() -> list[Head]:
    return [
        Head(_("Open"), _("Open, minutes"), number=True),
        Head(_("Booked"), _("Booked, minutes"), number=True),
        Head(_("Booked, %"), number=True),
        Head(_("No-shows"), _("Lost to no-shows, minutes"), number=True),
        Head(_("Late cancellations"), _("Lost to late cancellations, minutes"), number=True),
        Head(_("Outside the hours"), _("Booked outside the hours, minutes"), number=True),
    ]


def _cells(one: Minutes, habits: Habits) -> list[Cell]:
    return [
        minutes(one.open, habits),
        minutes(one.booked, habits),
        rate(one.percent),
        minutes(one.missed, habits),
        minutes(one.cancelled, habits),
        minutes(one.outside, habits),
    ]


def providers_file(question: Question) -> Table:
    """Return the file by provider, with the total."""
    return _providers(utilisation_of(question.asked), question.habits)


def days_file(question: Question) -> Table:
    """Return the file with a line for each provider and day."""
    found, habits = utilisation_of(question.asked), question.habits
    rows = [
        Row((Cell(row.day, row.day.isoformat()), text(row.name), *_cells(row.minutes, habits))) for row in found.rows
    ]
    return Table(_("Utilisation by day"), [Head(_("Day")), Head(_("Provider")), *_heads()], rows)
