"""Who may do what about displaced visits, and what every write here begins and ends with."""

import uuid

from appointments.models import DisplacedVisit
from mediconnect.errors import NotPermitted
from mediconnect.portal.desk import Desk
from mediconnect.portal.hours.reading import provider_at
from providers.models import Provider


def may_enter(desk: Desk, provider_id: uuid.UUID) -> Provider:
    """Return a provider whose absence the person may enter: any for the desk, which takes the call, and the own one.

    Raises `NotFound`, and `NotPermitted` for somebody else's calendar.
    """
    provider, _role = provider_at(desk, provider_id)
    if not desk.may_book(provider_id):
        raise NotPermitted
    return provider


def may_decide(desk: Desk, row: DisplacedVisit) -> None:
    """Raise `NotPermitted` unless the person may move this visit."""
    if not desk.may_book(row.appointment.provider_id):
        raise NotPermitted
