"""React to facts about visits that time off displaced: propose the new time, and take the proposal back."""

import uuid

from django.utils import timezone

from appointments.events import ProposalMade, ProposalWithdrawn
from appointments.locks import lock_appointment
from appointments.models import DisplacedVisit
from appointments.models.status import MOVABLE
from mediconnect.outbox.models import Fact
from notifications.locks.asked import keep_displaced
from notifications.models import Channel, Kind, Message
from notifications.queries.times import times_since
from notifications.queries.told import told_of
from notifications.rules.asking import why_proposal_is_over
from notifications.services.telling import Telling
from notifications.services.withdrawing import withdraw_asking
from notifications.services.writing import tell_one


def write_proposal(fact: Fact) -> None:
    """Ask whether the new time will do. What was settled meanwhile is kept as a message that was not sent."""
    displaced_id = fact.read(ProposalMade).displaced_visit_id
    visit = lock_appointment(_visit_of(displaced_id))
    displaced = keep_displaced(displaced_id)
    tell_one(
        Telling(
            kind=Kind.PROPOSAL,
            visit=visit,
            version=times_since([visit])[visit.pk].version,
            displaced=displaced,
            fact=fact,
            expires_at=displaced.expires_at,
            skip=why_proposal_is_over(displaced.state, displaced.expires_at, timezone.now()),
        )
    )


def write_proposal_over(fact: Fact) -> None:
    """Take back what is queued; whoever was asked already is told that the visit stays as it was, where it does.

    Where the desk moved or cancelled it, that is told by its own message; where somebody will call, by that call.
    """
    displaced_id = fact.read(ProposalWithdrawn).displaced_visit_id
    visit = lock_appointment(_visit_of(displaced_id))
    displaced = keep_displaced(displaced_id)
    why = why_proposal_is_over(displaced.state, displaced.expires_at, timezone.now())
    if why is None:
        return
    withdraw_asking(Kind.PROPOSAL, why, displaced_id=displaced.pk)
    stays = visit.status in MOVABLE and visit.starts_at == displaced.was_starts_at
    asked = told_of(Message.objects.filter(kind=Kind.PROPOSAL, displaced_visit=displaced))
    if displaced.state == DisplacedVisit.State.RESTORED and stays and asked is not None:
        tell_one(
            Telling(
                kind=Kind.PROPOSAL_OVER,
                visit=visit,
                version=times_since([visit])[visit.pk].version,
                displaced=displaced,
                fact=fact,
                channel=Channel(asked.channel),
            )
        )


def _visit_of(displaced_id: uuid.UUID) -> uuid.UUID:
    visit: uuid.UUID = DisplacedVisit.objects.values_list("appointment", flat=True).get(pk=displaced_id)
    return visit
