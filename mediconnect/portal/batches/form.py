"""What the forms of many at once say: which day is looked at, what was chosen, and what is to be done."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from appointments.models import Batch, CancellationReason
from appointments.rules.batches import FURTHEST, MOST, STEP
from appointments.services.batches.starting import LONGEST_NOTE, Asked, Seen
from mediconnect.errors import Invalid
from mediconnect.portal.desk import Desk

_LATER: Final = ("later", "earlier")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which visits are listed: a day's, of a provider, a type or one group; and whether all of them are chosen."""

    day: dt.date
    provider: uuid.UUID | None = None
    kind: uuid.UUID | None = None
    session: uuid.UUID | None = None
    all: bool = False

    @classmethod
    def of(cls, desk: Desk, words: QueryDict) -> "Wanted":
        """Return what an address or a form says; what makes no sense is as if it were not there."""
        return cls(
            desk.day(words.get("date")),
            desk.only_provider or _id(words.get("provider", "")),
            _id(words.get("type", "")),
            _id(words.get("session", "")),
            words.get("all") == "1",
        )

    @property
    def kept(self) -> dict[str, str]:
        """Return what addresses and forms keep of it, but for the day."""
        words = {"provider": self.provider, "type": self.kind, "session": self.session}
        return {name: str(value) for name, value in words.items() if value}

    def address(self, desk: Desk, *, day: dt.date | None = None, **more: str) -> str:
        """Return the address of this list, or of the same on another day."""
        query = urlencode({"date": (day or self.day).isoformat(), **self.kept, **more})
        return f"{reverse('portal:batches', kwargs={'clinic': desk.clinic.pk})}?{query}"


@dataclass(frozen=True, slots=True)
class Typed:
    """The form as it was typed, to be shown again; `visits` are the values of what was ticked."""

    act: str = str(Batch.Act.CANCEL)
    reason: str = ""
    minutes: str = ""
    direction: str = "later"
    to: str = ""
    words: str = ""
    visits: frozenset[str] = frozenset()

    @classmethod
    def of(cls, form: QueryDict) -> "Typed":
        """Return what a form says."""
        return cls(
            form.get("act", ""),
            form.get("reason", ""),
            form.get("minutes", "").strip(),
            form.get("direction", "later"),
            form.get("to", ""),
            " ".join(form.get("words", "").split()),
            frozenset(form.getlist("visit")),
        )

    def again(self) -> Mapping[str, str]:
        """Return the fields that ask for the same once more."""
        fields = {
            "act": self.act,
            "reason": self.reason,
            "minutes": self.minutes,
            "direction": self.direction,
            "to": self.to,
            "words": self.words,
        }
        return {name: value for name, value in fields.items() if value}

    def asked(self) -> Asked:
        """Return what is to be done. Raises `Invalid` with sentences for people."""
        if self.act == Batch.Act.CANCEL:
            return self._cancel()
        if self.act == Batch.Act.MOVE:
            return self._move()
        if self.act == Batch.Act.MESSAGE:
            return self._message()
        raise Invalid.field("act", _("Choose what is to be done."))

    def _cancel(self) -> Asked:
        if self.reason not in CancellationReason:
            raise Invalid.field("reason", _("Choose why they are cancelled."))
        return Asked(self.act, reason=self.reason)

    def _move(self) -> Asked:
        shift, to = self._shift(), _id(self.to)
        if shift is None and to is None:
            raise Invalid.field("minutes", _("Say by how many minutes they are moved, or to whom."))
        return Asked(self.act, shift_minutes=shift, to_provider_id=to)

    def _shift(self) -> int | None:
        if not self.minutes:
            return None
        minutes = (
            int(self.minutes) if self.minutes.isascii() and self.minutes.isdigit() and len(self.minutes) < 5 else 0
        )
        if not 0 < minutes <= FURTHEST or minutes % STEP or self.direction not in _LATER:
            limits = {"step": STEP, "most": FURTHEST}
            raise Invalid.field("minutes", _("Give %(step)d to %(most)d minutes, in steps of %(step)d.") % limits)
        return minutes if self.direction == "later" else -minutes

    def _message(self) -> Asked:
        if not 0 < len(self.words) <= LONGEST_NOTE:
            raise Invalid.field("words", _("Write 1 to %(most)d letters.") % {"most": LONGEST_NOTE})
        return Asked(self.act, words=self.words)

    def seen(self) -> Sequence[Seen]:
        """Return the chosen visits with the versions that were looked at. Raises `Invalid` for none or too many."""
        found = [seen for value in sorted(self.visits) if (seen := _seen(value)) is not None]
        if not found:
            raise Invalid.field("visit", _("Choose at least one visit."))
        if len(found) > MOST:
            raise Invalid.field("visit", _("Choose %(most)d visits at most.") % {"most": MOST})
        return found


def value_of(visit: Any) -> str:
    """Return how a form names a visit as it was looked at."""
    return f"{visit.id}.{visit.version}"


def _seen(value: str) -> Seen | None:
    name, _dot, version = value.partition(".")
    visit = _id(name)
    if visit is None or not (version.isascii() and version.isdigit() and 0 < len(version) < 10):
        return None
    return Seen(visit, int(version))


def _id(words: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(words)
    except ValueError:
        return None
