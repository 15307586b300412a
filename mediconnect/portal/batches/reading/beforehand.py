"""What would happen to each of the chosen visits, and to whom it would be told how: before anything is done."""

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from appointments.models import Appointment, Batch
from appointments.models.status import MOVABLE
from appointments.queries.foreseeing import Foreseen, foresee
from appointments.services.batches.starting import Asked, Seen
from mediconnect.errors import NotFound
from mediconnect.portal.batches.form import value_of
from mediconnect.portal.batches.words import problem_word
from mediconnect.portal.desk import Desk
from mediconnect.portal.messages.words import channel_word, reason
from notifications.errors import CannotBeWritten
from notifications.models import Channel, Kind, Message
from notifications.queries.addresses import Reach, reach_of
from notifications.queries.policies import policies_for
from notifications.services.composing import compose
from notifications.services.noting import note_findings
from providers.models import Provider

# A token has 22 characters; this one opens nothing, since a token is never all of one letter.
_LINK: Final = "a/" + 22 * "x" + "/"
# Each language on each channel is shown once; more than these are hardly ever needed, and the page stays one.
_SAMPLES: Final = 4


@dataclass(frozen=True, slots=True)
class Line:
    """A visit, where it goes, what is in its way, and how its patient would be told."""

    visit: Appointment
    value: str
    name: str
    start: dt.datetime
    to: dt.datetime | None
    provider: str
    problems: Sequence[str]
    channel: str
    unreached: str


@dataclass(frozen=True, slots=True)
class Sample:
    """A message as it would be sent: to the first of those who get it so."""

    channel: str
    language: str
    subject: str
    body: str
    segments: int | None


@dataclass(frozen=True, slots=True)
class Beforehand:
    """The whole preview. `silent` says why nobody is told, "" where somebody is; `findings` keep words from being sent."""

    asked: Asked
    lines: Sequence[Line]
    told: Sequence[tuple[str, int]]
    untold: int
    silent: str
    samples: Sequence[Sample]
    findings: Sequence[str]
    to_provider: str

    @property
    def in_the_way(self) -> int:
        """Return how many would be refused as things are."""
        return sum(1 for line in self.lines if line.problems)

    @property
    def can_begin(self) -> bool:
        """Whether anything would come of it."""
        return not self.findings and self.in_the_way < len(self.lines)


def chosen_visits(desk: Desk, seen: Sequence[Seen]) -> list[Appointment]:
    """Return the chosen visits with whom and what they are about, without what is sealed. Raises `NotFound` for others'."""
    wanted: QuerySet[Appointment] = desk.visits().filter(pk__in=[one.appointment_id for one in seen])
    found = list(
        wanted.select_related("patient", "provider", "appointment_type", "clinic")
        .defer("reason", "patient_note", "internal_note", "patient__notes")
        .order_by("starts_at", "provider__name", "pk")
    )
    if len(found) < len(seen) or not all(desk.may_book(visit.provider_id) for visit in found):
        raise NotFound
    return found


def beforehand(desk: Desk, asked: Asked, seen: Sequence[Seen]) -> Beforehand:
    """Return what would happen now: a dozen statements at most, however many visits. Raises `NotFound` for others' visits."""
    visits, to_name = chosen_visits(desk, seen), _name_of(desk, asked.to_provider_id)
    foreseen = _foreseen(asked, visits)
    reach, silent = reach_of({visit.patient_id for visit in visits}), _silent(desk, asked)
    lines = [_line(visit, foreseen.get(visit.pk), reach[visit.patient_id], to_name, silent=silent) for visit in visits]
    counted = Counter(line.channel for line in lines if line.channel)
    is_note = asked.act == Batch.Act.MESSAGE
    return Beforehand(
        asked,
        lines,
        sorted(counted.items()),
        sum(1 for line in lines if line.unreached),
        silent,
        _samples(asked, visits, reach) if is_note else (),
        [finding.sentence for finding in note_findings(desk.clinic.pk, asked.words)] if is_note else (),
        to_name,
    )


def _name_of(desk: Desk, provider_id: uuid.UUID | None) -> str:
    """Return the name of who takes the visits over, "" for nobody; raises `NotFound` for somebody of another clinic."""
    if provider_id is None:
        return ""
    here = Provider.objects.at([desk.clinic.pk]).filter(active=True, pk=provider_id)
    name: str | None = here.values_list("name", flat=True).first()
    if name is None or not desk.may_book(provider_id):
        raise NotFound
    return name


def _foreseen(asked: Asked, visits: Sequence[Appointment]) -> Mapping[uuid.UUID, Foreseen]:
    if asked.act != Batch.Act.MOVE:
        return {}
    return foresee(
        [visit.pk for visit in visits], shift_minutes=asked.shift_minutes, to_provider_id=asked.to_provider_id
    )


def _silent(desk: Desk, asked: Asked) -> str:
    """Return why nobody is told of this, "" where everybody is who can be."""
    policy = policies_for([Appointment(clinic=desk.clinic)]).of(desk.clinic.pk)
    if asked.act == Batch.Act.MOVE and asked.shift_minutes is None:
        return _("Another provider at the same time is no news to the patients: nobody is written to.")
    tells = {Batch.Act.CANCEL: policy.tells_cancelled, Batch.Act.MOVE: policy.tells_moved}
    return "" if tells.get(Batch.Act(asked.act), True) else _("This clinic sends no messages of this kind.")


def _line(visit: Appointment, foreseen: Foreseen | None, reach: Reach, to_name: str, *, silent: str) -> Line:
    channel = None if silent else reach.preferred()
    why = "" if silent else _why_unreached(reach)
    problems = [problem_word(problem) for problem in foreseen.problems] if foreseen else []
    if visit.status not in MOVABLE:
        problems = [_("the patient is here, or the visit is over")]
    return Line(
        visit,
        value_of(visit),
        ", ".join(part for part in (visit.patient.family_name, visit.patient.given_name) if part),
        visit.starts_at,
        foreseen.start if foreseen else None,
        to_name or visit.provider.name,
        problems,
        channel_word(channel) if channel else "",
        why,
    )


def _why_unreached(reach: Reach) -> str:
    why = reach.why_not(None)
    return reason(why) if why else ""


def _samples(asked: Asked, visits: Sequence[Appointment], reach: Mapping[uuid.UUID, Reach]) -> list[Sample]:
    """Return the words for the first patient in each language on each channel."""
    found: dict[tuple[Channel, str], Sample] = {}
    batch = Batch(act=asked.act, words=asked.words)
    for visit in visits:
        channel = reach[visit.patient_id].preferred()
        language = reach[visit.patient_id].languages.get(channel, "") if channel else ""
        if channel is None or (channel, language) in found or len(found) == _SAMPLES:
            continue
        message = Message(kind=Kind.NOTE, channel=channel, language=language, clinic=visit.clinic, batch=batch)
        try:
            words = compose(message, [visit], link_url=urljoin(settings.PUBLIC_URL, _LINK))
        except CannotBeWritten:
            continue
        found[channel, language] = Sample(channel_word(channel), language, words.subject, words.body, words.segments)
    return list(found.values())
