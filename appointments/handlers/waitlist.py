"""Offer what was freed, and end what was not answered. What is true is read under the lock, so a fact may come twice."""

from appointments.events import OfferRanOut, TimeFreed
from appointments.services.waitlist.ending import expire_offer
from appointments.services.waitlist.offering import offer_now
from mediconnect.outbox.models import Fact


def offer_freed_time(fact: Fact) -> None:
    """Offer the time to who is next on the waitlist."""
    offer_now(freed_time_id=fact.read(TimeFreed).freed_time_id)


def end_offer(fact: Fact) -> None:
    """End the offer, if nobody answered it, and ask who is next."""
    expire_offer(offer_id=fact.read(OfferRanOut).offer_id)
