"""React to facts about offers of the waitlist: make them by a message, and take back what was said too early."""

from django.utils import timezone

from appointments.events import OfferEnded, OfferMade
from appointments.models import WaitlistEntry, WaitlistOffer
from mediconnect.outbox.models import Fact
from notifications.locks.asked import keep_offer
from notifications.models import Channel, Kind, Message
from notifications.queries.told import told_of
from notifications.rules.asking import why_offer_is_over
from notifications.services.telling import Telling
from notifications.services.withdrawing import withdraw_asking
from notifications.services.writing import tell_one


def write_offer(fact: Fact) -> None:
    """Offer the time at once: its minutes run. An offer that is over by now is kept as a message that was not sent."""
    offer = keep_offer(fact.read(OfferMade).offer_id)
    tell_one(
        Telling(
            kind=Kind.OFFER,
            offer=offer,
            fact=fact,
            urgent=True,
            expires_at=offer.expires_at,
            skip=why_offer_is_over(offer.state, offer.expires_at, timezone.now()),
        )
    )


def write_offer_over(fact: Fact) -> None:
    """Take back what is queued, and tell those who were asked already that the clinic took the offer back.

    Of one that ran out or went to somebody else nothing more is said: its message told until when it stood, and its link
    tells what became of it.
    """
    offer = keep_offer(fact.read(OfferEnded).offer_id)
    why = why_offer_is_over(offer.state, offer.expires_at, timezone.now())
    if why is None:
        return
    withdraw_asking(Kind.OFFER, why, offer_id=offer.pk)
    if offer.state != WaitlistOffer.State.WITHDRAWN or not _still_waits(offer):
        return
    asked = told_of(Message.objects.filter(kind=Kind.OFFER, offer=offer))
    if asked is not None:
        tell_one(Telling(kind=Kind.OFFER_OVER, offer=offer, fact=fact, urgent=True, channel=Channel(asked.channel)))


def _still_waits(offer: WaitlistOffer) -> bool:
    """Return whether the person is still on the list; whoever left it needs no word of its offers."""
    return offer.starts_at > timezone.now() and offer.entry.state in (
        WaitlistEntry.State.WAITING,
        WaitlistEntry.State.OFFERED,
    )
