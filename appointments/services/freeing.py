"""Time that somebody gives back: written down in the transaction that frees it, and told once it cannot be taken back."""

import datetime as dt
import math
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.db import connection
from django.utils import timezone

from appointments.events import TimeFreed
from appointments.models import Appointment, FreedTime, Hold
from appointments.models.status import CLAIMING
from appointments.rules.undo import UNDO_CANCELLATION
from appointments.rules.waitlist import left_over
from mediconnect.outbox import publish
from providers.ports import OpenPiece

Stretch = tuple[dt.datetime, dt.datetime]

# An edit may open half a year. What is soonest helps those who wait; the rest is there for everybody to book.
PIECES: Final = 100

# The lengths, longest last, of the visits for which somebody waits at a clinic, and until when: what an opening is cut by.
_WAITED_FOR: Final = """
SELECT wish.appointment_type_id, coalesce(own.duration, kind.duration), (max(wish.until_date) + 1)::timestamp AT TIME ZONE clinic.timezone
FROM appointments_waitlistentry AS wish
JOIN providers_appointmenttype AS kind ON kind.id = wish.appointment_type_id AND kind.active
JOIN providers_clinic AS clinic ON clinic.id = wish.clinic_id
JOIN providers_resource AS provider ON provider.id = %(provider)s AND provider.kind = 'provider'
LEFT JOIN providers_typeoverride AS own ON own.provider_id = provider.id AND own.appointment_type_id = kind.id
WHERE wish.clinic_id = %(clinic)s AND wish.state = 'waiting' AND coalesce(own.offered, true)
  AND (wish.providers = '{}' OR provider.id = ANY (wish.providers))
GROUP BY 1, 2, clinic.timezone ORDER BY 2
"""
_TAKEN: Final = """
SELECT lower(during), upper(during) FROM appointments_claim
WHERE resource_id = %(provider)s AND during && tstzrange(%(since)s, %(until)s)
  AND (expires_at IS NULL OR expires_at > statement_timestamp())
"""


@dataclass(frozen=True, slots=True)
class Left:
    """What a visit leaves behind: read before it changes, told when it has."""

    appointment_id: uuid.UUID
    clinic_id: uuid.UUID
    providers: tuple[uuid.UUID, ...]
    start: dt.datetime
    end: dt.datetime
    session_id: uuid.UUID | None
    patient_id: uuid.UUID
    was_open: bool


def left_by(visit: Appointment) -> Left:
    """Return what the visit, as it stands, would leave behind. Time that was closed under it is not free without it."""
    providers = (visit.provider_id, visit.second_provider_id)
    return Left(
        visit.pk,
        visit.clinic_id,
        tuple(provider for provider in providers if provider),
        visit.starts_at,
        visit.ends_at,
        visit.session_id,
        visit.patient_id,
        was_open=not visit.displaced,
    )


def free_time_of(
    left: Left, cause: FreedTime.Cause, *, by_patient: bool, now_at: Appointment | None = None
) -> list[FreedTime]:
    """Write down the time that a visit left, publish `TimeFreed` for it, and return what was written.

    By staff it is told after the two minutes in which they may take it back, by a patient at once. `now_at` is the visit
    where it has moved to: what it still occupies is not free. Nothing is written of a time that has begun. A group that
    still meets frees a seat; one that nobody is left in frees its whole time. Needs the transaction that frees.
    """
    now = timezone.now()
    if left.start <= now or not left.was_open:
        return []
    wait = dt.timedelta() if by_patient else UNDO_CANCELLATION
    session = left.session_id if left.session_id and _still_meets(left.session_id) else None
    rows = []
    for provider in left.providers:
        whole = (left.start, left.end)
        for start, end in [whole] if session else left_over(whole, _kept(now_at, provider)):
            rows.append(
                FreedTime(
                    clinic_id=left.clinic_id,
                    provider_id=provider,
                    starts_at=start,
                    ends_at=end,
                    cause=cause,
                    appointment_id=left.appointment_id,
                    session_id=session,
                    patient_id=left.patient_id,
                    offer_from=now + wait,
                )
            )
    return _written(rows, after=wait.total_seconds())


def _kept(now_at: Appointment | None, provider: uuid.UUID) -> list[Stretch]:
    if now_at is None or provider not in {now_at.provider_id, now_at.second_provider_id}:
        return []
    return [(now_at.starts_at, now_at.ends_at)]


def _still_meets(session_id: uuid.UUID) -> bool:
    return Appointment.objects.filter(session=session_id, status__in=CLAIMING).exists()


def _written(rows: Sequence[FreedTime], *, after: float = 0) -> list[FreedTime]:
    written = FreedTime.objects.bulk_create(rows)
    for freed in written:
        publish(TimeFreed(freed.pk), aggregate_id=freed.pk, after=math.ceil(after))
    return written


