"""What every end of a displaced visit's row does: its held time is given back, and a question that stood is taken back."""

from django.utils import timezone

from appointments.events import ProposalWithdrawn
from appointments.models import DisplacedVisit, Hold
from appointments.services.sweeping import release
from mediconnect.outbox import publish

State = DisplacedVisit.State


def give_back(row: DisplacedVisit) -> None:
    """Release the time that is held for the row, where there is one."""
    for hold in Hold.objects.filter(displaced_visit=row.pk):
        release(hold)


def close(
    row: DisplacedVisit, state: DisplacedVisit.State, *, answered: bool = False, ran_out: bool = False
) -> DisplacedVisit:
    """Write the state of a row, locked, for which no time is held any more, and return it.

    `answered` is for the patient's own word, `ran_out` for the end that the question itself named. Otherwise whoever was
    asked is told that the question does not stand any more.
    """
    was_asked = row.state == State.ASKED
    give_back(row)
    row.state, row.expires_at = state, None
    if answered:
        row.answered_at = timezone.now()
    row.save(update_fields=["state", "expires_at", "answered_at"])
    if was_asked and not answered and not ran_out:
        publish(ProposalWithdrawn(row.pk), aggregate_id=row.appointment_id)
    return row
