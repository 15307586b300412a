"""Join the waitlist: one wish of a patient for a type of visit, kept in the order of joining."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone

from appointments.errors import AlreadyWaiting
from appointments.locks import lock_patient
from appointments.models import Source, WaitlistEntry
from appointments.services.booking import Caller
from mediconnect.errors import NotFound
from mediconnect.resilience.transactions import constraint, decide
from mediconnect.telemetry.request_id import current_request_id
from patients.services.registration import ensure_registered
from providers.models import AppointmentType

from .leaving import OPEN
from .wishing import check_wish


@dataclass(frozen=True, slots=True)
class Wishing:
    """What somebody wishes for. Days and hours are the clinic's own clock; empty means any.

    Without `from_date` the wish begins today. With `appointment_id` it is that visit which would come sooner. `priority` is
    one of `WaitlistEntry.Priority`, `source` one of `Source`. `clinic_id`, where given, must be the type's.
    """

    patient_id: uuid.UUID
    appointment_type_id: uuid.UUID
    until_date: dt.date
    from_date: dt.date | None = None
    clinic_id: uuid.UUID | None = None
    providers: Sequence[uuid.UUID] = ()
    weekdays: Sequence[int] = ()
    earliest_time: dt.time | None = None
    latest_time: dt.time | None = None
    notice_minutes: int = 120
    appointment_id: uuid.UUID | None = None
    priority: int = WaitlistEntry.Priority.ROUTINE
    source: str = Source.STAFF
    note: str = ""


def join_waitlist(wish: Wishing, *, caller: Caller) -> WaitlistEntry:
    """Return the new wish, at the end of the line. What is open and would suit is offered within a minute.

    Raises `NotFound` for a type or patient that is not there, `Invalid` by field, `WishPast`, `NothingSooner`,
    `AlreadyWaiting` (with the `entry`) where the patient waits for this type, and for patients who join alone
    `NotBookableOnline`, `TooFar`, and `NotPermitted` for a priority or note.
    """

    def work() -> WaitlistEntry:
        kind = _kind(wish)
        lock_patient(wish.patient_id)
        entry = _entry(wish, kind, caller)
        check_wish(entry, caller=caller, changed={"providers", "priority", "note"})
        try:
            with transaction.atomic():
                ensure_registered(patient_id=wish.patient_id, clinic_id=kind.clinic_id)
                entry.save(force_insert=True)
        except IntegrityError as error:
            if constraint(error) == "a_patient_waits_once_for_a_type":
                raise AlreadyWaiting(entry=_present(wish)) from error
            raise
        return entry

    return decide(work, actor_id=caller.user_id, request_id=current_request_id())


def _kind(wish: Wishing) -> AppointmentType:
    found = AppointmentType.objects.select_related("clinic").filter(
        pk=wish.appointment_type_id, active=True, clinic__active=True
    )
    kind = found.first()
    if kind is None or wish.clinic_id not in {None, kind.clinic_id}:
        raise NotFound("There is no such type of visit.")
    return kind


def _entry(wish: Wishing, kind: AppointmentType, caller: Caller) -> WaitlistEntry:
    now = timezone.now()
    return WaitlistEntry(
        clinic=kind.clinic,
        appointment_type=kind,
        patient_id=wish.patient_id,
        providers=sorted(set(wish.providers)),
        weekdays=sorted(set(wish.weekdays)),
        earliest_time=wish.earliest_time,
        latest_time=wish.latest_time,
        from_date=wish.from_date or now.astimezone(kind.clinic.zone).date(),
        until_date=wish.until_date,
        notice_minutes=wish.notice_minutes,
        appointment_id=wish.appointment_id,
        priority=wish.priority,
        source=wish.source,
        note=wish.note,
        joined_at=now,
        created_by_id=caller.user_id,
    )


def _present(wish: Wishing) -> str | None:
    found = WaitlistEntry.objects.filter(
        patient=wish.patient_id, appointment_type=wish.appointment_type_id, state__in=OPEN
    )
    pk = found.values_list("pk", flat=True).first()
    return str(pk) if pk else None
