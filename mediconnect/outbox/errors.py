"""What can be wrong with a fact or its delivery."""

from mediconnect.errors import DomainError


class UnpublishableEvent(TypeError):
    """The event's class is no frozen dataclass, or a field could carry more than an id. A programmer's mistake."""


class Undeliverable(Exception):
    """No attempt can succeed in this release, so none is repeated: the delivery is dead until somebody looks."""


class UnreadableFact(Undeliverable):
    """The stored arguments do not fit the event's fields: written by another release, or by hand."""


class UnknownFact(Undeliverable):
    """No event of this name, or no such handler, is wired: it left, or a later release published the fact."""


class DeliveryNotDead(DomainError):
    """Only a dead delivery can be queued again; any other is still on its way or has arrived."""

    code = "delivery-not-dead"
    status = 409
    title = "Delivery not dead"
    sentence = "This delivery is not dead, so there is nothing to queue again."
