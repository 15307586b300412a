"""Kinds of table, verdicts and states in the reader's words, and refusals whose sentences have places to fill."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from mediconnect.errors import DomainError
from mediconnect.operations.errors import UnreadableFile
from mediconnect.operations.models import ExchangeKind, ImportRow, ImportRun, Verdict
from mediconnect.portal.showing import Refusal, refused

KINDS: Final[Mapping[str, tuple[str, str]]] = {
    ExchangeKind.PATIENTS: (
        gettext_noop("Patients"),
        gettext_noop("Names, birth dates, how they are reached. Known by record number."),
    ),
    ExchangeKind.PROVIDERS: (
        gettext_noop("Providers"),
        gettext_noop("Who sees patients here, and as what. Known by name or identifier."),
    ),
    ExchangeKind.HOURS: (
        gettext_noop("Hours"),
        gettext_noop("When providers work here: a row for each day of the week and stretch."),
    ),
    ExchangeKind.VISITS: (
        gettext_noop("Visits"),
        gettext_noop("Those to come are booked, without a message to anybody; those that are over become history."),
    ),
}

VERDICTS: Final[Mapping[str, str]] = {
    Verdict.NEW: gettext_noop("new"),
    Verdict.CHANGE: gettext_noop("changes"),
    Verdict.SAME: gettext_noop("nothing new"),
    Verdict.DOUBTFUL: gettext_noop("may be there already"),
    Verdict.REFUSED: gettext_noop("cannot be used"),
}
OUTCOMES: Final[Mapping[str, str]] = {
    ImportRow.Outcome.WRITTEN: gettext_noop("imported"),
    ImportRow.Outcome.FAILED: gettext_noop("refused"),
    ImportRow.Outcome.LEFT: gettext_noop("left out"),
}
STATES: Final[Mapping[str, str]] = {
    ImportRun.State.CHECKING: gettext_noop("being looked at"),
    ImportRun.State.CHECKED: gettext_noop("waits for you"),
    ImportRun.State.IMPORTING: gettext_noop("being imported"),
    ImportRun.State.DONE: gettext_noop("imported"),
    ImportRun.State.DROPPED: gettext_noop("not imported"),
}


def title_of(kind: str) -> str:
    """Return what a kind of table is called."""
    return _(KINDS[kind][0])


def sentence_of(kind: str) -> str:
    """Return what a kind of table holds."""
    return _(KINDS[kind][1])


def refusal_of(error: DomainError) -> Refusal:
    """Return a refusal in the reader's words, with the places of its sentence filled."""
    told = refused(error)
    values = error.values if isinstance(error, UnreadableFile) else {}
    return replace(told, sentence=told.sentence % values) if values else told
