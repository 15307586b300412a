"""A clinic's own words beside ours: which there are, what may be filled in, and who changed them."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mediconnect.accounts.models import User
from mediconnect.errors import NotFound
from mediconnect.portal.desk import Desk
from mediconnect.portal.messages.words import CHANNELS, KINDS
from mediconnect.portal.people.languages import language_name
from mediconnect.portal.setup.forms.edits import Words
from mediconnect.records.models import Change
from notifications.models import Channel, Kind, Template
from notifications.queries.clinic_words import words_that_tell
from notifications.rules.wording.demands import of_body, of_subject
from notifications.rules.wording.filling import Wording
from notifications.rules.wording.linting import breaks_the_rules
from notifications.services.defaults import our_words
from notifications.services.templates import EDITABLE

# When each message goes out.
_WHEN: Final[Mapping[Kind, Words]] = {
    Kind.BOOKED: gettext_lazy("When a visit is booked."),
    Kind.MOVED: gettext_lazy("When a visit gets another time."),
    Kind.CANCELLED: gettext_lazy("When a visit is cancelled."),
    Kind.REMINDER: gettext_lazy("Before a visit, as often as the rules say."),
    Kind.THANKS: gettext_lazy("To somebody who answered and confirms."),
    Kind.WILL_CALL: gettext_lazy("To somebody who asked for a call."),
    Kind.PLEASE_CALL: gettext_lazy("To an answer that is not understood, or when the desk answers so."),
    Kind.OFFER: gettext_lazy("To somebody on the waitlist, when a time is free that suits them."),
    Kind.PROPOSAL: gettext_lazy("When time off takes the time of a visit, and another one is kept for it."),
    Kind.LATE: gettext_lazy("When a provider runs late."),
}
_CHANNELS: Final = (Channel.SMS, Channel.EMAIL)
_MEANINGS: Final[Mapping[str, Words]] = {
    "clinic": gettext_lazy("name of the clinic"),
    "day": gettext_lazy("day of the visit"),
    "time": gettext_lazy("time of the visit"),
    "link": gettext_lazy("link to the visit"),
    "phone": gettext_lazy("phone of the clinic"),
    "address": gettext_lazy("address of the clinic"),
    "provider": gettext_lazy("name of the provider; may tell why somebody comes"),
    "until": gettext_lazy("until when one can answer"),
    "old_day": gettext_lazy("day of the visit that would move"),
    "old_time": gettext_lazy("time of the visit that would move"),
    "minutes": gettext_lazy("how many minutes later the visit begins"),
    "when_list": gettext_lazy("day and time of each visit, where one message tells of several"),
}
_MOST_CHANGES: Final = 50


@dataclass(frozen=True, slots=True)
class Which:
    """One message: what for, how, in which language; with the words for each."""

    kind: Kind
    channel: Channel
    language: str

    @property
    def title(self) -> str:
        """What the message is called."""
        return _(KINDS[self.kind])

    @property
    def when(self) -> Words:
        """When it goes out."""
        return _WHEN[self.kind]

    @property
    def way(self) -> str:
        """How it goes out."""
        return _way(self.channel)

    @property
    def tongue(self) -> str:
        """The name of its language, in the reader's."""
        return language_name(self.language)

    @property
    def is_text(self) -> bool:
        """Whether it is a text message."""
        return self.channel == Channel.SMS


@dataclass(frozen=True, slots=True)
class Cell:
    """Whose words one message has. `is_refused`: the clinic's own would not be accepted today, so ours are sent."""

    which: Which
    is_own: bool
    is_refused: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One kind of message with a cell for each way and language."""

    title: str
    when: Words
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Chip:
    """A placeholder with what it stands for. `needed`: the message cannot do without."""

    name: str
    meaning: Words
    needed: bool
    in_subject: bool

    @property
    def braced(self) -> str:
        """The placeholder as it is typed."""
        return f"{{{self.name}}}"


@dataclass(frozen=True, slots=True)
class Version:
    """One change of a clinic's words; `changes` are column in words, before, after."""

    at: dt.datetime
    who: str
    said: str
    changes: Sequence[tuple[str, str, str]]


