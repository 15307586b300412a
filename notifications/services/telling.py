"""One thing to tell about a visit or an offer, before it is a message."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Final

from appointments.models import Appointment, Batch, DisplacedVisit, WaitlistOffer
from mediconnect.outbox.models import Fact
from notifications.models import Channel, Kind, Message, Reply
from notifications.rules.reasons import Why
from patients.models import Patient

Step = tuple[object, ...]
"""What is told once, whatever the channel."""

_ANSWER_LIFE: Final = dt.timedelta(days=1)
"""An answer to what a person wrote says nothing useful a day later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """One thing to tell about one visit, or about one `offer` of the waitlist, which is of no visit.

    `version` is that with which the visit got the time that is told, of a cancellation that of the cancellation.
    `channel` None chooses the preferred one. `due_at` in the future waits until then, for the reason `waits`. `skip` keeps
    the message and why it is not sent. `expires_at` None is the begin of the visit or of the time that is offered.
    """

    kind: Kind
    visit: Appointment | None = None
    version: int | None = None
    offer: WaitlistOffer | None = None
    displaced: DisplacedVisit | None = None
    batch: Batch | None = None
    fact: Fact | None = None
    due_at: dt.datetime | None = None
    waits: Why = Why.UNDO_WINDOW
    urgent: bool = False
    lead_minutes: int | None = None
    channel: Channel | None = None
    instead_of: Message | None = None
    answers: Reply | None = None
    skip: Why | None = None
    expires_at: dt.datetime | None = None

    def __post_init__(self) -> None:
        """Refuse what is about a visit and an offer, or about neither."""
        if (self.visit is None) == (self.offer is None):
            message = "A message tells of a visit or of an offer."
            raise ValueError(message)

    @property
    def patient(self) -> Patient:
        """Whom it is told to; reads the entry of an offer."""
        if self.offer is not None:
            return self.offer.entry.patient
        return self._visit.patient

    @property
    def patient_id(self) -> uuid.UUID:
        """Whom it is told to."""
        return self.offer.entry.patient_id if self.offer is not None else self._visit.patient_id

    @property
    def clinic_id(self) -> uuid.UUID:
        """In whose name."""
        return self.offer.entry.clinic_id if self.offer is not None else self._visit.clinic_id

    @property
    def starts_at(self) -> dt.datetime:
        """The time that is told; a stand-in tells what the other one told, whatever became of the visit since."""
        if self.instead_of is not None and self.instead_of.visit_starts_at is not None:
            return self.instead_of.visit_starts_at
        return self.offer.starts_at if self.offer is not None else self._visit.starts_at

    def ends_at(self, now: dt.datetime) -> dt.datetime:
        """Return until when it is worth sending."""
        if self.expires_at is not None:
            return self.expires_at
        if self.answers is not None:
            return now + _ANSWER_LIFE
        return self.offer.starts_at if self.offer is not None else self._visit.starts_at

    @property
    def step(self) -> Step:
        """What is told once, whatever the channel; on each channel once where a channel is named."""
        if self.offer is not None:
            return (self.offer.pk, self.kind, self.channel)
        if self.answers is not None:
            return (self.answers.pk, self.kind)
        displaced, batch = self.displaced and self.displaced.pk, self.batch and self.batch.pk
        return (self._visit.pk, self.version, self.kind, self.lead_minutes, displaced, batch, self.channel)

    @property
    def _visit(self) -> Appointment:
        if self.visit is None:
            raise TypeError("of an offer, and of no visit")
        return self.visit


def steps_of(message: Message) -> list[Step]:
    """Return the steps that a message tells: on its channel, and on any."""
    if message.offer_id is not None:
        return [(message.offer_id, message.kind, channel) for channel in (None, message.channel)]
    if message.answers_id is not None:
        return [(message.answers_id, message.kind)]
    step = (
        message.visit_id, message.visit_version, message.kind, message.lead_minutes,
        message.displaced_visit_id, message.batch_id,
    )  # fmt: skip
    return [(*step, channel) for channel in (None, message.channel)]
