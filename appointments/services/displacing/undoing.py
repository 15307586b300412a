"""Take an absence back that displaced visits, as long as nobody has answered: everything is as it was."""

import uuid
from typing import Final

from django.db.models import QuerySet
from django.utils import timezone

from appointments.errors import AnsweredAlready
from appointments.locks import lock_appointments, lock_displacement, lock_resources
from appointments.models import Appointment, DisplacedVisit, Displacement
from appointments.services.booking import Caller
from mediconnect.errors import NotFound
from mediconnect.resilience.transactions import decide
from mediconnect.telemetry.request_id import current_request_id
from providers.locks import lock_clinic
from providers.models import Closure, TimeOff
from providers.queries.plans import pairs_of_clinic
from providers.services.absences import withdraw_closure, withdraw_time_off

from .restoring import restore_after_absence

State = DisplacedVisit.State

# Somebody's word was given or a visit has moved: what was cancelled, lapsed or called about can still be as it was.
ANSWERS: Final = (State.ACCEPTED, State.MOVED, State.DECLINED)


def undo_displacement(*, displacement_id: uuid.UUID, caller: Caller) -> Displacement:
    """Withdraw the absence, give every held time back, and let each visit stay as it was; return the displacement.

    At every clinic where the absence hit visits, in one transaction. Questions that stand are taken back. A visit whose
    time another absence covers as well keeps its row and what is held for it. Undone already, it is returned as it is. Raises `NotFound`,
    and `AnsweredAlready` once any visit has moved or any patient has answered.
    """
    return decide(
        lambda: _undo(displacement_id),
        actor_id=caller.user_id,
        request_id=current_request_id(),
        fresh_reads=True,
    )


def siblings_of(displacement: Displacement) -> QuerySet[Displacement]:
    """Return what the same absence displaced, at this clinic and at others."""
    return Displacement.objects.filter(time_off=displacement.time_off_id, closure=displacement.closure_id).order_by(
        "pk"
    )


def has_answers(displacement: Displacement) -> bool:
    """Return whether it is too late to undo it: a visit has moved, or somebody has answered."""
    return DisplacedVisit.objects.filter(displacement__in=siblings_of(displacement), state__in=ANSWERS).exists()


def _undo(displacement_id: uuid.UUID) -> Displacement:
    seen = Displacement.objects.filter(pk=displacement_id).first()
    if seen is None:
        raise NotFound
    _lock_absent(seen)
    family = list(siblings_of(seen).values_list("pk", flat=True))
    lock_appointments(DisplacedVisit.objects.filter(displacement__in=family).values_list("appointment_id", flat=True))
    locked = [lock_displacement(pk) for pk in family]
    if any(row.state in ANSWERS for _one, rows in locked for row in rows):
        raise AnsweredAlready
    _withdraw(seen)
    restore_after_absence(time_off_id=seen.time_off_id, closure_id=seen.closure_id)
    for one, _rows in locked:
        if one.undone_at is None:
            one.undone_at = timezone.now()
            one.save(update_fields=["undone_at", "updated_at"])
    return next(one for one, _rows in locked if one.pk == displacement_id)


def _lock_absent(displacement: Displacement) -> None:
    """Lock what the absence took away, in the order in which edits of hours do, and the providers of its visits with it."""
    visits = Appointment.objects.filter(displacements__displacement__in=siblings_of(displacement))
    wanted = {one for pair in visits.values_list("provider_id", "second_provider_id") for one in pair} - {None}
    if displacement.time_off_id is not None:
        wanted.add(TimeOff.objects.values_list("resource_id", flat=True).get(pk=displacement.time_off_id))
    elif displacement.closure_id is not None:
        clinic = Closure.objects.values_list("clinic_id", flat=True).get(pk=displacement.closure_id)
        lock_clinic(clinic)
        wanted |= {resource for resource, _clinic in pairs_of_clinic(clinic)}
    lock_resources(wanted)


def _withdraw(displacement: Displacement) -> None:
    """Withdraw the absence, unless somebody did."""
    if displacement.time_off_id is not None:
        away = TimeOff.objects.get(pk=displacement.time_off_id)
        if not away.cancelled:
            withdraw_time_off(time_off_id=away.pk, version=away.version)
    elif displacement.closure_id is not None:
        closure = Closure.objects.get(pk=displacement.closure_id)
        if not closure.cancelled:
            withdraw_closure(closure_id=closure.pk, version=closure.version)