def which_of(kind: str, channel: str, language: str) -> Which:
    """Return the message that an address names; raises `NotFound` for one that a clinic does not word."""
    known = kind in EDITABLE and channel in Channel.values and language in _languages()
    if not known or our_words(Kind(kind), Channel(channel), language) is None:
        raise NotFound
    return Which(Kind(kind), Channel(channel), language)


def lines_of(desk: Desk) -> list[Line]:
    """Return every message that a clinic may word, with whose words it has; three statements."""
    own = {(row.kind, row.channel, row.language): row for row in Template.objects.filter(clinic=desk.clinic.pk)}
    told = words_that_tell(desk.clinic.pk)

    def cell(which: Which) -> Cell:
        row = own.get((which.kind, which.channel, which.language))
        if row is None:
            return Cell(which, is_own=False, is_refused=False)
        wording = Wording(row.subject, row.body)
        refused = breaks_the_rules(wording, kind=row.kind, channel=row.channel, clinic_words=told)
        return Cell(which, is_own=True, is_refused=refused)

    return [
        Line(_(KINDS[kind]), when, [cell(Which(kind, channel, language)) for channel, language in columns(kind)])
        for kind, when in _WHEN.items()
    ]


def columns(kind: Kind = Kind.REMINDER) -> list[tuple[Channel, str]]:
    """Return the ways and languages in which we write a kind of message."""
    return [
        (channel, language)
        for channel in _CHANNELS
        for language in _languages()
        if our_words(kind, channel, language) is not None
    ]


def heads() -> list[tuple[str, list[str]]]:
    """Return the head of the table: each way with its languages."""
    return [(_way(way), [language_name(code) for channel, code in columns() if channel == way]) for way in _CHANNELS]


def own_of(desk: Desk, which: Which) -> Template | None:
    """Return the clinic's own words for a message, None where ours are used."""
    rows = Template.objects.filter(clinic=desk.clinic.pk, kind=which.kind, channel=which.channel)
    return rows.filter(language=which.language).first()


def ours_of(which: Which) -> Wording:
    """Return our words for a message."""
    return our_words(which.kind, which.channel, which.language) or Wording("", "")


def chips_of(which: Which) -> list[Chip]:
    """Return what may be filled in, what is needed first."""
    demands, subject = of_body(which.kind), of_subject(which.kind)
    chips = [
        Chip(name, meaning, name in demands.needed, name in subject and not which.is_text)
        for name, meaning in _MEANINGS.items()
        if name in demands.known
    ]
    return sorted(chips, key=lambda chip: not chip.needed)


def history_of(desk: Desk, which: Which) -> list[Version]:
    """Return who changed the clinic's words for a message and how, latest first, from before they were given up as well."""
    kept = Change.objects.filter(record_type=Template._meta.db_table)
    ids = kept.filter(
        operation="insert",
        after__clinic_id=str(desk.clinic.pk),
        after__kind=which.kind.value,
        after__channel=which.channel.value,
        after__language=which.language,
    ).values_list("record_id", flat=True)
    rows = list(kept.filter(record_id__in=list(ids)).order_by("-id")[:_MOST_CHANGES])
    names = _names({row.actor_id for row in rows if row.actor_id})
    return [
        Version(row.at, names.get(row.actor_id, "") if row.actor_id else "", _said(row), _changes(which, row))
        for row in rows
    ]


def _way(channel: Channel) -> str:
    return capfirst(_(CHANNELS[channel]))


def _languages() -> list[str]:
    return [code for code, _name in settings.LANGUAGES]


def _names(actors: set[uuid.UUID]) -> dict[uuid.UUID, str]:
    people = User.objects.filter(pk__in=actors).values_list("pk", "display_name", "email")
    return {pk: name or email for pk, name, email in people}


def _said(change: Change) -> str:
    if change.operation == "insert":
        return _("Words of your own")
    return _("Given up for ours") if change.operation == "delete" else _("Changed")


def _changes(which: Which, change: Change) -> list[tuple[str, str, str]]:
    columns_of: list[tuple[str, str]] = [("body", _("Text"))]
    if not which.is_text:
        columns_of.insert(0, ("subject", _("Subject")))
    before: Mapping[str, Any] = change.before
    after: Mapping[str, Any] = change.after
    return [
        (word, str(before.get(column) or ""), str(after.get(column) or ""))
        for column, word in columns_of
        if before.get(column) != after.get(column)
    ]
