"""When the time to answer a proposal is over, or closed time is open again, the visits concerned follow."""

from django.db import transaction

from appointments.events import ProposalRanOut
from appointments.services.displacing import ending, restoring
from mediconnect.outbox.models import Fact
from providers.events import ClosureChanged, HoursChanged, TimeOffChanged


def end_proposal(fact: Fact) -> None:
    """End the proposal, unless it was answered or is held for longer meanwhile."""
    ending.end_proposal(displaced_visit_id=fact.read(ProposalRanOut).displaced_visit_id)


def restore_after_time_off(fact: Fact) -> None:
    """Let the visits that the time off displaced stay as they were, where it leaves their time open again."""
    with transaction.atomic():
        restoring.restore_after_absence(time_off_id=fact.read(TimeOffChanged).time_off_id)


def restore_after_closure(fact: Fact) -> None:
    """Let the visits that the closure displaced stay as they were, where it leaves their time open again."""
    with transaction.atomic():
        restoring.restore_after_absence(closure_id=fact.read(ClosureChanged).closure_id)


def restore_after_hours(fact: Fact) -> None:
    """Let displaced visits stay as they were, where new hours lie over their time."""
    event = fact.read(HoursChanged)
    with transaction.atomic():
        restoring.restore_after_hours(resource_id=event.resource_id, clinic_id=event.clinic_id)
