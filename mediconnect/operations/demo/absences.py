"""Write a provider's day off over booked visits: asked, one said yes, one said no, and the others have not answered yet."""

import datetime as dt
import uuid
from collections import Counter
from typing import Final

from django.utils import timezone

from appointments.models import Appointment, DisplacedVisit, Displacement
from appointments.models.status import MOVABLE
from appointments.queries.displacing.hits import Away
from appointments.queries.displacing.search import Ways
from appointments.services.booking import Caller
from appointments.services.displacing.answering import accept_proposal, decline_proposal
from appointments.services.displacing.entering import displace
from appointments.services.displacing.sending import send_proposals
from providers.models import Clinic
from providers.rules.clock import days_as_span

from .cast import identifier

# Far enough for answers to be on their way, near enough to be looked at; a week has a working day among these.
_DAYS: Final = (3, 4, 5, 6)
_ANSWER_HOURS: Final = 48


def write_absence(clinic: Clinic, *, now: dt.datetime) -> None:
    """Let whoever has most visits on a day of this week be away then. Writes nothing where somebody's visits were displaced."""
    if Displacement.objects.filter(clinic=clinic).exists():
        return
    found = _busiest(clinic, max(now, timezone.now()))
    if found is None:
        return
    provider, (start, end) = found
    desk = Caller(identifier("user", "frontdesk"), patients_own=False)
    away = Away(clinic.pk, provider, start, end, "Training")
    for displacement in displace(away, Ways(answer_hours=_ANSWER_HOURS), caller=desk).displacements:
        if displacement.visits.filter(state=DisplacedVisit.State.PROPOSED).exists():
            send_proposals(displacement_id=displacement.pk, caller=desk)
        asked = displacement.visits.filter(state=DisplacedVisit.State.ASKED).order_by("was_starts_at")
        answers = list(asked.values_list("pk", flat=True)[:2])
        for row in answers[:1]:
            accept_proposal(displaced_visit_id=row, caller=desk)
        for row in answers[1:]:
            decline_proposal(displaced_visit_id=row, caller=desk)


def _busiest(clinic: Clinic, now: dt.datetime) -> tuple[uuid.UUID, tuple[dt.datetime, dt.datetime]] | None:
    """Return who has most visits on one of these days, and from when to when that day lasts."""
    today = now.astimezone(clinic.zone).date()
    for ahead in _DAYS:
        day = today + dt.timedelta(days=ahead)
        span = days_as_span(day, day, clinic.zone)
        visits = Appointment.objects.filter(
            clinic=clinic, status__in=MOVABLE, session=None, starts_at__gte=span[0], starts_at__lt=span[1]
        )
        counted = Counter(visits.values_list("provider_id", flat=True))
        if counted:
            most = max(counted.values())
            return min(pk for pk, count in counted.items() if count == most), span
    return None
