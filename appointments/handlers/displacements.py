"""When the time to answer a proposal is over, the held time is free and the visit is on the call list."""

from appointments.events import ProposalRanOut
from appointments.services.displacing import ending


def end_proposal(event: ProposalRanOut) -> None:
    """End the proposal, unless it was answered or is held for longer meanwhile."""
    ending.end_proposal(displaced_visit_id=event.displaced_visit_id)
