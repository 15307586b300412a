"""End an offer otherwise than by a yes, and ask who is next in the same transaction, so that no moment lies in between."""

import uuid
from collections.abc import Collection

from django.db.models.functions import Now
from django.utils import timezone

from appointments.errors import OfferOver
from appointments.events import OfferEnded
from appointments.locks import lock_entries, lock_freed_time
from appointments.models import WaitlistEntry, WaitlistOffer
from appointments.rules.waitlist import Why
from mediconnect.outbox import publish
from mediconnect.resilience.transactions import decide
from mediconnect.telemetry.request_id import current_request_id

from .offering import REASON, lock_grounds, offer_next


def seen_offer(offer_id: uuid.UUID) -> WaitlistOffer | None:
    """Return the offer with its wish and its freed time, unlocked."""
    return WaitlistOffer.objects.select_related("entry", "freed_time").filter(pk=offer_id).first()


def end_offers(offers: Collection[uuid.UUID], state: WaitlistOffer.State, *, why: str = "") -> list[WaitlistOffer]:
    """Let those of the offers that still stand end in this state, publish it, and return them with their wishes.

    Their wishes wait again, in the place that they had. Needs the lock of the freed time.
    """
    standing = list(WaitlistOffer.objects.filter(pk__in=offers, state=WaitlistOffer.State.OFFERED).order_by("pk"))
    lock_entries([offer.entry_id for offer in standing])
    ended = [
        offer
        for offer in standing
        if WaitlistOffer.objects.filter(pk=offer.pk, state=WaitlistOffer.State.OFFERED).update(
            state=state, ended_at=Now(), why=why
        )
    ]
    waiting = WaitlistEntry.objects.filter(
        pk__in=[offer.entry_id for offer in ended], state=WaitlistEntry.State.OFFERED
    )
    waiting.update(state=WaitlistEntry.State.WAITING, updated_at=Now())
    for offer in ended:
        publish(OfferEnded(offer.pk), aggregate_id=offer.pk)
    return ended


def end_and_go_on(
    offer_id: uuid.UUID, state: WaitlistOffer.State, *, why: str = "", close_entry: bool = False
) -> WaitlistOffer | None:
    """End the offer, if it still stands, ask who is next, and return it as it is then; None if there is no such offer.

    With `close_entry` its wish is withdrawn. In the open transaction, from its first lock.
    """
    seen = seen_offer(offer_id)
    if seen is None or seen.state != WaitlistOffer.State.OFFERED:
        return seen
    grounds = lock_grounds(seen.freed_time)
    freed = lock_freed_time(seen.freed_time_id)
    ended = end_offers([offer_id], state, why=why)
    if ended and close_entry:
        close_entries([seen.entry_id], WaitlistEntry.State.WITHDRAWN)
    if ended:
        offer_next(freed, grounds)
    return seen_offer(offer_id)


def close_entries(entries: Collection[uuid.UUID], state: WaitlistEntry.State) -> int:
    """Let those of the wishes that wait be over; return how many. One with an offer is left to its offer."""
    waiting = WaitlistEntry.objects.filter(pk__in=entries, state=WaitlistEntry.State.WAITING)
    return waiting.update(state=state, closed_at=Now(), updated_at=Now())


def expire_offer(*, offer_id: uuid.UUID) -> WaitlistOffer | None:
    """End an offer whose time to answer is over, ask who is next, and return it; any number of times.

    One that was answered, or stands for longer, is left as it is.
    """

    def work() -> WaitlistOffer | None:
        due = WaitlistOffer.objects.filter(pk=offer_id, state=WaitlistOffer.State.OFFERED, expires_at__lte=Now())
        if not due.exists():
            return seen_offer(offer_id)
        return end_and_go_on(offer_id, WaitlistOffer.State.EXPIRED)

    return decide(work, actor_id=None, request_id=current_request_id(), reason=REASON, fresh_reads=True)


def withdraw_offer(*, offer_id: uuid.UUID, why: Why, close_entry: bool = False) -> WaitlistOffer | None:
    """Take an offer back, ask who is next, and return it; one that ended before is left as it is."""
    return decide(
        lambda: end_and_go_on(offer_id, WaitlistOffer.State.WITHDRAWN, why=why, close_entry=close_entry),
        actor_id=None,
        request_id=current_request_id(),
        reason=REASON,
        fresh_reads=True,
    )


def over(offer: WaitlistOffer) -> OfferOver:
    """Return the refusal of an answer to an offer that does not stand: how it ended, or that its time is over."""
    stands = offer.state == WaitlistOffer.State.OFFERED
    return OfferOver(state=str(WaitlistOffer.State.EXPIRED if stands else offer.state))


def ran_out(offer: WaitlistOffer) -> bool:
    """Return whether the time to answer is over, whether or not anything has ended the offer."""
    return offer.expires_at <= timezone.now()
