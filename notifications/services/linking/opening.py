"""Open a link: which visits its message told of, and what they allow now."""

import datetime as dt
import enum
import uuid
from dataclasses import dataclass
from typing import Final

from django.utils import timezone

from appointments.models import Appointment, Status
from appointments.models.status import CLAIMING, MOVABLE
from appointments.queries.policy import hours_to_cancel, hours_to_move
from appointments.services.undoing import UNDO_CANCELLATION
from mediconnect.records.models import Change
from notifications.errors import LinkUnknown
from notifications.models import Message
from notifications.queries.told import times_told
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
    """A link that leads somewhere: its message, the clinic, and the visits, in order of the times that were told."""

    message: Message
    clinic: Clinic
    visits: tuple[Told, ...]
    hash: str

    def told(self, number: int) -> Told:
        """Return the visit of this number on the page; raises `LinkUnknown`."""
        for told in self.visits:
            if told.number == number:
                return told
        raise LinkUnknown

    @property
    def patient_ids(self) -> set[uuid.UUID]:
        """Whose visits these are: a family that shares a phone may be told of several in one message."""
        return {told.visit.patient_id for told in self.visits}


def message_of(token: str) -> Message | None:
    """Return the message in which this token stands, however old it is, or None."""
    return Message.objects.filter(link_hash=link_hash(token), visit__isnull=False).first()


def open_link(token: str, *, now: dt.datetime | None = None) -> Opened:
    """Return what a link leads to. Raises `LinkUnknown` for one that never was, and for one whose day is over.

    A link may be looked at until the end of the day (by the clinic's clock) of the last visit that it told of; what may be
    done to a visit ends when it begins. `Told.standing` says where a newer message has taken this one's place.
    """
    now = now or timezone.now()
    message = message_of(token)
    times = times_told(message) if message else {}
    found = Appointment.objects.select_related("clinic", "provider", "appointment_type", "patient").filter(pk__in=times)
    visits = sorted(found, key=lambda visit: (times[visit.pk], visit.pk))
    if message is None or not visits or all(_is_over(visit, times[visit.pk], now) for visit in visits):
        raise LinkUnknown
    told = tuple(Told(number, visit, times[visit.pk], now) for number, visit in enumerate(visits, 1))
    return Opened(message, visits[0].clinic, told, link_hash(token))


def _is_over(visit: Appointment, told: dt.datetime, now: dt.datetime) -> bool:
    zone = visit.clinic.zone
    return now.astimezone(zone).date() > told.astimezone(zone).date()
