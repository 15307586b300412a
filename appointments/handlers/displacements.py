"""When the time to answer a proposal is over, or closed time is open again, the visits concerned follow."""

from django.db import transaction

from appointments.events import ProposalRanOut
from appointments.services.displacing import ending, restoring
from providers.events import ClosureChanged, HoursChanged, TimeOffChanged


def end_proposal(event: ProposalRanOut) -> None:
    """End the proposal, unless it was answered or is held for longer meanwhile."""
    ending.end_proposal(displaced_visit_id=event.displaced_visit_id)


def restore_after_time_off(event: TimeOffChanged) -> None:
    """Let the visits that the time off displaced stay as they were, where it leaves their time open again."""
    with transaction.atomic():
        restoring.restore_after_absence(time_off_id=event.time_off_id)


def restore_after_closure(event: ClosureChanged) -> None:
    """Let the visits that the closure displaced stay as they were, where it leaves their time open again."""
    with transaction.atomic():
        restoring.restore_after_absence(closure_id=event.closure_id)


def restore_after_hours(event: HoursChanged) -> None:
    """Let displaced visits stay as they were, where new hours lie over their time."""
    with transaction.atomic():
        restoring.restore_after_hours(resource_id=event.resource_id, clinic_id=event.clinic_id)
