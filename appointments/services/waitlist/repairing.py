"""Look each minute for what a lost fact or a killed worker left behind, so that no gap lasts longer than that."""

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from django.db import connection, transaction
from django.db.models import Exists, F, Max, OuterRef, Q
from django.db.models.functions import Now

from appointments.locks import lock_orphans
from appointments.models import FreedTime, WaitlistEntry, WaitlistOffer
from appointments.queries.waitlist.matching import matches
from appointments.rules.waitlist import Why
from appointments.services.sweeping import release
from mediconnect.errors import DomainError
from mediconnect.records.acting import declare_actor
from mediconnect.resilience.transactions import decide

from .ending import close_entries, end_and_go_on, expire_offer
from .offering import REASON, offer_now

BATCH: Final = 200

# What has begun, and what visits have taken altogether without anybody from the list being asked.
_CLOSE: Final = """
UPDATE appointments_freedtime AS freed SET closed_at = statement_timestamp(),
    state = CASE WHEN taken.altogether THEN 'taken' ELSE 'over' END
FROM (
    SELECT one.id, coalesce(CASE
        WHEN one.session_id IS NULL THEN (
            SELECT range_agg(during) @> tstzrange(one.starts_at, one.ends_at) FROM appointments_claim
            WHERE resource_id = one.provider_id AND during && tstzrange(one.starts_at, one.ends_at) AND expires_at IS NULL)
        ELSE (SELECT count(*) >= (SELECT capacity FROM appointments_session WHERE id = one.session_id)
              FROM appointments_appointment
              WHERE session_id = one.session_id AND status NOT IN ('cancelled', 'no_show')) END, false) AS altogether
    FROM appointments_freedtime AS one
    WHERE one.state = 'open' AND NOT EXISTS (
        SELECT FROM appointments_waitlistoffer AS offer WHERE offer.freed_time_id = one.id AND offer.state = 'offered')
    FOR NO KEY UPDATE OF one SKIP LOCKED) AS taken
WHERE taken.id = freed.id AND (taken.altogether OR freed.starts_at <= statement_timestamp())
"""

# A wish for what is over: the last day has passed by the clinic's own clock, or the visit that was to come sooner has begun,
# was missed, or was cancelled for the patient. Cancelled for the clinic's reasons, the person still needs a visit.
_RUN_OUT: Final = """
SELECT wish.id, CASE
        WHEN wish.until_date < (statement_timestamp() AT TIME ZONE clinic.timezone)::date THEN 'expired'
        WHEN visit.status = 'cancelled' AND visit.cancellation_reason NOT LIKE 'patient%%' THEN 'unbound'
        WHEN visit.status = 'cancelled' THEN 'withdrawn'
        ELSE 'expired' END,
    offer.id
FROM appointments_waitlistentry AS wish JOIN providers_clinic AS clinic ON clinic.id = wish.clinic_id
LEFT JOIN appointments_appointment AS visit ON visit.id = wish.appointment_id
LEFT JOIN appointments_waitlistoffer AS offer ON offer.entry_id = wish.id AND offer.state = 'offered'
WHERE wish.state IN ('waiting', 'offered') AND (
    (wish.until_date < (statement_timestamp() AT TIME ZONE clinic.timezone)::date AND wish.state = 'waiting')
    OR (visit.status IN ('cancelled', 'no_show') AND visit.ended_at < statement_timestamp() - interval '2 minutes')
    OR (visit.status NOT IN ('booked', 'confirmed', 'cancelled', 'no_show'))
    OR (visit.status IN ('booked', 'confirmed') AND visit.starts_at <= statement_timestamp()))
ORDER BY wish.id LIMIT %s
"""


@dataclass
class Repaired:
    """How many of each were put right."""

    expired: int = 0
    run_out: int = 0
    closed: int = 0
    offered: int = 0
    holds: int = 0


def sweep_waitlist() -> Repaired:
    """Put right whatever is not as it should be, and return how much that was. Each thing in a transaction of its own.

    Offers that ran out and were not ended; wishes that are over; freed times that have begun or were taken; freed times
    that are due and that nobody was asked for since somebody joined; holds of offers that ended.
    """
    done = Repaired()
    due = WaitlistOffer.objects.filter(state=WaitlistOffer.State.OFFERED, expires_at__lte=Now()).order_by("expires_at")
    done.expired = _each(due.values_list("pk", flat=True)[:BATCH], lambda pk: expire_offer(offer_id=pk))
    done.run_out = _close_wishes()
    done.closed = _close_times()
    done.offered = _each(_due(), lambda pk: offer_now(freed_time_id=pk))
    done.holds = _release_holds()
    return done


def _each(ids: Iterable[uuid.UUID], act: Callable[[uuid.UUID], object]) -> int:
    """Act on each; what is locked or refused at the moment is left to the next minute."""
    done = 0
    for pk in list(ids):
        try:
            done += bool(act(pk))
        except DomainError:
            continue
    return done


def _close_wishes() -> int:
    with connection.cursor() as cursor:
        cursor.execute(_RUN_OUT, [BATCH])
        rows = cursor.fetchall()
    for wish, becomes, offer in rows:
        decide(lambda: _close_wish(wish, becomes, offer), actor_id=None, reason=REASON, fresh_reads=True)  # noqa: B023
    return len(rows)


def _close_wish(wish: uuid.UUID, becomes: str, offer: uuid.UUID | None) -> None:
    if offer is not None:
        end_and_go_on(offer, WaitlistOffer.State.WITHDRAWN, why=Why.VISIT_OVER)
    if becomes == "unbound":
        WaitlistEntry.objects.filter(pk=wish).update(appointment=None, updated_at=Now())
    else:
        close_entries([wish], WaitlistEntry.State(becomes))


def _close_times() -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        declare_actor(actor_id=None, reason=REASON)
        cursor.execute(_CLOSE)
        return int(cursor.rowcount)


def _due() -> list[uuid.UUID]:
    """Return the freed times that somebody should be asked for: one statement finds them, one whom they would suit."""
    newest = WaitlistEntry.objects.filter(clinic=OuterRef("clinic"), state=WaitlistEntry.State.WAITING)
    asked = WaitlistOffer.objects.filter(freed_time=OuterRef("pk"), state=WaitlistOffer.State.OFFERED)
    latest = newest.order_by().values("clinic").annotate(latest=Max("updated_at")).values("latest")
    open_ones = FreedTime.objects.filter(
        ~Exists(asked), state=FreedTime.State.OPEN, offer_from__lte=Now(), starts_at__gt=Now()
    ).annotate(newest=latest)
    due = list(open_ones.filter(Q(looked_at=None) | Q(looked_at__lt=F("newest"))).order_by("starts_at", "pk")[:BATCH])
    found = matches(due, limit=1) if due else {}
    hopeless = [freed.pk for freed in due if not found[freed.pk]]
    FreedTime.objects.filter(pk__in=hopeless, state=FreedTime.State.OPEN).update(looked_at=Now())
    return [freed.pk for freed in due if found[freed.pk]]


def _release_holds() -> int:
    """Delete the holds of freed times that nobody is asked for: a fact of the past, since both are written together."""
    with transaction.atomic():
        rows = lock_orphans(BATCH)
        for hold in rows:
            release(hold)
    return len(rows)
