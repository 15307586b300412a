"""The page and the file about visits that were put where the rules would not."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _

from appointments.models import Status
from mediconnect.portal.reports.plots import Datum, bars
from mediconnect.portal.reports.reading import Override, WaitingTimes, overrides_of, waiting_times_of
from mediconnect.portal.reports.tables import Cell, Head, Row, Table, text

from .sections import Download, Figure, Question, Section, Shown

# More than a page can be read of; the file has them all.
_SHOWN: Final = 200


def overrides(question: Question) -> Shown:
    """Return the report: each override, and how many there were by provider and by person."""
    found = overrides_of(question.asked)
    cut = _("The first %(shown)d of %(all)d are shown; the CSV has them all.") % {"shown": _SHOWN, "all": len(found)}
    return Shown(
        [Figure(_("Overrides"), str(len(found)))] if found else (),
        [*_waiting(waiting_times_of(question.asked)), *_counted(found), _list(found, question)] if found else (),
        [Download("overrides", _("CSV"))],
        _(
            "Visits of these days that a member of staff put over another visit, outside the hours or against another rule, by "
            "booking or by moving; cancelled ones too. Who the patient is stands on the visit’s card alone."
        ),
        _("Nobody overrode a rule in these days. Choose other days, or be content."),
        cut if len(found) > _SHOWN else "",
    )


def _waiting(waits: Sequence[WaitingTimes]) -> list[Section]:
    """Return what overriding did to waiting times: the days of a provider with it beside those without."""
    if not waits:
        return []
    words = {True: _("With a visit over the rules"), False: _("Without")}
    data = [Datum(words[one.overbooked], _minutes(one.median), [("booked", one.median)]) for one in waits]
    title = _("What it did to waiting times")
    told = _("A bar for each line of the table, as long as half of the people waited at most.")
    heads = [
        Head(_("Days of a provider")),
        Head(_("Days"), number=True),
        Head(_("Visits"), number=True),
        Head(_("Half waited at most"), number=True),
        Head(_("Nine of ten waited at most"), number=True),
    ]
    rows = [
        Row(
            (
                text(words[one.overbooked]),
                Cell(one.days, str(one.days), number=True),
                Cell(one.visits, str(one.visits), number=True),
                Cell(round(one.median), _minutes(one.median), number=True),
                Cell(round(one.ninetieth), _minutes(one.ninetieth), number=True),
            )
        )
        for one in waits
    ]
    return [Section("waits", title, bars("waits", title, told, data), Table(title, heads, rows))]


def _minutes(minutes: float) -> str:
    return _("%(count)d min") % {"count": round(minutes)}


def _list(found: Sequence[Override], question: Question) -> Section:
    table = _table(found[:_SHOWN], question)
    return Section("list", _("Each override"), None, table)


def _table(found: Sequence[Override], question: Question) -> Table:
    heads = [
        Head(_("Visit")),
        Head(_("Provider")),
        Head(_("Type of visit")),
        Head(_("Reason")),
        Head(_("Who")),
        Head(_("Decided")),
        Head(_("Status")),
    ]
    return Table(_("Each override"), heads, [_row(one, question) for one in found])


def _row(one: Override, question: Question) -> Row:
    habits = question.habits
    board = reverse("portal:board", kwargs={"clinic": question.clinic_id})
    card = f"{board}?date={one.starts_at.date().isoformat()}&visit={one.visit_id}"
    return Row(
        (
            Cell(one.starts_at, habits.moment(one.starts_at), url=card),
            text(one.provider),
            text(one.type),
            text(one.reason),
            text(one.person),
            Cell(one.decided_at, habits.moment(one.decided_at)),
            text(_(Status(one.status).label)),
        )
    )


def _counted(found: Sequence[Override]) -> list[Section]:
    return [
        _count("provider", _("By provider"), _("Provider"), found, lambda one: one.provider),
        _count("person", _("By person"), _("Who"), found, lambda one: one.person),
        _count("type", _("By type of visit"), _("Type of visit"), found, lambda one: one.type),
    ]


def _count(name: str, title: str, first: str, found: Sequence[Override], of: Callable[[Override], str]) -> Section:
    counts = sorted(Counter(map(of, found)).items(), key=lambda pair: (-pair[1], pair[0]))
    data = [Datum(label, str(number), [("booked", number)]) for label, number in counts]
    plot = bars(name, title, _("A bar for each line of the table, as long as its number of overrides."), data)
    rows = [Row((text(label), Cell(number, str(number), number=True))) for label, number in counts]
    return Section(name, title, plot, Table(title, [Head(first), Head(_("Overrides"), number=True)], rows))


def overrides_file(question: Question) -> Table:
    """Return the file: each override, without the patient."""
    return _table(overrides_of(question.asked), question)
