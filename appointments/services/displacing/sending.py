"""Ask the patients whether the times that are held for their visits will do; or move the visits, where the clinic says so."""

import uuid
from collections.abc import Sequence

from django.db.models.functions import Now
from django.utils import timezone

from appointments.errors import ProposalOver
from appointments.events import ProposalMade, ProposalRanOut
from appointments.locks import lock_appointments, lock_displacement, lock_patient_of, lock_resources
from appointments.models import Appointment, DisplacedVisit, Displacement, Hold
from appointments.models.status import MOVABLE
from appointments.services.booking import Caller
from appointments.services.moving import occupied_by
from mediconnect.errors import DomainError
from mediconnect.outbox import publish
from mediconnect.resilience.transactions import Restart, decide
from mediconnect.telemetry.request_id import current_request_id

from .answering import kept_by, moved_into, terms_for
from .closing import close
from .keeping import renewed, until

State = DisplacedVisit.State


def send_proposals(*, displacement_id: uuid.UUID, caller: Caller) -> Displacement:
    """Ask about every time that is held and not asked about yet, and return the displacement.

    From now the patients have as many hours to answer as the displacement says. Where it moves without asking, the visits
    are moved instead, and told as every move is; whichever cannot be (the patient is elsewhere then) is to be called. Held
    times that have run out are for the call list as well. Can be done again for times that were chosen later. Raises
    `NotFound`, and `ProposalOver` where nothing is waiting to be sent.
    """
    return decide(lambda: _send(displacement_id), actor_id=caller.user_id, request_id=current_request_id())


def _send(displacement_id: uuid.UUID) -> Displacement:
    waiting = DisplacedVisit.objects.filter(displacement=displacement_id, state=State.PROPOSED)
    seen = list(waiting.select_related("appointment"))
    holds = list(Hold.objects.filter(displaced_visit__in=[row.pk for row in seen]))
    locked = set().union(*(kept_by(hold) for hold in holds), *(occupied_by(row.appointment) for row in seen))
    lock_resources(locked)
    for row in sorted(seen, key=lambda row: row.appointment.patient_id):
        lock_patient_of(row.appointment, retired_too=True)
    visits = {visit.pk: visit for visit in lock_appointments(row.appointment_id for row in seen)}
    displacement, rows = lock_displacement(displacement_id)
    due = [row for row in rows if row.state == State.PROPOSED]
    if not due:
        raise ProposalOver("Nothing is waiting to be sent.")
    if any(row.appointment_id not in visits for row in due):
        raise Restart  # a time was chosen between the look and the lock
    kept = {
        hold.displaced_visit_id: hold
        for hold in Hold.objects.filter(displaced_visit__in=[row.pk for row in due], expires_at__gt=Now())
    }
    lost = [row for row in due if row.pk not in kept]
    for row in lost:
        close(row, State.TO_CALL)
    held = [(row, kept[row.pk]) for row in due if row.pk in kept]
    if displacement.moves_without_asking:
        for row, hold in held:
            _move(row, hold, visits[row.appointment_id])
    else:
        _ask(held, displacement)
    if displacement.sent_at is None:
        displacement.sent_at = timezone.now()
        displacement.save(update_fields=["sent_at", "updated_at"])
    return displacement


def _ask(held: Sequence[tuple[DisplacedVisit, Hold]], displacement: Displacement) -> None:
    """Let the time to answer begin now, in the rows and in the holds, and say so."""
    now = timezone.now()
    for row, hold in held:
        row.state, row.expires_at = State.ASKED, until(hold.starts_at, displacement.answer_hours, now)
    DisplacedVisit.objects.bulk_update([row for row, _ in held], ["state", "expires_at"])
    # A claim carries its own end, written with the hold: both are made anew, under the locks of all that they keep.
    Hold.objects.filter(pk__in=[hold.pk for _, hold in held]).delete()
    Hold.objects.bulk_create([renewed(hold, row) for row, hold in held])
    for row, _hold in held:
        publish(ProposalMade(row.pk), aggregate_id=row.appointment_id)
        assert row.expires_at is not None  # noqa: S101  # set above
        after = max((row.expires_at - now).total_seconds(), 0)
        publish(ProposalRanOut(row.pk), aggregate_id=row.appointment_id, after=after)


def _move(row: DisplacedVisit, hold: Hold, visit: Appointment) -> None:
    """Move the visit into the time that is held for it; where that cannot be, it is to be called."""
    if visit.status not in MOVABLE:
        return  # on its way to be closed by whoever changed it
    try:
        moved_into(hold, visit, row, terms_for(hold), State.MOVED)
    except DomainError:
        visit.refresh_from_db()
        row.refresh_from_db()
        close(row, State.TO_CALL)
