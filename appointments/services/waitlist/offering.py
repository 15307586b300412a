"""Offer a freed time to who is next: look under the lock, hold the time, write the offers, say so, in one transaction."""

import datetime as dt
import math
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now

from appointments.events import OfferMade, OfferRanOut, TimeFreed
from appointments.locks import lock_freed_time, lock_resources, lock_waiting
from appointments.models import FreedTime, Hold, WaitlistEntry, WaitlistOffer, WaitlistPass
from appointments.queries.situation import Wish, situation_of
from appointments.queries.terms import terms_of
from appointments.queries.waitlist.matching import matches, types_waiting_for
from appointments.queries.waitlist.policies import policies_of
from appointments.rules.admission import blocked_by, free_of
from appointments.rules.terms import Terms
from appointments.rules.waitlist import GRACE, Passed, left_over
from appointments.services.sweeping import drop_lapsed, release
from mediconnect.errors import NotFound
from mediconnect.outbox import publish
from mediconnect.resilience.transactions import decide
from mediconnect.telemetry.request_id import current_request_id

from .choosing import Choosing, Chosen, Slot

REASON: Final = "waitlist"

# How many wishes are looked at in one statement, and of how many it is kept why they were passed over.
PAGE: Final = 200
KEPT_PASSES: Final = 25

# What is taken for good: a hold ends, and then the time is looked at again. Of a group, how many seats are left.
_TAKEN: Final = """
SELECT statement_timestamp(), ARRAY(
    SELECT json_build_array(extract(epoch FROM lower(during)), extract(epoch FROM upper(during))) FROM appointments_claim
    WHERE resource_id = %(provider)s AND during && tstzrange(%(start)s, %(end)s) AND expires_at IS NULL),
  (SELECT capacity - (SELECT count(*) FROM appointments_appointment
                      WHERE session_id = meeting.id AND status NOT IN ('cancelled', 'no_show'))
   FROM appointments_session AS meeting WHERE id = %(session)s)
"""


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a freed time is offered on: the terms of the types that are waited for, whose resources are locked."""

    terms: Mapping[uuid.UUID, Terms]


def offer_now(*, freed_time_id: uuid.UUID) -> list[WaitlistOffer]:
    """Offer a freed time to whoever is next and return the offers; none where nobody is, it is not free, or it is offered.

    Safe to call at any time and any number of times: what is true is read under the lock. A time that was booked is closed
    as taken, one that has begun as over. Where only sleepers would have it, it is told again when the first of them wakes.
    """
    return decide(
        lambda: offer_under_lock(freed_time_id),
        actor_id=None,
        request_id=current_request_id(),
        reason=REASON,
        fresh_reads=True,
    )


def offer_under_lock(freed_time_id: uuid.UUID) -> list[WaitlistOffer]:
    """Lock what `offer_now` needs and do its work, in the open transaction."""
    seen = FreedTime.objects.filter(pk=freed_time_id, state=FreedTime.State.OPEN).first()
    if seen is None:
        return []
    grounds = lock_grounds(seen)
    return offer_next(lock_freed_time(freed_time_id), grounds)


def lock_grounds(freed: FreedTime) -> Grounds:
    """Lock everything that an offer of the time might claim: its provider, and the rooms and devices of what is waited for."""
    terms = {}
    for kind in types_waiting_for(freed):
        try:
            terms[kind] = terms_of(appointment_type_id=kind, provider_id=freed.provider_id)
        except NotFound:
            continue  # the provider does not offer it
    lock_resources({freed.provider_id, *(one for each in terms.values() for one in each.resources)})
    return Grounds(terms)


def offer_next(freed: FreedTime, grounds: Grounds) -> list[WaitlistOffer]:
    """Ask as many more people as the clinic asks at once; needs the grounds' locks and the freed time's.

    The hold of an offer that ended is given up and won again in the same transaction: nobody sees the time free in between.
    """
    asked = list(WaitlistOffer.objects.filter(freed_time=freed, state=WaitlistOffer.State.OFFERED))
    hold = Hold.objects.filter(freed_time=freed).first()
    room = _Room(hold)
    if hold is not None and not asked:
        release(hold)
        hold = None
    if freed.state != FreedTime.State.OPEN:
        return []
    now, standing = _standing(freed, live=bool(asked))
    if standing is not FreedTime.State.OPEN:
        close(freed, standing)
        return []
    if now < freed.offer_from or not grounds.terms:
        return []
    choosing = Choosing(freed, now, grounds.terms, policies_of(freed.clinic_id), slot=_slot_of(hold) if asked else None)
    offers, skipped = _ask(choosing, asked, hold, room)
    _keep_passes(freed, choosing.passed)
    _look_again_at_dawn(choosing, offers)
    freed.looked_at = None if skipped else now
    freed.save(update_fields=["looked_at"])
    return offers


@dataclass(frozen=True, slots=True)
class _Room:
    """Where the time was held until now: who is asked next is asked for the same room, if it is still free."""

    hold: Hold | None

    @property
    def liked(self) -> tuple[uuid.UUID | None, uuid.UUID | None]:
        return (self.hold.room_id, self.hold.device_id) if self.hold else (None, None)


def _slot_of(hold: Hold | None) -> Slot | None:
    if hold is None:
        return None
    minutes = (hold.ends_at - hold.starts_at) // dt.timedelta(minutes=1)
    return Slot(hold.appointment_type_id, hold.starts_at, minutes)


def _standing(freed: FreedTime, *, live: bool) -> tuple[dt.datetime, FreedTime.State]:
    """Return the database's now, and whether the time is open, taken by visits altogether, or begun."""
    with connection.cursor() as cursor:
        cursor.execute(
            _TAKEN,
            {
                "provider": freed.provider_id,
                "start": freed.starts_at,
                "end": freed.ends_at,
                "session": freed.session_id,
            },
        )
        now, claims, seats = cursor.fetchone()
    if freed.starts_at <= now:
        return now, FreedTime.State.OVER
    taken = [(dt.datetime.fromtimestamp(low, dt.UTC), dt.datetime.fromtimestamp(high, dt.UTC)) for low, high in claims]
    is_taken = seats <= 0 if seats is not None else not left_over((freed.starts_at, freed.ends_at), taken)
    return now, FreedTime.State.TAKEN if is_taken and not live else FreedTime.State.OPEN


