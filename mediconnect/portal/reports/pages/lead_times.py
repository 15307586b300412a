"""The page and the file about the days between booking and visit."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mediconnect.portal.reports.plots import Datum, Plot, columns
from mediconnect.portal.reports.reading import LeadTimes, Waits, lead_times_of
from mediconnect.portal.reports.reading.lead_times import BUCKETS
from mediconnect.portal.reports.tables import Cell, Head, Row, Table, count, text

from .sections import Download, Figure, Question, Section, Shown


def lead_times(question: Question) -> Shown:
    """Return the report: how the days spread, and the middle and the tail of each type."""
    found = lead_times_of(question.asked)
    some = bool(found.total.visits)
    return Shown(
        _figures(found.total) if some else (),
        [_spread(found.total), _by_type(found)] if some else (),
        [Download("lead-times", _("CSV"))],
        _(
            "Days on the calendar from the booking to the visit; 0 is the same day. A visit that was moved counts from its first "
            "booking. Cancelled and imported visits do not count, nor what was written down after it took place."
        ),
        _("No visit of these days was booked here. Choose other days."),
    )


def _figures(total: Waits) -> list[Figure]:
    visits = ngettext("%(count)d visit", "%(count)d visits", total.visits) % {"count": total.visits}
    return [
        Figure(_("Median"), _days(total.median), _("half of %(visits)s within it") % {"visits": visits}),
        Figure(_("90th percentile"), _days(total.ninetieth), _("nine in ten within it")),
    ]


def _days(number: int | None) -> str:
    return "–" if number is None else ngettext("%(count)d day", "%(count)d days", number) % {"count": number}


def bucket_name(low: int, high: int | None) -> str:
    """Write the days of a column: 0, 2–3, 61+."""
    if high is None:
        return f"{low}+"
    return str(low) if low == high else f"{low}–{high}"


def _spread(total: Waits) -> Section:
    names = [bucket_name(*bucket) for bucket in BUCKETS]
    title = _("Days from booking to visit")
    rows = [Row((text(name), count(visits))) for name, visits in zip(names, total.counts, strict=True)]
    table = Table(title, [Head(_("Days")), Head(_("Visits"), number=True)], rows)
    return Section("spread", title, _histogram(title, names, total), table)


def _histogram(title: str, names: list[str], total: Waits) -> Plot:
    return columns(
        "spread",
        title,
        _("A column for each range of days, as high as the number of visits that were booked so long ahead."),
        [Datum(name, str(visits), [("booked", visits)]) for name, visits in zip(names, total.counts, strict=True)],
        top=max(total.counts),
    )


def _by_type(found: LeadTimes) -> Section:
    heads = [
        Head(_("Type of visit")),
        Head(_("Visits"), number=True),
        Head(_("Median"), _("Median, days"), number=True),
        Head(_("90th percentile"), _("90th percentile, days"), number=True),
    ]
    rows = [Row((text(one.name), *_cells(one)), few=one.few) for one in found.types]
    total = Row((text(_("Total")), *_cells(found.total)), total=True)
    return Section("types", _("By type of visit"), None, Table(_("By type of visit"), heads, [*rows, total]))


def _cells(one: Waits) -> list[Cell]:
    return [count(one.visits), _wait(one.median), _wait(one.ninetieth)]


def _wait(days: int | None) -> Cell:
    return Cell(days, _days(days), number=True)


def lead_times_file(question: Question) -> Table:
    """Return the file: each type and the total, with the columns of the histogram."""
    found = lead_times_of(question.asked)
    spread = [Head(_("%(days)s days") % {"days": bucket_name(*bucket)}, number=True) for bucket in BUCKETS]
    rows = [
        Row((text(one.name or _("Total")), *_cells(one), *(count(visits) for visits in one.counts)))
        for one in [*found.types, found.total]
    ]
    return Table(_("Lead times"), [*_by_type(found).table.heads, *spread], rows)
