"""What the pages of webhooks show."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from mediconnect.api.pages import Cursor, cut
from mediconnect.errors import DomainError, NotFound
from mediconnect.portal.desk import Desk
from notifications.models import CallState, Hook, HookCall, PausedWhy
from notifications.queries.hooks import hooks_of

from .words import EVENTS, PAUSED, STATES, event_word, outcome_words

ON_A_PAGE: Final = 50
_ORDER: Final = ("created_at", "id")

# What one looks for, and the states that it means.
SHOWN: Final[Mapping[str, tuple[str, tuple[CallState, ...]]]] = {
    "delivered": (gettext_noop("Delivered"), (CallState.DELIVERED,)),
    "open": (gettext_noop("On their way"), (CallState.QUEUED, CallState.WAITING, CallState.SENDING)),
    "dead": (gettext_noop("Given up"), (CallState.DEAD,)),
    "discarded": (gettext_noop("Put away"), (CallState.DISCARDED,)),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A call in the list."""

    call: HookCall
    event: str
    state: str
    outcome: str

    @property
    def may_be_sent_again(self) -> bool:
        """Whether it is over, and no test."""
        over = self.call.state in {CallState.DELIVERED, CallState.DEAD, CallState.DISCARDED}
        return over and self.call.event != "ping"


@dataclass(frozen=True, slots=True)
class Calls:
    """A page of calls, newest first, with the cursors of those after and before it."""

    shown: str
    lines: Sequence[Line]
    older: str
    newer: str
    choices: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Standing:
    """A webhook in words."""

    hook: Hook
    events: str
    paused: str


def standing_of(hook: Hook) -> Standing:
    """Return how a webhook does."""
    paused = _(PAUSED[PausedWhy(hook.paused_why)]) if hook.paused_at else ""
    return Standing(hook, ", ".join(_(word) for event, word in EVENTS.items() if event in hook.events), paused)


def standings(desk: Desk) -> list[Standing]:
    """Return the clinic's webhooks, by name; one statement."""
    return [standing_of(hook) for hook in hooks_of(desk.clinic.pk)]


def hook_at(desk: Desk, hook_id: uuid.UUID) -> Hook:
    """Return a webhook of the clinic with its counts; raises `NotFound`."""
    hook = hooks_of(desk.clinic.pk).filter(pk=hook_id).first()
    if hook is None:
        raise NotFound
    return hook


def calls_at(hook: Hook, words: Mapping[str, str]) -> Calls:
    """Return the page of calls that an address asks for; one statement."""
    shown = words.get("state", "") if words.get("state") in SHOWN else ""
    calls = HookCall.objects.filter(hook=hook)
    if shown:
        calls = calls.filter(state__in=SHOWN[shown][1])
    try:
        place = Cursor.parse(words["cursor"], calls, _ORDER) if words.get("cursor") else None
    except DomainError:
        place = None
    found = cut(calls.defer("body"), order=_ORDER, descending=True, cursor=place, limit=ON_A_PAGE)
    return Calls(
        shown,
        [Line(call, event_word(call), _(STATES[CallState(call.state)]), outcome_words(call)) for call in found.rows],
        older=str(found.next or ""),
        newer=str(found.previous or ""),
        choices=[(key, _(word)) for key, (word, _states) in SHOWN.items()],
    )
