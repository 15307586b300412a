"""Rules of recurrence in words, and the words in which a page asks for them."""

import re
from typing import Final

from django.utils.translation import gettext as _

from mediconnect.habits import Habits

DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_MONTHLY: Final = re.compile(r"FREQ=MONTHLY;BYDAY=([1-4]|-1)(MO|TU|WE|TH|FR|SA|SU)")
_EVERY_OTHER: Final = re.compile(r"FREQ=WEEKLY;INTERVAL=(\d+);BYDAY=(MO|TU|WE|TH|FR|SA|SU)")


def ordinals() -> dict[str, str]:
    """Return which of a month's Fridays a rule may mean, in words."""
    return {"1": _("first"), "2": _("second"), "3": _("third"), "4": _("fourth"), "-1": _("last")}


def monthly(which: str, weekday: int) -> str:
    """Return the rule of the first (1) or last (-1) weekday of each month."""
    return f"FREQ=MONTHLY;BYDAY={which}{DAYS[weekday]}"


def every_other(weeks: int, weekday: int) -> str:
    """Return the rule of a weekday each so many weeks."""
    return f"FREQ=WEEKLY;INTERVAL={weeks};BYDAY={DAYS[weekday]}"


def monthly_of(rule: str) -> tuple[str, int] | None:
    """Return which weekday of the month a rule means, if it is that simple."""
    found = _MONTHLY.fullmatch(rule)
    return (found[1], DAYS.index(found[2])) if found else None


def every_other_of(rule: str) -> tuple[int, int] | None:
    """Return each how many weeks on which weekday a rule means, if it is that simple."""
    found = _EVERY_OTHER.fullmatch(rule)
    return (int(found[1]), DAYS.index(found[2])) if found else None


def said(rule: str, habits: Habits) -> str:
    """Return a rule in words, where it is one of the common ones; else the rule itself."""
    if month := monthly_of(rule):
        words = {"which": ordinals()[month[0]], "weekday": habits.weekday_names[month[1]]}
        return _("the %(which)s %(weekday)s of each month") % words
    if weeks := every_other_of(rule):
        words = {"weeks": str(weeks[0]), "weekday": habits.weekday_names[weeks[1]]}
        return _("%(weekday)s, every %(weeks)s weeks") % words
    return rule
