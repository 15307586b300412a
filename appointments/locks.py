"""The only place that locks: resources by pk, the patient, the visit, a freed time, wishes. See docs/locking.md.

The lock forms a queue, so that fifty people after one time wait in line instead of deadlocking on each other's claims
(reliability.md, T20). It never updates the row it locks (T19), and foreign key checks of others pass it by (no_key).
"""

import uuid
from collections.abc import Iterable, Sequence

from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from mediconnect.errors import NotFound
from mediconnect.resilience.transactions import Restart
from patients.errors import Merged
from patients.models import Patient
from providers.models import OverbookingBudget, Resource

from .models import (
    Appointment,
    Batch,
    BatchItem,
    CallScreen,
    DisplacedVisit,
    Displacement,
    FreedTime,
    Hold,
    Series,
    WaitlistEntry,
    WaitlistOffer,
)


def lock_resources(resources: Iterable[uuid.UUID]) -> None:
    """Queue for the resources in pk order, whatever order they are named in. Needs an open transaction."""
    wanted = Resource.objects.filter(pk__in=sorted(set(resources)))
    list(wanted.order_by("pk").select_for_update(no_key=True, of=("self",)).values_list("pk"))


def lock_patient(patient_id: uuid.UUID, *, retired_too: bool = False) -> None:
    """Queue for the patient. Raises `NotFound` if there is none, or none that is active, unless `retired_too`.

    Raises `Merged` for a record that became part of another one.
    """
    wanted = Patient.objects.filter(pk=patient_id).select_for_update(no_key=True, of=("self",))
    found = wanted.values_list("active", "merged_into_id").first()
    active, merged_into = found or (False, None)
    if merged_into is not None:
        raise Merged(merged_into=merged_into)
    if found is None or not (active or retired_too):
        raise NotFound("There is no such patient.")


def lock_patient_of(seen: Appointment | Series | WaitlistEntry, *, retired_too: bool = False) -> None:
    """Queue for the patient of a visit, series or wish that was looked at without a lock; raises `NotFound` as `lock_patient` does.

    Raises `Restart` where the record became part of another one since the look: then the visit is that one's.
    """
    try:
        lock_patient(seen.patient_id, retired_too=retired_too)
    except Merged as gone:
        raise Restart from gone


def lock_appointment(appointment_id: uuid.UUID) -> Appointment:
    """Lock the visit and return it as it is now, with its clinic. Raises `NotFound`."""
    wanted = Appointment.objects.select_related("clinic").filter(pk=appointment_id)
    visit = wanted.select_for_update(no_key=True, of=("self",)).first()
    if visit is None:
        raise NotFound
    return visit


def lock_appointments(visits: Iterable[uuid.UUID]) -> list[Appointment]:
    """Lock the visits in pk order, whatever order they are named in, and return them as they are now."""
    wanted = Appointment.objects.filter(pk__in=sorted(set(visits))).order_by("pk")
    return list(wanted.select_for_update(no_key=True, of=("self",)))


def lock_series(series_id: uuid.UUID) -> Series:
    """Lock the series, before any of its visits, and return it as it is now. Raises `NotFound`."""
    series = Series.objects.filter(pk=series_id).select_for_update(no_key=True, of=("self",)).first()
    if series is None:
        raise NotFound
    return series


def lock_displaced(displaced_visit_id: uuid.UUID) -> DisplacedVisit:
    """Lock what is done about one displaced visit, after the visit itself, and return it. Raises `NotFound`."""
    wanted = DisplacedVisit.objects.select_related("displacement").filter(pk=displaced_visit_id)
    row = wanted.select_for_update(no_key=True, of=("self",)).first()
    if row is None:
        raise NotFound
    return row


def lock_rows_of(visit: Appointment) -> list[DisplacedVisit]:
    """Lock what is or was done about a visit that time off displaced, the visit itself being locked; the latest first."""
    wanted = DisplacedVisit.objects.filter(appointment=visit.pk).order_by("-created_at", "-id")
    return list(wanted.select_for_update(no_key=True, of=("self",)))


def lock_displacement(displacement_id: uuid.UUID) -> tuple[Displacement, list[DisplacedVisit]]:
    """Lock a displacement and what is done about each of its visits, after the visits themselves. Raises `NotFound`."""
    wanted = Displacement.objects.filter(pk=displacement_id)
    found = wanted.select_for_update(no_key=True, of=("self",)).first()
    if found is None:
        raise NotFound
    rows = DisplacedVisit.objects.filter(displacement=displacement_id).order_by("pk")
    return found, list(rows.select_for_update(no_key=True, of=("self",)))


def lock_budgets(clinic_id: uuid.UUID) -> bool:
    """Queue with whoever else overrides a rule in this clinic, last of all locks; return whether it has budgets at all."""
    budgets = OverbookingBudget.objects.filter(clinic=clinic_id).order_by("pk")
    return bool(budgets.select_for_update(no_key=True).values_list("pk"))


