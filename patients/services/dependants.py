"""Record and end the right of one patient to act for another."""

import datetime as dt
import uuid

from django.db import IntegrityError, transaction

from mediconnect.errors import Invalid, NotFound
from mediconnect.outbox import publish
from mediconnect.resilience.transactions import constraint
from patients.errors import DependantListed
from patients.events import DependantEnded, DependantRecorded
from patients.locks import lock_dependant, lock_patient
from patients.models import Dependant
from patients.rules.identity import clean_line

from .contacts import touch


@transaction.atomic
def record_dependant(
    *,
    guardian_id: uuid.UUID,
    patient_id: uuid.UUID,
    relationship: str,
    today: dt.date,
    ends_on: dt.date | None = None,
    recorded_by_id: uuid.UUID | None = None,
) -> Dependant:
    """Let the guardian see and book for the patient, up to and including `ends_on`, and return the right.

    A right that had ended is taken up again. Raises `Invalid`, `NotFound`, and `DependantListed` for one that holds.
    """
    if guardian_id == patient_id:
        raise Invalid.field("patient", "Nobody depends on themselves.")
    if ends_on is not None and ends_on < today:
        raise Invalid.field("ends_on", "This day has passed.")
    lock_patient(guardian_id)
    earlier = lock_dependant(guardian_id, patient_id)
    if earlier is not None and (earlier.ends_on is None or earlier.ends_on >= today):
        raise DependantListed
    right = earlier or Dependant(guardian_id=guardian_id, patient_id=patient_id)
    right.relationship = clean_line(relationship, "relationship", longest=40)
    right.ends_on, right.recorded_by_id = ends_on, recorded_by_id
    _save(right)
    touch(guardian_id)
    publish(DependantRecorded(dependant_id=right.pk), aggregate_id=guardian_id)
    return right


def _save(right: Dependant) -> None:
    try:
        with transaction.atomic():
            right.save()
    except IntegrityError as error:
        if constraint(error) == "a_dependant_is_listed_once":
            raise DependantListed from error
        raise


@transaction.atomic
def end_dependant(*, guardian_id: uuid.UUID, patient_id: uuid.UUID, today: dt.date) -> Dependant:
    """End the right now, at once for every later request, and return it; raises `NotFound` where none holds.

    `ends_on` is the last day on which a right holds, so ending it now writes yesterday.
    """
    lock_patient(guardian_id)
    right = lock_dependant(guardian_id, patient_id)
    if right is None or (right.ends_on is not None and right.ends_on < today):
        raise NotFound
    right.ends_on = today - dt.timedelta(days=1)
    right.save(update_fields=["ends_on"])
    touch(guardian_id)
    publish(DependantEnded(dependant_id=right.pk), aggregate_id=guardian_id)
    return right
