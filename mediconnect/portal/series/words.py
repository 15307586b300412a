"""A rule of recurrence in words, and why a time of a series is not to be had."""

import datetime as dt
import re
from collections.abc import Sequence
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from appointments.models import Series
from appointments.rules.admission import Blocked
from appointments.rules.series import Shift
from mediconnect.habits import Habits
from mediconnect.portal.desk import Desk
from mediconnect.portal.reasons import why_blocked

_DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_NUMBERED: Final = re.compile(r"(-?\d)([A-Z]{2})")


def described(series: Series, habits: Habits, *, number: int | None = None) -> str:
    """Return when the visits of a series come back, as in “every second Tuesday”; what was moved since is heeded.

    `number` is the visit that it is said of, None the last one. A rule that pages cannot make is shown as it is.
    """
    shifts = [Shift.unpacked(shift) for shift in series.shifts]
    days = sum(shift.days for shift in shifts if number is None or shift.since <= number)
    return rule_in_words(series.rrule, series.starts_on, habits, days=days)


def rule_in_words(rrule: str, first: dt.date, habits: Habits, *, days: int = 0) -> str:
    """Return a rule in words; `days` is by how many all its days were moved."""
    parts = dict(part.split("=", 1) for part in rrule.split(";") if "=" in part)
    every = int(parts.get("INTERVAL", "1"))
    match parts.get("FREQ"):
        case "DAILY":
            return _("every day") if every == 1 else _("every %(count)d days") % {"count": every}
        case "WEEKLY":
            return _weekly(every, _weekdays(parts, first, days), habits)
        case "MONTHLY":
            words = _monthly(every, parts, first, habits)
            return f"{words}, {_moved(days)}" if words and days else words or rrule
    return rrule


def _weekdays(parts: dict[str, str], first: dt.date, days: int) -> list[int]:
    named = parts.get("BYDAY", "").split(",") if parts.get("BYDAY") else [_DAYS[first.weekday()]]
    return sorted((_DAYS.index(day) + days) % 7 for day in named if day in _DAYS)


def _weekly(every: int, days: Sequence[int], habits: Habits) -> str:
    names = [habits.weekday_names[day] for day in days]
    if len(names) == 1 and every <= 4:
        words = {
            1: _("every %(day)s"),
            2: _("every second %(day)s"),
            3: _("every third %(day)s"),
            4: _("every fourth %(day)s"),
        }
        return words[every] % {"day": names[0]}
    listed = ", ".join(names)
    weeks = ngettext("every week", "every %(count)d weeks", every) % {"count": every}
    return _("%(weeks)s on %(days)s") % {"weeks": weeks, "days": listed}


def _monthly(every: int, parts: dict[str, str], first: dt.date, habits: Habits) -> str:
    months = ngettext("every month", "every %(count)d months", every) % {"count": every}
    numbered = _NUMBERED.fullmatch(parts.get("BYDAY", ""))
    if numbered:
        return _on_weekday(int(numbered[1]), _DAYS.index(numbered[2]), months, habits)
    dates = parts.get("BYMONTHDAY", "" if "BYDAY" in parts else str(first.day)).split(",")
    if not dates[-1].isdigit() or (len(dates) > 1 and parts.get("BYSETPOS") != "-1"):
        return ""
    words = {"months": months, "date": int(dates[-1])}
    if len(dates) > 1:
        return _("%(months)s on the %(date)d., or the last day of a shorter one") % words
    return _("%(months)s on the %(date)d.") % words


def _on_weekday(nth: int, weekday: int, months: str, habits: Habits) -> str:
    words = {
        1: _("%(months)s on the first %(day)s"),
        2: _("%(months)s on the second %(day)s"),
        3: _("%(months)s on the third %(day)s"),
        4: _("%(months)s on the fourth %(day)s"),
        -1: _("%(months)s on the last %(day)s"),
    }
    return words.get(nth, "") % {"months": months, "day": habits.weekday_names[weekday]}


def _moved(days: int) -> str:
    return ngettext("moved by %(count)d day", "moved by %(count)d days", abs(days)) % {"count": days}


def why_not(desk: Desk, blocked: Sequence[Blocked], provider: str, start: dt.datetime) -> list[str]:
    """Return each rule in the way of a visit as a sentence, none twice."""
    beyond = _("The calendar is not open that far ahead yet.")
    said = [beyond if rule.rule == "horizon" else why_blocked(desk, rule, provider, start) for rule in blocked]
    return list(dict.fromkeys(said))
