"""React to facts about many visits at once: write to the patient of one of them, in the clinic's own words."""

from typing import Final

from django.utils import timezone

from appointments.events import BatchNoteAsked
from appointments.locks import lock_appointment
from appointments.models import Appointment, BatchItem
from appointments.models.status import MOVABLE
from appointments.services.batches.finishing import finish_item
from mediconnect.outbox.models import Fact
from notifications.locks.asked import keep_item
from notifications.models import Kind, State
from notifications.queries.times import times_since
from notifications.services.noting import may_be_written
from notifications.services.telling import Telling
from notifications.services.writing import tell_one

CHANGED: Final = "visit-changed"
WORDS_REFUSED: Final = "words-refused"
"""Codes that an item keeps; one whose patient cannot be reached keeps that of its message."""


def write_note(fact: Fact) -> None:
    """Write the note and tick its item in the same transaction; told again, it is written once.

    An item that was stopped or finished is left alone. It is refused where the visit was changed since it was looked at,
    where the words must not be sent, and where nothing can be sent to the patient.
    """
    item_id = fact.read(BatchNoteAsked).item_id
    visit = lock_appointment(BatchItem.objects.values_list("appointment", flat=True).get(pk=item_id))
    item = keep_item(item_id)
    if item.state != BatchItem.State.WAITING:
        return
    finish_item(item_id=item.pk, refusal=_refusal(item, visit) or _written(fact, item, visit))


def _refusal(item: BatchItem, visit: Appointment) -> str:
    if visit.status not in MOVABLE or visit.starts_at <= timezone.now() or visit.version != item.version:
        return CHANGED
    return "" if may_be_written(item.batch.clinic_id, item.batch.words) else WORDS_REFUSED


def _written(fact: Fact, item: BatchItem, visit: Appointment) -> str:
    """Write the message; return why it will not be sent, if so."""
    message = tell_one(
        Telling(
            kind=Kind.NOTE,
            visit=visit,
            version=times_since([visit])[visit.pk].version,
            batch=item.batch,
            fact=fact,
        )
    )
    return message.reason.replace("_", "-") if message.state == State.SKIPPED else ""
