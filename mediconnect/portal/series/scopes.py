"""Which visits of a series a form means: this one, what follows, or all, said in words with their numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from appointments.rules.series import MOST, Scope
from mediconnect.portal.desk import Desk

from .reading import Whole


@dataclass(frozen=True, slots=True)
class ScopeChoice:
    """One of the three: its value, its words, how many visits it means that are still to come, and whether it is chosen."""

    value: str
    words: str
    count: int
    checked: bool

    @property
    def how_many(self) -> str:
        """Return how many visits these are."""
        return ngettext("%(count)d visit", "%(count)d visits", self.count) % {"count": self.count}


def scope_in(fields: Mapping[str, Any], *, otherwise: Scope = Scope.THIS) -> Scope:
    """Return the scope that a form names, or another where it names none."""
    named = fields.get("scope", "")
    return Scope(named) if named in set(Scope) else otherwise


def seen_from_in(fields: Mapping[str, Any]) -> int:
    """Return the number of the visit that a form or an address is about, 1 where it names none."""
    words = str(fields.get("occurrence", ""))
    number = int(words) if words.isascii() and words.isdigit() and len(words) < 4 else 1
    return min(max(number, 1), 2 * MOST)


def scopes_of(desk: Desk, whole: Whole, seen_from: int, chosen: Scope) -> Sequence[ScopeChoice]:
    """Return those of the three that mean a visit still to come; the chosen one checked, else the first."""
    line = next((one for one in whole.lines if one.number == seen_from), None)
    day = desk.habits.short_day(line.start.date()) if line else ""
    words = {
        Scope.THIS: _("Only this one, %(day)s") % {"day": day},
        Scope.FOLLOWING: _("This one and all that follow, from %(day)s on") % {"day": day},
        Scope.ALL: _("All that are still to come"),
    }
    counts = {scope: sum(scope.includes(one.number, seen_from) for one in whole.ahead) for scope in Scope}
    known = [scope for scope in Scope if counts[scope]]
    checked = chosen if chosen in known else next(iter(known), None)
    return [ScopeChoice(str(scope), words[scope], counts[scope], scope == checked) for scope in known]
