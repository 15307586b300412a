"""What happened to visits and holds: facts in the past tense that carry identifiers alone."""

import uuid
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AppointmentBooked:
    """A visit was booked."""

    appointment_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class AppointmentConfirmed:
    """A visit was confirmed."""

    appointment_id: uuid.UUID
    version: int


@dataclass(frozen=True, slots=True)
class AppointmentMoved:
    """A visit went to another time, provider or room. `version` is the one it now has."""

    appointment_id: uuid.UUID
    version: int


@dataclass(frozen=True, slots=True)
class AppointmentCancelled:
    """A visit was cancelled and its time is free."""

    appointment_id: uuid.UUID
    version: int


@dataclass(frozen=True, slots=True)
class AppointmentAdvanced:
    """A visit took a step of the day's flow: arrived, roomed, started, completed."""

    appointment_id: uuid.UUID
    version: int


@dataclass(frozen=True, slots=True)
class AppointmentMissed:
    """The patient did not come."""

    appointment_id: uuid.UUID
    version: int


@dataclass(frozen=True, slots=True)
class AppointmentStepUndone:
    """The last step of a visit was taken back, a cancellation or no-show included."""

    appointment_id: uuid.UUID
    version: int


@dataclass(frozen=True, slots=True)
class AppointmentNoted:
    """A reason or note of a visit was changed."""

    appointment_id: uuid.UUID
    version: int


@dataclass(frozen=True, slots=True)
class AppointmentPrioritised:
    """A visit became urgent, or routine again."""

    appointment_id: uuid.UUID
    version: int


@dataclass(frozen=True, slots=True)
class HoldPlaced:
    """A time was held."""

    hold_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class HoldReleased:
    """A hold was given back or ran out. The hold is gone; what it kept is named."""

    hold_id: uuid.UUID
    provider_id: uuid.UUID
    appointment_type_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class TimeFreed:
    """A time that was taken is free. Told once nobody can take it back by undo."""

    freed_time_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class OfferMade:
    """Somebody on the waitlist is offered a freed time."""

    offer_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class OfferRanOut:
    """The time to answer an offer is over. Told when it is."""

    offer_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class OfferEnded:
    """An offer ended otherwise than by a yes: said no, ran out, overtaken or taken back."""

    offer_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class ProposalMade:
    """A displaced visit's patient is asked whether the new time, which is held, will do."""

    displaced_visit_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class ProposalRanOut:
    """The time to answer a proposal is over. Told when it is."""

    displaced_visit_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class ProposalWithdrawn:
    """A proposal does not stand any more, and nobody answered it: the absence was taken back, or the desk decided."""

    displaced_visit_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class BatchItemAsked:
    """One visit of many is to be cancelled or moved."""

    item_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class BatchNoteAsked:
    """The patient of one visit of many is to be written to, in the clinic's own words."""

    item_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class TicketGiven:
    """Somebody waits under a number."""

    ticket_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class ProviderRunsLate:
    """A visit will begin so many minutes later than it was told, because its provider runs late."""

    appointment_id: uuid.UUID
    minutes: int


@dataclass(frozen=True, slots=True)
class BatchUndoAsked:
    """One cancellation of many is to be taken back, by somebody who signed in."""

    item_id: uuid.UUID
    by_id: uuid.UUID
