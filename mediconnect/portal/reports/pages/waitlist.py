"""The page and the file about what the waitlist did."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from mediconnect.portal.reports.plots import Datum, bars
from mediconnect.portal.reports.reading import Offers, WaitlistFigures, waitlist_of
from mediconnect.portal.reports.tables import Head, Row, Table, count, text

from .sections import Download, Figure, Question, Section, Shown


def waitlist(question: Question) -> Shown:
    """Return the report: offers and answers, times filled, days won."""
    found = waitlist_of(question.asked)
    some = bool(found.total.made or found.times.freed)
    return Shown(
        _figures(found) if some else (),
        [*([_offers(found)] if found.total.made else []), _times(found)] if some else (),
        [Download("waitlist", _("CSV"))],
        _(
            "Offers count on the day on which they were made, freed times on the day on which they were freed. “Too late” are "
            "those who said yes after their offer had ended. Days won are counted where a yes moved a visit: so many days sooner it takes "
            "place."
        ),
        _("Nothing was freed and nobody was offered anything in these days. Choose other days."),
    )


def _figures(found: WaitlistFigures) -> list[Figure]:
    total, times = found.total, found.times
    made = ngettext("of %(count)d offer", "of %(count)d offers", total.made) % {"count": total.made}
    freed = ngettext("of %(count)d freed time", "of %(count)d freed times", times.freed) % {"count": times.freed}
    filled = "–" if times.minutes is None else _("%(count)d min") % {"count": round(times.minutes)}
    return [
        Figure(_("Accepted"), str(total.accepted), made),
        Figure(_("Too late"), str(total.too_late), _("said yes after the end")),
        Figure(_("Days won"), str(total.days_won), _median(total)),
        Figure(_("Filled from the list"), str(times.filled), freed),
        Figure(_("From freed to filled"), filled, _("half took less")),
    ]


def _median(offers: Offers) -> str:
    if offers.median_days is None:
        return ""
    days = ngettext("%(count)d day", "%(count)d days", offers.median_days) % {"count": offers.median_days}
    return _("median %(days)s") % {"days": days}


def _offers(found: WaitlistFigures) -> Section:
    title = _("Offers by type of visit")
    heads = [
        Head(_("Type of visit")),
        Head(_("Offers"), number=True),
        Head(_("Yes"), number=True),
        Head(_("No"), number=True),
        Head(_("No answer"), number=True),
        Head(_("Overtaken"), number=True),
        Head(_("Taken back"), number=True),
        Head(pgettext("offers", "Open"), number=True),
        Head(_("Too late"), number=True),
        Head(_("Days won"), number=True),
    ]
    rows = [_row(one, one.name) for one in found.types]
    total = _row(found.total, _("Total"), total=True)
    data = [Datum(one.name, str(one.accepted), [("booked", one.accepted)]) for one in found.types]
    plot = bars(
        "offers", title, _("A bar for each type of visit, as long as its number of offers that were accepted."), data
    )
    return Section("offers", title, plot, Table(title, heads, [*rows, total]))


def _row(one: Offers, name: str, *, total: bool = False) -> Row:
    numbers = (
        one.made, one.accepted, one.declined, one.expired, one.overtaken, one.withdrawn, one.standing, one.too_late, one.days_won,
    )  # fmt: skip
    return Row((text(name), *(count(number) for number in numbers)), total=total)


def _times(found: WaitlistFigures) -> Section:
    title = _("What became of freed times")
    times = found.times
    lines = [
        (_("Filled from the list"), times.filled),
        (_("Taken by somebody else"), times.taken),
        (_("Begun without anybody"), times.over),
        (_("Still open"), times.open),
    ]
    rows = [Row((text(name), count(number))) for name, number in lines]
    rows.append(Row((text(_("Total")), count(times.freed)), total=True))
    data = [Datum(name, str(number), [("booked", number)]) for name, number in lines]
    plot = bars("times", title, _("A bar for each line of the table."), data)
    return Section("times", title, plot, Table(title, [Head(_("Freed times")), Head(_("Times"), number=True)], rows))


def waitlist_file(question: Question) -> Table:
    """Return the file: the offers of each type and in all."""
    found = waitlist_of(question.asked)
    table = _offers(found).table
    return Table(_("Waitlist"), table.heads, table.rows)
