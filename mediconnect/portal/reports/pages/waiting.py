"""The page and the file about the waiting room."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mediconnect.portal.reports.plots import Datum, bars
from mediconnect.portal.reports.reading import Wait, WaitingRoom, waiting_of
from mediconnect.portal.reports.tables import Cell, Head, Row, Table, count, text

from .sections import Download, Figure, Question, Section, Shown


def waiting(question: Question) -> Shown:
    """Return the report: how long people waited with each provider, and how true what they were told was."""
    found = waiting_of(question.asked)
    some = bool(found.total.visits)
    return Shown(
        _figures(found.total) if some else (),
        [_by_provider(found)] if some else (),
        [Download("waiting", _("CSV"))],
        _(
            "From the visit’s time, or the arrival where that was later, until the patient was shown to a room or seen. The "
            "estimate is the one that stood on the number that was given on arrival."
        ),
        _("Nobody was seen in these days who was marked as arrived. Choose other days."),
    )


def _figures(total: Wait) -> list[Figure]:
    visits = ngettext("%(count)d visit", "%(count)d visits", total.visits) % {"count": total.visits}
    found = [
        Figure(_("Half waited at most"), _minutes(total.median), visits),
        Figure(_("Nine of ten waited at most"), _minutes(total.ninetieth)),
    ]
    if total.told:
        close = _("%(close)d of %(told)d to within ten minutes") % {"close": total.close, "told": total.told}
        found.append(Figure(_("Estimate off by"), _minutes(total.error), close))
    return found


def _by_provider(found: WaitingRoom) -> Section:
    title = _("Waiting by provider")
    heads = [
        Head(_("Provider")),
        Head(_("Visits"), number=True),
        Head(_("Half waited at most"), number=True),
        Head(_("Nine of ten waited at most"), number=True),
        Head(_("Told an estimate"), number=True),
        Head(_("Estimate off by"), number=True),
        Head(_("Longer than told by"), number=True),
        Head(_("To within ten minutes"), number=True),
    ]
    rows = [Row((text(one.name), *_cells(one)), few=one.few) for one in found.providers]
    total = Row((text(_("Total")), *_cells(found.total)), total=True)
    data = [Datum(one.name, _minutes(one.median), [("booked", one.median or 0)]) for one in found.providers]
    plot = bars("waiting", title, _("A bar for each provider, as long as half of the patients waited at most."), data)
    return Section("waiting", title, plot, Table(title, heads, [*rows, total]))


def _cells(one: Wait) -> list[Cell]:
    return [
        count(one.visits),
        _wait(one.median),
        _wait(one.ninetieth),
        count(one.told),
        _wait(one.error),
        _wait(one.bias),
        count(one.close),
    ]


def _wait(minutes: float | None) -> Cell:
    return Cell(None if minutes is None else round(minutes), _minutes(minutes), number=True)


def _minutes(minutes: float | None) -> str:
    return "–" if minutes is None else _("%(count)d min") % {"count": round(minutes)}


def waiting_file(question: Question) -> Table:
    """Return the file: each provider and the total."""
    return _by_provider(waiting_of(question.asked)).table
