"""What every write to a visit has in common: who may, which version it is made from, and what is shown where it is refused."""

import datetime as dt
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from appointments.models import Appointment, Status
from mediconnect.errors import DomainError, NotPermitted, VersionConflict
from mediconnect.portal.desk import Desk, DeskRequest
from mediconnect.portal.showing import Refusal, Undo, refused
from mediconnect.records.models import Change

from .around import Around, next_address
from .forms import version_seen
from .history import Entry, Teller, summed
from .reading import visit_at

# Made for the occasion by services, which know no language; named here, it stands in the catalogue.
LOST: Final = gettext_noop("The time was given to somebody else meanwhile.")


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants of a visit: where the form goes, what it says in words, and the fields that say it again.

    `sources` are the statuses in which the wish has something left to do once somebody else was first; None is any.
    """

    action: str
    mine: Sequence[tuple[str, str]] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    sources: Collection[str] | None = None


@dataclass(frozen=True, slots=True)
class Clash:
    """Somebody else was first: who, when, what they changed, what was wanted, and the two ways on.

    `action` is empty where nothing is left to do on top of theirs.
    """

    who: str
    at: dt.datetime
    theirs: Sequence[tuple[str, str, str]]
    mine: Sequence[tuple[str, str]]
    action: str
    version: int
    fields: Mapping[str, str]
    keep: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why something did not happen, as a panel shows it: a refusal in words, or a clash with both changes."""

    status: int
    refusal: Refusal | None = None
    clash: Clash | None = None


def may_act(desk: Desk, *providers: uuid.UUID) -> None:
    """Raise `NotPermitted` unless the person may act in the calendars of all of these."""
    if not all(desk.may_book(provider) for provider in providers):
        raise NotPermitted


def trouble_of(error: DomainError, request: DeskRequest, desk: Desk, around: Around, wish: Wish) -> Trouble:
    """Return what to show of an error: a clash where the version is no longer the one that the form was made from."""
    if not isinstance(error, VersionConflict):
        return refusal_of(error)
    visit = visit_at(desk, around.visit_id)
    since = _since(desk, visit, version_seen(request.POST))
    clash = Clash(
        who=next((entry.who for entry in since if entry.who), ""),
        at=since[0].at if since else visit.updated_at,
        theirs=[(said.word, said.before, said.after) for said in summed(since)],
        mine=wish.mine,
        action=wish.action if wish.sources is None or visit.status in wish.sources else "",
        version=visit.version,
        fields=_kept(request, around) | dict(wish.fields),
        keep=around.card,
    )
    return Trouble(error.status, clash=clash)


def refusal_of(error: DomainError) -> Trouble:
    """Return a refusal in words for a desk: without the clinic's own phone, and without names of fields or steps."""
    refusal = refused(error)
    extra = {name: value for name, value in refusal.extra.items() if name != "phone"}
    sentences = [sentence for errors in refusal.errors.values() for sentence in errors]
    if "status_now" in extra:
        sentences = [_("The visit is “%(status)s” now: this is no longer, or not yet, possible.") % _status(extra)]
    sentence = " ".join(sentences) or refusal.sentence
    return Trouble(error.status, refusal=replace(refusal, extra=extra, errors={}, sentence=sentence))


def _status(extra: Mapping[str, str]) -> dict[str, str]:
    return {"status": _(Status(extra["status_now"]).label)}


def undo_of(request: DeskRequest, around: Around, version: int, **fields: str) -> Undo:
    """Return the way back from the version that a write made, ending where the write ended."""
    return Undo(around.undo, version, fields | _kept(request, around))


def _kept(request: DeskRequest, around: Around) -> dict[str, str]:
    after = next_address(request, around)
    return {} if after == around.card else {"next": after}


def _since(desk: Desk, visit: Appointment, seen: int) -> list[Entry]:
    changes = list(Change.objects.of(visit))
    return [entry for entry in Teller.of(desk, visit, changes).tell(changes) if entry.version > seen]