def close(freed: FreedTime, state: FreedTime.State) -> None:
    """Let the freed time, which is locked, be over."""
    freed.state, freed.closed_at = state, Now()
    freed.save(update_fields=["state", "closed_at"])


def _ask(
    choosing: Choosing, asked: Sequence[WaitlistOffer], hold: Hold | None, room: _Room
) -> tuple[list[WaitlistOffer], bool]:
    """Return the offers that were made, and whether somebody was passed by because another was at work on their wish."""
    offset, skipped = 0, False
    while True:
        page = matches([choosing.freed], types=choosing.terms.keys(), limit=PAGE, offset=offset)[choosing.freed.pk]
        able = choosing.look(page)
        while able:
            group = _group(choosing, able, len(asked))
            won = lock_waiting([one.candidate.entry_id for one in group])
            skipped |= len(won) < len(group)
            group = [one for one in group if one.candidate.entry_id in won]
            if group and (offers := _hold_and_offer(choosing, group, asked, hold, room)):
                rest = [one for one in able if one not in group]
                choosing.passed += [(one.candidate.entry_id, Passed.OTHERS_FIRST) for one in rest]
                return offers, skipped
            if group or choosing.slot is not None:  # the time itself is not to be had, or nobody more for it
                return [], skipped or bool(group)
            able = able[len(group) or 1 :]
        if len(page) < PAGE or choosing.is_hopeless:
            return [], skipped
        offset += PAGE


def _group(choosing: Choosing, able: Sequence[Chosen], asked: int) -> list[Chosen]:
    """Return who is asked now: the first, and with them who would have the very same visit, each person once."""
    slot = able[0].slot
    room = choosing.policy(slot.appointment_type_id).at_once - asked
    group: dict[uuid.UUID, Chosen] = {}
    for one in able:
        if len(group) >= room:
            break
        if one.slot == slot:
            group.setdefault(one.candidate.patient_id, one)
    return list(group.values())


