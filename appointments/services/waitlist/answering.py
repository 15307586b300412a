"""Answer an offer: a yes books or moves in one transaction with the end of the offer; a no lets the next be asked."""

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db import transaction
from django.db.models.functions import Now

from appointments.errors import OutsideAvailability, SlotTaken
from appointments.locks import (
    lock_appointment,
    lock_entries,
    lock_freed_time,
    lock_patient_of,
    lock_resources,
)
from appointments.models import Appointment, FreedTime, Hold, Source, WaitlistEntry, WaitlistOffer
from appointments.models.status import MOVABLE
from appointments.queries.terms import terms_of
from appointments.rules.terms import Terms
from appointments.rules.waitlist import Why
from appointments.services.booking import Booking, Caller, book_under_lock
from appointments.services.freeing import free_rest_of
from appointments.services.moving import move_under_lock, occupied_by
from appointments.services.sweeping import release
from mediconnect.errors import NotFound
from mediconnect.resilience.transactions import Restart, decide
from mediconnect.telemetry.request_id import current_request_id

from .ending import close_entries, end_and_go_on, end_offers, over, ran_out, seen_offer
from .offering import close


@dataclass(frozen=True, slots=True)
class _Said:
    """What came of a yes: the visit, or nothing; the offer as it is then."""

    offer: WaitlistOffer
    visit: Appointment | None = None


def accept_offer(*, offer_id: uuid.UUID, caller: Caller) -> tuple[WaitlistOffer, Appointment]:
    """Return the accepted offer and the visit that it became: booked, or moved where the wish was to come sooner.

    The first to accept has the time; said again by the same person, it is answered again. Raises `NotFound`, `OfferOver`
    (its `state` says how it ended, and a yes that came too late is counted: let the refusal out of a decision of your own
    only once that is committed), `PatientOverlap` where the patient has another visit by now, and `TryAgain`.

    Of the policy for bookings that patients make alone nothing counts: the clinic itself offered this time.
    """
    said = decide(lambda: _accept(offer_id, caller), actor_id=caller.user_id, request_id=current_request_id())
    if said.visit is None:
        raise over(said.offer)
    return said.offer, said.visit


def _accept(offer_id: uuid.UUID, caller: Caller) -> _Said:
    seen = seen_offer(offer_id)
    if seen is None:
        raise NotFound
    if seen.state == WaitlistOffer.State.ACCEPTED and seen.appointment_id is not None:
        return _Said(seen, Appointment.objects.select_related("clinic").get(pk=seen.appointment_id))
    if seen.state != WaitlistOffer.State.OFFERED or ran_out(seen):
        return _too_late(seen)
    try:
        terms = terms_of(appointment_type_id=seen.entry.appointment_type_id, provider_id=seen.provider_id)
    except NotFound:
        return _taken_back(seen, Why.CLOSED)
    visit = _locked(seen, terms)
    freed = lock_freed_time(seen.freed_time_id)
    offer = seen_offer(offer_id)
    if offer is None or offer.state != WaitlistOffer.State.OFFERED or ran_out(offer):
        return _too_late(offer or seen)
    rivals = list(WaitlistOffer.objects.filter(freed_time=freed, state=WaitlistOffer.State.OFFERED))
    lock_entries([rival.entry_id for rival in rivals])
    if offer.entry.appointment_id is not None and not _can_come_sooner(visit, offer):
        return _taken_back(offer, Why.VISIT_OVER)
    return _take(offer, freed, terms, visit, caller)


def _can_come_sooner(visit: Appointment | None, offer: WaitlistOffer) -> bool:
    """Return whether the visit is one that the offer would still bring forward; with two providers the desk does that."""
    return (
        visit is not None
        and visit.status in MOVABLE
        and visit.second_provider_id is None
        and visit.starts_at > offer.starts_at
    )


def _locked(seen: WaitlistOffer, terms: Terms) -> Appointment | None:
    """Lock, in the one order, what the visit will occupy and occupies, its patient and itself; return it, if there is one."""
    entry = seen.entry
    own = entry.appointment_id
    before = Appointment.objects.filter(pk=own).first() if own is not None else None
    locked = {*terms.resources, *(occupied_by(before) if before else ())}
    lock_resources(locked)
    lock_patient_of(entry)
    if before is None:
        return None
    visit = lock_appointment(before.pk)
    if not occupied_by(visit) <= locked:
        raise Restart  # it moved between the look and the lock
    return visit


