"""What a text that came in answers: the message that asked last, or why that cannot be told."""

import datetime as dt
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from appointments.models import Appointment, Status
from notifications.models import Channel, Kind, Message, Reply, State
from notifications.queries.told import times_told
from notifications.rules.asking import why_offer_is_over, why_proposal_is_over
from notifications.rules.reasons import Why
from patients.models import ContactPoint, ContactSystem, Registration

# Whether somebody will come, and whether another time will do.
_QUESTIONS: Final = (Kind.OFFER, Kind.PROPOSAL)
_ASKING: Final = (Kind.BOOKED, Kind.MOVED, Kind.REMINDER, *_QUESTIONS)
_TOGETHER: Final = dt.timedelta(hours=24)
"""Two messages about two visits within a day: who answers one word may mean either."""

_LOOKED_THROUGH: Final = 20
"""Messages, newest first; nobody is asked about as many visits that are all to come."""


@dataclass(frozen=True, slots=True)
class Bound:
    """What a reply answers.

    `told` holds each visit of the message that is to come, with the time that was told. `against` is why the answer is
    not taken for one about them; then `patient_id` is given only where it is this person's whatever visit is meant.
    """

    message: Message | None = None
    told: Mapping[uuid.UUID, dt.datetime] = field(default_factory=dict)
    patient_id: uuid.UUID | None = None
    clinic_id: uuid.UUID | None = None
    against: Why | None = None

    @property
    def question(self) -> Message | None:
        """The offer or the proposal that is answered, whatever became of it since; None for anything else."""
        asked = self.message is not None and self.message.kind in _QUESTIONS and self.against is None
        return self.message if asked else None

    @property
    def visit_id(self) -> uuid.UUID | None:
        """The visit that the reply is about, the first of several that were told in one message."""
        return next(iter(self.told), None)


def bind(sender_index: str) -> Bound:
    """Return what a text from this number, known by its blind index, answers.

    That is the latest message which asked about a visit (booked, moved, reminder) or whether a time will do (offer,
    proposal), reached the number as far as we know, and told of a time to come. Where another visit was asked about
    within a day of it and nobody has answered that, it could be either: `Why.TWO_VISITS`. An offer or a proposal is more
    urgent than what was asked before it, and has its minutes: only another one that stands rivals it. Without such a message: `Why.NOTHING_ASKED`, with the clinic that
    wrote to the number last or knows it, else `Why.UNKNOWN_NUMBER`.
    """
    now = timezone.now()
    asking = [(message, _to_come(message, now)) for message in _asked(sender_index, now)]
    asking = [(message, told) for message, told in asking if told or _is_offered(message, now)]
    if not asking:
        return _unasked(sender_index)
    (latest, told), earlier = asking[0], asking[1:]
    rivals = [other for other, theirs in earlier if _rivals(latest, told, other, theirs)]
    if not rivals:
        return Bound(latest, told, latest.patient_id, latest.clinic_id)
    one_person = all(other.patient_id == latest.patient_id for other in rivals)
    return Bound(
        latest, told if one_person else {}, latest.patient_id if one_person else None, latest.clinic_id, Why.TWO_VISITS
    )


def _asked(sender_index: str, now: dt.datetime) -> list[Message]:
    """Return the messages that asked this number about a visit to come, latest first.

    One that is being sent, or of which nobody knows yet whether it was accepted, may have arrived before we know.
    """
    arrived = Q(state__in=(State.SENT, State.DELIVERED)) | Q(
        state__in=(State.SENDING, State.WAITING), first_attempt_at__isnull=False, in_doubt=True
    )
    rows = (
        Message.objects.sealed()
        .filter(arrived, channel=Channel.SMS, recipient_index=sender_index, kind__in=_ASKING)
        .select_related("offer", "displaced_visit")
    )
    handed_over = Coalesce(F("sent_at"), F("last_attempt_at"), F("created_at"))
    found = rows.annotate(handed_over=handed_over).order_by("-handed_over", "-id")[:_LOOKED_THROUGH]
    return [message for message in found if not _is_past(message, now)]


def _is_past(message: Message, now: dt.datetime) -> bool:
    """Return whether a question is over for so long that nobody answers it any more."""
    return message.kind in _QUESTIONS and message.expires_at is not None and message.expires_at < now - _TOGETHER


def _is_offered(message: Message, now: dt.datetime) -> bool:
    return message.offer is not None and message.offer.starts_at > now


def _stands(message: Message, now: dt.datetime) -> bool:
    """Return whether an offer or a proposal can still be answered."""
    if message.offer is not None:
        return why_offer_is_over(message.offer.state, message.offer.expires_at, now) is None
    asked = message.displaced_visit
    return asked is not None and why_proposal_is_over(asked.state, asked.expires_at, now) is None


def _to_come(message: Message, now: dt.datetime) -> dict[uuid.UUID, dt.datetime]:
    return {visit: starts_at for visit, starts_at in times_told(message).items() if starts_at > now}


def _rivals(
    latest: Message, told: Mapping[uuid.UUID, dt.datetime], other: Message, theirs: Mapping[uuid.UUID, dt.datetime]
) -> bool:
    """Return whether the answer to `latest` could as well be one to `other`."""
    if other.kind in _QUESTIONS:
        same = (other.offer_id, other.displaced_visit_id) == (latest.offer_id, latest.displaced_visit_id)
        return not same and _stands(other, timezone.now())
    if latest.kind in _QUESTIONS:
        return False
    if not theirs.keys() - told.keys() or _handed_over(latest) - _handed_over(other) > _TOGETHER:
        return False
    if Reply.objects.filter(message=other).exclude(meaning=Reply.Meaning.UNCLEAR).exists():
        return False
    return _unconfirmed(theirs, theirs.keys() - told.keys())


def _unconfirmed(told: Mapping[uuid.UUID, dt.datetime], visits: Collection[uuid.UUID]) -> bool:
    """Return whether one of the visits still waits for an answer, at the time that was told."""
    waiting = Appointment.objects.filter(pk__in=visits, status=Status.BOOKED)
    return any(told[pk] == starts_at for pk, starts_at in waiting.values_list("pk", "starts_at"))


def _handed_over(message: Message) -> dt.datetime:
    return message.sent_at or message.last_attempt_at or message.created_at


def _unasked(sender_index: str) -> Bound:
    """Return whose number it is, as far as one can say, where it answers nothing: the clinic that wrote to it last, or knows it.

    Its one owner is named to that clinic only where the clinic knows this person.
    """
    points = ContactPoint.objects.active().filter(
        system=ContactSystem.PHONE, value_index=sender_index, patient__active=True
    )
    owners = set(points.values_list("patient_id", flat=True))
    known_at = set(Registration.objects.filter(patient__in=owners).values_list("clinic_id", "patient_id"))
    wrote = Message.objects.filter(channel=Channel.SMS, recipient_index=sender_index, clinic__isnull=False)
    clinic_id = wrote.order_by("-created_at").values_list("clinic_id", flat=True).first()
    if clinic_id is None:
        clinics = {clinic for clinic, _ in known_at}
        clinic_id = clinics.pop() if len(clinics) == 1 else None
        against = Why.NOTHING_ASKED if owners else Why.UNKNOWN_NUMBER
    else:
        against = Why.NOTHING_ASKED
    owner = next(iter(owners)) if len(owners) == 1 else None
    is_known = clinic_id is None or (clinic_id, owner) in known_at
    return Bound(None, {}, owner if is_known else None, clinic_id, against)
