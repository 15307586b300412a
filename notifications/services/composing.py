"""Put a message into words: those of its clinic or ours, filled in, in the recipient's language."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from appointments.models import Appointment, Status
from mediconnect.habits import Habits
from notifications.errors import CannotBeWritten
from notifications.models import Channel, Kind, Message, Template
from notifications.queries.clinic_words import words_that_tell
from notifications.rules.wording.demands import of_body
from notifications.rules.wording.filling import Wording, fill, placeholders
from notifications.rules.wording.linting import breaks_the_rules
from notifications.rules.wording.looking import asks_to_confirm
from notifications.rules.wording.people import one_line
from notifications.rules.wording.segments import as_plain_as, count
from notifications.services.defaults import our_words, spoken
from notifications.services.framing import as_html
from notifications.services.speaking import times_to_tell, values_beside
from providers.models import Clinic

# How much of what people typed stands in a message; a name of a clinic may have 120 characters, an address 250.
_LIMITS: Final = {
    Channel.SMS: {"clinic": 40, "provider": 40, "address": 80, "phone": 25},
    Channel.EMAIL: {"clinic": 120, "provider": 120, "address": 250, "phone": 40},
}
_SUBJECT_LIMIT: Final = 120
# What asks whether somebody will come; thanks for saying so may speak of it.
_ASKING: Final = (Kind.BOOKED, Kind.MOVED, Kind.REMINDER)
# Carriers join no more than ten parts reliably; a text of that length can only be a mistake.
_MOST_SEGMENTS: Final = 10


@dataclass(frozen=True, slots=True)
class Words:
    """A message in words. `html` is empty for a text message, `segments` None for a mail."""

    subject: str
    body: str
    html: str
    segments: int | None


def compose(message: Message, visits: Sequence[Appointment], *, link_url: str) -> Words:
    """Return the words of a message about these visits of one clinic, by that clinic's clock, in `message.language`.

    One about an offer has none: it tells of the time that is offered, one of a proposal of the new time.

    The clinic's own words are used where it has some that would be accepted today; for several visits only if they list
    them ({when_list}), for visits that are all confirmed only if they do not ask to confirm. `link_url` is the absolute address that {link} stands for. Reads nothing of the patient.
    Raises `CannotBeWritten` without visits, words or, where the words ask for it, a link.
    """
    told = times_to_tell(message, visits)
    if not told:
        raise CannotBeWritten("no visit to speak of")
    kind, channel = Kind(message.kind), Channel(message.channel)
    ordered = sorted(told, key=lambda visit: (visit.starts_at, visit.pk))
    clinic = ordered[0].clinic
    confirmed = all(visit.status == Status.CONFIRMED for visit in ordered)
    wording = _wording_of(clinic, kind, channel, message.language, several=len(ordered) > 1, confirmed=confirmed)
    values = visit_values(wording, clinic=clinic, visits=ordered, channel=channel, language=message.language)
    values |= values_beside(message, Habits.of(clinic, spoken(message.language)), channel) | {"link": link_url}
    needed = placeholders(wording.body) & {"link", *of_body(kind).needed}
    if not all(values.get(name) for name in needed):
        raise CannotBeWritten("the words need what is not there")
    return write_out(wording, values, kind=kind, channel=channel, language=message.language)


def compose_account(*, kind: Kind, channel: Channel, language: str, values: Mapping[str, str]) -> Words:
    """Return the words of account mail; `values` holds the link or the code. Raises `CannotBeWritten` without words."""
    wording = our_words(kind, channel, language)
    if wording is None or not all(values.get(name) for name in placeholders(wording.body)):
        raise CannotBeWritten(f"{kind.value} by {channel.value}")
    return write_out(wording, values, kind=kind, channel=channel, language=language)


def write_out(wording: Wording, values: Mapping[str, str], *, kind: Kind, channel: Channel, language: str) -> Words:
    """Return the words with their values filled in. Raises `CannotBeWritten` where nothing, or no end of it, is left.

    In a text message names and dates are written without the accents that its alphabet lacks, if the words themselves do
    without: no Saturday (sáb) makes it cost double.
    """
    if channel == Channel.SMS:
        body = fill(wording.body, as_plain_as(wording.body, values))
        segments = count(body).segments
        if not body or segments > _MOST_SEGMENTS:
            raise CannotBeWritten(f"{segments} segments")
        return Words("", body, "", segments)
    subject, body = one_line(fill(wording.subject, values), _SUBJECT_LIMIT), fill(wording.body, values)
    if not subject or not body:
        raise CannotBeWritten("nothing to say")
    return Words(subject, body, as_html(kind=kind, language=language, subject=subject, body=body), None)


def visit_values(
    wording: Wording, *, clinic: Clinic, visits: Sequence[Appointment], channel: Channel, language: str
) -> dict[str, str]:
    """Return what the placeholders of these words stand for, but for the link. Reads only what the words ask for."""
    habits = Habits.of(clinic, spoken(language))
    starts = [visit.starts_at.astimezone(habits.zone) for visit in visits]
    day = habits.short_day if channel == Channel.SMS else habits.day_and_date
    typed: dict[str, Callable[[], str]] = {
        "clinic": lambda: clinic.name,
        "phone": lambda: habits.phone(clinic.phone),
        "address": lambda: clinic.address,
        "provider": lambda: visits[0].provider.name,
    }
    asked = placeholders(wording.subject) | placeholders(wording.body)
    values = {name: one_line(read(), _LIMITS[channel][name]) for name, read in typed.items() if name in asked}
    moments = [f"{day(start.date())}, {habits.time(start)}" for start in starts]
    listed = "; ".join(moments) if channel == Channel.SMS else "\n".join(f"- {moment}" for moment in moments)
    return values | {"day": day(starts[0].date()), "time": habits.time(starts[0]), "when_list": listed}


def _wording_of(
    clinic: Clinic, kind: Kind, channel: Channel, language: str, *, several: bool, confirmed: bool
) -> Wording:
    own = Template.objects.filter(clinic=clinic, kind=kind, channel=channel, language=spoken(language)).first()
    if own is not None and _fits(own, several=several, settled=confirmed and kind in _ASKING):
        wording = Wording(own.subject, own.body)
        if not breaks_the_rules(wording, kind=kind, channel=channel, clinic_words=words_that_tell(clinic.pk)):
            return wording
    ours = our_words(kind, channel, language, several=several, confirmed=confirmed)
    if ours is None:
        raise CannotBeWritten(f"{kind.value} by {channel.value}, several visits: {several}")
    return ours


def _fits(own: Template, *, several: bool, settled: bool) -> bool:
    """Say whether a clinic's words tell of all visits, and do not ask for what is settled."""
    if several and "when_list" not in placeholders(own.body):
        return False
    return not (settled and (asks_to_confirm(own.subject) or asks_to_confirm(own.body)))
