"""Open a link: which visits its message told of, and what they allow now."""

import datetime as dt
import enum
import uuid
from dataclasses import dataclass
from typing import Final

from django.utils import timezone

from appointments.models import Appointment, DisplacedVisit, Status, WaitlistOffer
from appointments.models.status import CLAIMING, MOVABLE
from appointments.queries.policy import hours_to_cancel, hours_to_move
from appointments.services.undoing import UNDO_CANCELLATION
from mediconnect.records.models import Change
from notifications.errors import LinkUnknown
from notifications.models import Kind, Message
from notifications.queries.told import times_told
from patients.models import Patient
from providers.models import Clinic

from .minting import link_hash

# The reason that the history keeps beside what a link's holder did.
BY_LINK: Final = "by link"


class Standing(enum.StrEnum):
    """What became of a visit since the message told its time."""

    OPEN = "open"  # still to come at that time
    BEGUN = "begun"  # at that time, and it is no longer to come: only to be seen
    REVOKED = "revoked"  # moved, cancelled or missed since


@dataclass(frozen=True, slots=True)
class Told:
    """A visit that a message told of: its number on the page, the visit as it is now, and the time that was told."""

    number: int
    visit: Appointment
    starts_at: dt.datetime
    now: dt.datetime

    @property
    def standing(self) -> Standing:
        """Whether the time that was told still holds. A confirmation raises the version, so times are compared."""
        if self.visit.starts_at != self.starts_at or self.visit.status not in CLAIMING:
            return Standing.REVOKED
        return Standing.OPEN if self.now < self.starts_at and self.visit.status in MOVABLE else Standing.BEGUN

    @property
    def is_confirmed(self) -> bool:
        """Whether somebody said that the patient will come at the time that was told."""
        return self.visit.status == Status.CONFIRMED and self.visit.starts_at == self.starts_at

    @property
    def cancellable(self) -> bool:
        """Whether the cut-off, the type's or the clinic's, still lets a patient cancel."""
        return self._before(hours_to_cancel(self.visit))

    @property
    def movable(self) -> bool:
        """Whether the cut-off, the type's or the clinic's, still lets a patient move the visit, and its type is booked online at all."""
        return self._before(hours_to_move(self.visit)) and self.visit.appointment_type.bookable_online

    def _before(self, hours: int) -> bool:
        return self.standing is Standing.OPEN and self.now <= self.visit.starts_at - dt.timedelta(hours=hours)

    @property
    def undo_until(self) -> dt.datetime | None:
        """Until when a cancellation by this way may be taken back; None where there is none, or somebody else's."""
        if self.visit.status != Status.CANCELLED or self.visit.starts_at != self.starts_at:
            return None
        last = Change.objects.of(self.visit).filter(after__has_key="status").last()
        if last is None or last.reason != BY_LINK or self.now - last.at > UNDO_CANCELLATION:
            return None
        return last.at + UNDO_CANCELLATION

    def moved_by_link_since(self, moment: dt.datetime) -> bool:
        """Whether it was by this way, and after that moment, that the visit got the time that it has now."""
        if self.visit.starts_at == self.starts_at or self.visit.status not in MOVABLE:
            return False
        last = Change.objects.of(self.visit).filter(after__has_key="starts_at").last()
        return last is not None and last.reason == BY_LINK and last.at > moment


@dataclass(frozen=True, slots=True)
class Opened:
    """A link that leads somewhere: its message, the clinic, and the visits, in order of the times that were told.

    That of an offer has an `offer` and no visits, that of a proposal the `proposal` and the visit that it would move.
    """

    message: Message
    clinic: Clinic
    visits: tuple[Told, ...]
    hash: str
    offer: WaitlistOffer | None = None
    proposal: DisplacedVisit | None = None

    def told(self, number: int) -> Told:
        """Return the visit of this number on the page; raises `LinkUnknown`."""
        for told in self.visits:
            if told.number == number:
                return told
        raise LinkUnknown

    @property
    def patients(self) -> dict[int, Patient]:
        """Whose each number on the page is: a family that shares a phone may be told of several visits in one message."""
        if self.offer is not None:
            return {1: self.offer.entry.patient}
        return {told.number: told.visit.patient for told in self.visits}

    @property
    def asks(self) -> bool:
        """Whether the message asked for an answer to an offer or a proposal, whatever became of it."""
        return self.offer is not None or self.proposal is not None

    @property
    def anything_to_see(self) -> bool:
        """Whether what was told still holds of anything."""
        return self.asks or any(told.standing is not Standing.REVOKED for told in self.visits)


def message_of(token: str) -> Message | None:
    """Return the message in which this token stands, however old it is, or None."""
    return Message.objects.filter(link_hash=link_hash(token), clinic__isnull=False).first()


def open_link(token: str, *, now: dt.datetime | None = None) -> Opened:
    """Return what a link leads to. Raises `LinkUnknown` for one that never was, and for one whose day is over.

    A link may be looked at until the end of the day (by the clinic's clock) of the last visit that it told of; what may be
    done to a visit ends when it begins. `Told.standing` says where a newer message has taken this one's place.
    """
    now = now or timezone.now()
    message = message_of(token)
    if message is not None and message.offer_id is not None:
        return _open_offer(message, message.offer_id, token, now)
    times = times_told(message) if message else {}
    found = Appointment.objects.select_related("clinic", "provider", "appointment_type", "patient").filter(pk__in=times)
    visits = sorted(found, key=lambda visit: (times[visit.pk], visit.pk))
    proposal = _proposal_of(message) if message else None
    last = proposal.proposed_starts_at if proposal else None
    if (
        message is None
        or not visits
        or all(_is_over(visit.clinic, max(times[visit.pk], last or times[visit.pk]), now) for visit in visits)
    ):
        raise LinkUnknown
    told = tuple(Told(number, visit, times[visit.pk], now) for number, visit in enumerate(visits, 1))
    return Opened(message, visits[0].clinic, told, link_hash(token), proposal=proposal)


def _open_offer(message: Message, offer_id: uuid.UUID, token: str, now: dt.datetime) -> Opened:
    related = ("entry__clinic", "entry__patient", "entry__appointment", "provider", "appointment")
    offer = WaitlistOffer.objects.select_related(*related).get(pk=offer_id)
    if _is_over(offer.entry.clinic, offer.starts_at, now):
        raise LinkUnknown
    return Opened(message, offer.entry.clinic, (), link_hash(token), offer=offer)


def _proposal_of(message: Message) -> DisplacedVisit | None:
    if message.kind != Kind.PROPOSAL or message.displaced_visit_id is None:
        return None
    rows = DisplacedVisit.objects.select_related("proposed_provider", "appointment")
    return rows.get(pk=message.displaced_visit_id)


def _is_over(clinic: Clinic, told: dt.datetime, now: dt.datetime) -> bool:
    return now.astimezone(clinic.zone).date() > told.astimezone(clinic.zone).date()