def _hold_and_offer(
    choosing: Choosing,
    group: Sequence[Chosen],
    asked: Sequence[WaitlistOffer],
    hold: Hold | None,
    room: _Room,
) -> list[WaitlistOffer]:
    """Hold the time and write the offers; none where the referee of bookings does not let it be held."""
    slot = group[0].slot
    expires_at = choosing.answer_by(slot)
    if expires_at is None:
        return []
    until = max([expires_at, *(offer.expires_at for offer in asked)]) + GRACE
    try:
        with transaction.atomic():
            if hold is not None:
                hold.delete()  # to be won again for longer
            if not _hold(choosing, slot, until, room):
                transaction.set_rollback(True)
                return []
            return _offer(choosing, group, asked, expires_at)
    except IntegrityError:
        return []  # somebody who holds no lock was sooner; the sweeper looks again


def _hold(choosing: Choosing, slot: Slot, until: dt.datetime, room: _Room) -> bool:
    terms, freed = choosing.terms[slot.appointment_type_id], choosing.freed
    wish = Wish(terms, terms.span(slot.start, slot.minutes), None, by_patient=False)
    situation = situation_of(wish)
    drop_lapsed(situation.lapsed_holds)
    if blocked_by(terms, wish.span, situation, by_patient=False):
        return False
    Hold.objects.create(
        clinic_id=freed.clinic_id,
        provider_id=freed.provider_id,
        appointment_type_id=slot.appointment_type_id,
        room_id=free_of(terms.rooms, situation, liked=room.liked[0]),
        device_id=free_of(terms.devices, situation, liked=room.liked[1]),
        session_id=situation.session_id if situation.meets else None,
        freed_time=freed,
        starts_at=wish.span.start,
        ends_at=wish.span.end,
        buffer_before=wish.span.buffer_before,
        buffer_after=wish.span.buffer_after,
        expires_at=until,
    )
    return True


def _offer(
    choosing: Choosing, group: Sequence[Chosen], asked: Sequence[WaitlistOffer], expires_at: dt.datetime
) -> list[WaitlistOffer]:
    freed, now = choosing.freed, choosing.now
    places = (place for place in range(1, 101) if place not in {offer.place for offer in asked})
    offers = WaitlistOffer.objects.bulk_create(
        WaitlistOffer(
            entry_id=one.candidate.entry_id,
            freed_time=freed,
            provider_id=freed.provider_id,
            starts_at=one.slot.start,
            ends_at=one.slot.end,
            place=place,
            made_at=now,
            expires_at=expires_at,
        )
        for one, place in zip(group, places, strict=False)
    )
    entries = WaitlistEntry.objects.filter(pk__in=[offer.entry_id for offer in offers])
    entries.update(state=WaitlistEntry.State.OFFERED, updated_at=Now())
    after = math.ceil((expires_at - now).total_seconds())
    for offer in offers:
        publish(OfferMade(offer.pk), aggregate_id=offer.pk)
        publish(OfferRanOut(offer.pk), aggregate_id=offer.pk, after=after)
    return offers


def _keep_passes(freed: FreedTime, passed: Iterable[tuple[uuid.UUID, Passed]]) -> None:
    rows = [WaitlistPass(entry_id=entry, freed_time=freed, why=why) for entry, why in list(passed)[:KEPT_PASSES]]
    WaitlistPass.objects.bulk_create(rows, ignore_conflicts=True)


def _look_again_at_dawn(choosing: Choosing, offers: Sequence[WaitlistOffer]) -> None:
    """Tell of the time again when the first of those wakes who would have it, if nobody else would."""
    asleep = any(why is Passed.QUIET_HOURS for _, why in choosing.passed)
    if offers or not asleep:
        return
    dawn = min(choosing.quiet.values())
    if dawn < choosing.freed.starts_at:
        after = math.ceil((dawn - choosing.now).total_seconds()) + 1
        publish(TimeFreed(choosing.freed.pk), aggregate_id=choosing.freed.pk, after=after)
