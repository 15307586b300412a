"""What can be wrong with a fact or its delivery."""

from mediconnect.errors import DomainError


class UnpublishableEvent(TypeError):
    """The event's class is no frozen dataclass, or a field could carry more than an id. A programmer's mistake."""


class UnreadableFact(ValueError):
    """The stored arguments do not fit the event's fields: written by another release, or by hand."""


class UnknownFact(LookupError):
    """No event of this name is wired: its listener left, or a later release published it."""


class DeliveryNotDead(DomainError):
    """Only a dead delivery can be queued again; any other is still on its way or has arrived."""

    code = "delivery-not-dead"
    status = 409
    title = "Delivery not dead"
    sentence = "This delivery is not dead, so there is nothing to queue again."