def free_time_of_hold(hold: Hold) -> list[FreedTime]:
    """Write down the time of a hold that nobody used, if somebody waits who might have it; the hold is gone already.

    The time of an offer's own hold is a freed time already. `patient`, if the hold was for one, had a look at the time.
    """
    now = timezone.now()
    if hold.freed_time_id or hold.starts_at <= now:
        return []
    if not waited_for(clinic_id=hold.clinic_id, provider_id=hold.provider_id):
        return []
    freed = FreedTime(
        clinic_id=hold.clinic_id,
        provider_id=hold.provider_id,
        starts_at=hold.starts_at,
        ends_at=hold.ends_at,
        cause=FreedTime.Cause.HOLD,
        session_id=hold.session_id,
        patient_id=hold.patient_id,
        offer_from=now,
    )
    return _written([freed])


def free_rest_of(freed: FreedTime, used: Stretch) -> list[FreedTime]:
    """Write down what is left of a freed time once a shorter visit has a part of it, if anybody waits for so little."""
    if freed.session_id:
        return []
    pieces = left_over((freed.starts_at, freed.ends_at), [used])
    waited = waited_for(clinic_id=freed.clinic_id, provider_id=freed.provider_id) if pieces else []
    if not waited:
        return []
    shortest = dt.timedelta(minutes=waited[0].minutes)
    now = timezone.now()
    return _written(
        [
            FreedTime(
                clinic_id=freed.clinic_id,
                provider_id=freed.provider_id,
                starts_at=start,
                ends_at=end,
                cause=freed.cause,
                appointment_id=freed.appointment_id,
                patient_id=freed.patient_id,
                offer_from=now,
            )
            for start, end in pieces
            if start > now and end - start >= shortest
        ]
    )


@dataclass(frozen=True, slots=True)
class Waited:
    """That somebody waits for this type, which lasts so many minutes with this provider, until that moment at most."""

    appointment_type_id: uuid.UUID
    minutes: int
    until: dt.datetime


def waited_for(*, clinic_id: uuid.UUID, provider_id: uuid.UUID) -> list[Waited]:
    """Return what is waited for that the provider could do at the clinic, the shortest first. One statement.

    Nothing for a room or a device.
    """
    with connection.cursor() as cursor:
        cursor.execute(_WAITED_FOR, {"clinic": clinic_id, "provider": provider_id})
        return [Waited(*row) for row in cursor.fetchall()]


def free_opened_hours(resource_id: uuid.UUID, clinic_id: uuid.UUID, opens: Sequence[OpenPiece]) -> None:
    """Write down what an edit of hours opened, where somebody waits. Fills a port of providers, in the edit's transaction.

    Cut into pieces as long as the longest visit that is waited for, so that everybody who waits fits into one and many can
    be offered at the same time; a shorter visit uses a part, and the rest is freed anew. The soonest hundred pieces, up to
    the last day that anybody waits for; what is taken already is left out.
    """
    now = timezone.now()
    opens = [(max(low, now), high, serves) for low, high, serves in opens if high > now]
    waited = waited_for(clinic_id=clinic_id, provider_id=resource_id) if opens else []
    if not waited:
        return
    last = max(one.until for one in waited)
    pieces = list[Stretch]()
    for low, high, serves in opens:
        lengths = [one.minutes for one in waited if serves is None or one.appointment_type_id in serves]
        if lengths:
            pieces += _cut((low, min(high, last)), _taken(resource_id, low, high), lengths)
    rows = [
        FreedTime(
            clinic_id=clinic_id,
            provider_id=resource_id,
            starts_at=start,
            ends_at=end,
            cause=FreedTime.Cause.HOURS,
            offer_from=now,
        )
        for start, end in sorted(pieces)[:PIECES]
    ]
    _written(rows)


def _taken(provider_id: uuid.UUID, since: dt.datetime, until: dt.datetime) -> list[Stretch]:
    with connection.cursor() as cursor:
        cursor.execute(_TAKEN, {"provider": provider_id, "since": since, "until": until})
        rows: list[Stretch] = cursor.fetchall()
    return rows


def _cut(whole: Stretch, taken: Iterable[Stretch], lengths: Sequence[int]) -> list[Stretch]:
    """Return the free parts of a stretch in pieces of the longest length; what is left of each part if the shortest fits."""
    longest, shortest = dt.timedelta(minutes=max(lengths)), dt.timedelta(minutes=min(lengths))
    pieces = []
    for low, high in left_over(whole, taken):
        begin = low
        while high - begin >= shortest:
            end = begin + longest if high - begin >= longest + shortest else high
            pieces.append((begin, end))
            begin = end
    return pieces