def _take(offer: WaitlistOffer, freed: FreedTime, terms: Terms, visit: Appointment | None, caller: Caller) -> _Said:
    hold = Hold.objects.filter(freed_time=freed).first()
    before = visit.starts_at if visit is not None else None
    try:
        with transaction.atomic():
            visit = _moved(visit, offer, terms, hold, caller) if visit else _booked(offer, terms, hold, caller)
    except (SlotTaken, OutsideAvailability):
        return _taken_back(offer, Why.CLOSED)  # hours were closed, or the hold had lapsed and somebody was sooner
    _settle(offer, freed, visit, before, terms)
    return _Said(offer, visit)


def _booked(offer: WaitlistOffer, terms: Terms, hold: Hold | None, caller: Caller) -> Appointment:
    booking = Booking(
        appointment_type_id=terms.appointment_type_id,
        provider_id=offer.provider_id,
        patient_id=offer.entry.patient_id,
        start=offer.starts_at,
        source=Source.PATIENT if caller.patients_own else Source.STAFF,
    )
    return book_under_lock(booking, terms, by_patient=False, hold=hold)


def _moved(visit: Appointment, offer: WaitlistOffer, terms: Terms, hold: Hold | None, caller: Caller) -> Appointment:
    minutes = (offer.ends_at - offer.starts_at) // dt.timedelta(minutes=1)
    return move_under_lock(
        visit,
        terms,
        offer.starts_at,
        by_patient=False,
        freed_at_once=caller.patients_own,
        minutes=None if terms.is_group else minutes,
        hold=hold,
    )


def _settle(
    offer: WaitlistOffer, freed: FreedTime, visit: Appointment, before: dt.datetime | None, terms: Terms
) -> None:
    """Write who has the time: the offer and its wish, everybody who was asked as well, the freed time and its rest."""
    offer.state, offer.appointment = WaitlistOffer.State.ACCEPTED, visit
    if before is not None:
        offer.days_won = (before.astimezone(terms.zone).date() - offer.starts_at.astimezone(terms.zone).date()).days
    won = WaitlistOffer.objects.filter(pk=offer.pk, state=WaitlistOffer.State.OFFERED).update(
        state=offer.state, ended_at=Now(), appointment=visit, days_won=offer.days_won
    )
    if not won:
        raise Restart  # never while the freed time is locked
    WaitlistEntry.objects.filter(pk=offer.entry_id).update(
        state=WaitlistEntry.State.ACCEPTED, closed_at=Now(), updated_at=Now()
    )
    others = WaitlistOffer.objects.filter(freed_time=freed, state=WaitlistOffer.State.OFFERED)
    end_offers(list(others.values_list("pk", flat=True)), WaitlistOffer.State.OVERTAKEN)
    close(freed, FreedTime.State.FILLED)
    free_rest_of(freed, (visit.starts_at - _minutes(visit.buffer_before), visit.ends_at + _minutes(visit.buffer_after)))
    offer.refresh_from_db()


def _minutes(number: int) -> dt.timedelta:
    return dt.timedelta(minutes=number)


def _too_late(offer: WaitlistOffer) -> _Said:
    """Count that somebody would have said yes."""
    late = WaitlistOffer.objects.filter(pk=offer.pk, too_late_at=None).exclude(state=WaitlistOffer.State.ACCEPTED)
    late.update(too_late_at=Now())
    return _Said(offer)


def _taken_back(offer: WaitlistOffer, why: Why) -> _Said:
    """End an offer that cannot be kept. Whose visit it was to bring forward is settled by the sweeper."""
    freed = lock_freed_time(offer.freed_time_id)
    end_offers([offer.pk], WaitlistOffer.State.WITHDRAWN, why=why)
    others = WaitlistOffer.objects.filter(freed_time=freed, state=WaitlistOffer.State.OFFERED)
    if not others.exists():
        for hold in Hold.objects.filter(freed_time=freed):
            release(hold)
    FreedTime.objects.filter(pk=freed.pk).update(looked_at=None)  # the sweeper asks who is next
    offer.refresh_from_db()
    return _Said(offer)


def decline_offer(*, offer_id: uuid.UUID, caller: Caller, leave: bool = False) -> WaitlistOffer:
    """Return the declined offer; whoever is next is asked in the same transaction.

    The wish waits again where it stood, or is withdrawn with `leave`. Said again, it is answered again. Raises `NotFound`,
    and `OfferOver` for an offer that ended otherwise.
    """

    def work() -> WaitlistOffer:
        seen = seen_offer(offer_id)
        if seen is None:
            raise NotFound
        if seen.state == WaitlistOffer.State.OFFERED and not ran_out(seen):
            seen = end_and_go_on(offer_id, WaitlistOffer.State.DECLINED, close_entry=leave) or seen
        if seen.state != WaitlistOffer.State.DECLINED:
            raise over(seen)
        if leave:
            close_entries([seen.entry_id], WaitlistEntry.State.WITHDRAWN)
        return seen

    return decide(work, actor_id=caller.user_id, request_id=current_request_id())
