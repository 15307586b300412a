"""What many at once says in words: what is done, what is in the way, why a visit was refused, and who was told."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, pgettext

from appointments.models import Batch, BatchItem
from appointments.queries.foreseeing import Problem
from mediconnect.portal.messages.words import REASONS

ACTS: Final[Mapping[str, str]] = {
    Batch.Act.CANCEL: gettext_noop("Cancel"),
    Batch.Act.MOVE: gettext_noop("Move"),
    Batch.Act.MESSAGE: gettext_noop("Write to the patients"),
}

PROBLEMS: Final[Mapping[Problem, str]] = {
    "same": gettext_noop("is there already"),
    "day": gettext_noop("would leave its day"),
    "second": gettext_noop("this provider is there already, as the second one"),
    "offered": gettext_noop("this provider does not offer this type of visit"),
    "hours": gettext_noop("the provider has no hours then"),
    "second_hours": gettext_noop("the second provider has no hours then"),
    "taken": gettext_noop("the time is taken"),
    "second_taken": gettext_noop("the second provider is taken then"),
    "patient": gettext_noop("the patient has another visit then"),
    "room": gettext_noop("no room is free"),
    "device": gettext_noop("no device is free"),
    "seats": gettext_noop("the group is full then"),
    "daily_limit": gettext_noop("the day is full for this type of visit"),
}

# By the code that an item keeps: of an error of the services, or of what kept a note from being written.
REFUSALS: Final[Mapping[str, str]] = {
    "version-conflict": gettext_noop("the visit was changed after you looked at it"),
    "visit-changed": gettext_noop("the visit was changed after you looked at it"),
    "invalid-transition": gettext_noop("the patient is here, or the visit is over"),
    "slot-taken": gettext_noop("the time is taken"),
    "patient-overlap": gettext_noop("the patient has another visit then"),
    "outside-availability": gettext_noop("nobody has hours for this type of visit then"),
    "daily-limit": gettext_noop("the day is full for this type of visit"),
    "group-length": gettext_noop("a group lasts as long as it does for all of it"),
    "no-second-provider": gettext_noop("this provider is there already, as the second one"),
    "not-found": gettext_noop("this provider does not offer this type of visit"),
    "other-day": gettext_noop("would leave its day"),
    "nothing-to-move": gettext_noop("is there already"),
    "words-refused": gettext_noop("these words must not be sent"),
}


def act_word(act: str) -> str:
    """Return what is done to each visit."""
    return _(ACTS[act])


def problem_word(problem: Problem) -> str:
    """Return what is in the way of a move, as it follows a colon or a comma."""
    return _(PROBLEMS[problem])


def refusal_word(code: str) -> str:
    """Return why a visit was refused; a code of a message that could not be sent is told as messages tell it."""
    if code in REFUSALS:
        return _(REFUSALS[code])
    reason = REASONS.get(code.replace("-", "_"))
    return _(reason) if reason else _("a rule of the clinic does not allow it")


def state_word(state: str, act: str) -> str:
    """Return what became of a visit."""
    done = {
        Batch.Act.CANCEL: pgettext("visit of many", "cancelled"),
        Batch.Act.MOVE: pgettext("visit of many", "moved"),
        Batch.Act.MESSAGE: pgettext("visit of many", "written to"),
    }
    words = {
        BatchItem.State.WAITING: pgettext("visit of many", "waits"),
        BatchItem.State.DONE: done[Batch.Act(act)],
        BatchItem.State.REFUSED: pgettext("visit of many", "not done"),
        BatchItem.State.STOPPED: pgettext("visit of many", "stopped"),
        BatchItem.State.UNDONE: pgettext("visit of many", "taken back"),
    }
    return words[BatchItem.State(state)]