def lock_freed_time(freed_time_id: uuid.UUID) -> FreedTime:
    """Lock a freed time, after resources, patient and visit, and return it as it is now. Raises `NotFound`.

    Whoever changes an offer holds its freed time, so that one who holds it sees its offers stand still.
    """
    freed = FreedTime.objects.filter(pk=freed_time_id).select_for_update(no_key=True, of=("self",)).first()
    if freed is None:
        raise NotFound
    return freed


def lock_freed_times_of(appointment_id: uuid.UUID) -> list[FreedTime]:
    """Lock the open times that a visit gave back, the visit itself being locked, in pk order."""
    wanted = FreedTime.objects.filter(appointment=appointment_id, state=FreedTime.State.OPEN).order_by("pk")
    return list(wanted.select_for_update(no_key=True, of=("self",)))


def lock_entry(entry_id: uuid.UUID) -> WaitlistEntry:
    """Lock a wish, after what it may be offered, and return it as it is now, with its clinic. Raises `NotFound`."""
    wanted = WaitlistEntry.objects.select_related("clinic").filter(pk=entry_id)
    entry = wanted.select_for_update(no_key=True, of=("self",)).first()
    if entry is None:
        raise NotFound
    return entry


def lock_entries(entries: Iterable[uuid.UUID]) -> dict[uuid.UUID, WaitlistEntry]:
    """Lock the wishes in pk order, after what they are offered, and return them as they are now."""
    wanted = WaitlistEntry.objects.filter(pk__in=sorted(set(entries))).order_by("pk")
    return {entry.pk: entry for entry in wanted.select_for_update(no_key=True, of=("self",))}


def lock_waiting(entries: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    """Lock those of the wishes that still wait, passing by what somebody else is at work on, and return which."""
    wanted = WaitlistEntry.objects.filter(pk__in=entries, state=WaitlistEntry.State.WAITING).order_by("pk")
    return set(wanted.select_for_update(no_key=True, of=("self",), skip_locked=True).values_list("pk", flat=True))


def lock_screens(clinic_id: uuid.UUID) -> bool:
    """Queue with whoever else gives a number in this clinic, last of all locks; return whether it has a screen at all."""
    screens = CallScreen.objects.filter(clinic=clinic_id, revoked_at=None).order_by("pk")
    return bool(screens.select_for_update(no_key=True, of=("self",)).values_list("pk"))


def lock_screen(screen_id: uuid.UUID, *, clinic_id: uuid.UUID) -> CallScreen:
    """Lock a call screen of the clinic and return it, open or revoked. Raises `NotFound`."""
    wanted = CallScreen.objects.filter(pk=screen_id, clinic=clinic_id)
    screen = wanted.select_for_update(no_key=True, of=("self",)).first()
    if screen is None:
        raise NotFound("There is no such screen.")
    return screen


def lock_hold(hold_id: uuid.UUID, *, held_by: uuid.UUID) -> Hold:
    """Lock the caller's own hold and return it. Raises `NotFound` for one that is not, is gone, or has run out."""
    live = Hold.objects.filter(pk=hold_id, held_by=held_by, expires_at__gt=Now())
    hold = live.select_for_update(of=("self",)).first()
    if hold is None:
        raise NotFound("There is no such hold.")
    return hold


def lock_lapsed(holds: Sequence[uuid.UUID]) -> list[Hold]:
    """Lock those of the holds that have run out, passing by what somebody else is at work on, and return them."""
    lapsed = Hold.objects.filter(pk__in=holds, expires_at__lte=Now()).order_by("pk")
    return list(lapsed.select_for_update(of=("self",), skip_locked=True))


def lock_orphans(limit: int) -> list[Hold]:
    """Lock holds of freed times that nobody is asked for, so many at most, passing by what somebody else is at work on."""
    asked = WaitlistOffer.objects.filter(freed_time=OuterRef("freed_time"), state=WaitlistOffer.State.OFFERED)
    orphans = Hold.objects.filter(~Exists(asked), freed_time__isnull=False).order_by("pk")
    return list(orphans.select_for_update(of=("self",), skip_locked=True)[:limit])


def lock_batch(batch_id: uuid.UUID, *, clinic_id: uuid.UUID) -> Batch:
    """Lock the clinic's batch and return it. Raises `NotFound`. Comes before its items, and those before all else."""
    batch = Batch.objects.filter(pk=batch_id, clinic=clinic_id).select_for_update(no_key=True, of=("self",)).first()
    if batch is None:
        raise NotFound
    return batch


def lock_item(item_id: uuid.UUID) -> BatchItem | None:
    """Lock one visit's item of a batch and return it with the batch; None where there is none."""
    wanted = BatchItem.objects.select_related("batch").filter(pk=item_id)
    return wanted.select_for_update(no_key=True, of=("self",)).first()
