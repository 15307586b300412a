"""The end of a proposal that nobody answered: the time is free again, and the visit is on the call list."""

import uuid
from typing import Final

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from appointments.locks import lock_appointment, lock_displaced
from appointments.models import DisplacedVisit

from .closing import close

State = DisplacedVisit.State
BATCH: Final = 200


def end_proposal(*, displaced_visit_id: uuid.UUID) -> DisplacedVisit | None:
    """End a held time whose time to answer is over, and return the row; None where there was nothing to end.

    Whoever was asked and said nothing is lapsed; what was held and never sent is to be called. May be told twice.
    """
    with transaction.atomic():
        seen = DisplacedVisit.objects.filter(pk=displaced_visit_id).values_list("appointment_id", flat=True).first()
        if seen is None:
            return None
        lock_appointment(seen)
        row = lock_displaced(displaced_visit_id)
        if not DisplacedVisit.objects.filter(_due(), pk=row.pk).exists():
            return None
        return close(row, State.LAPSED if row.state == State.ASKED else State.TO_CALL, ran_out=True)


def sweep_proposals() -> int:
    """End every held time whose time to answer is over, each in its own transaction; return how many."""
    due = DisplacedVisit.objects.filter(_due()).order_by("expires_at").values_list("pk", flat=True)[:BATCH]
    return sum(end_proposal(displaced_visit_id=pk) is not None for pk in list(due))


def _due() -> Q:
    return Q(state__in=(State.ASKED, State.PROPOSED), expires_at__lte=Now())
