"""What the holder of a link answers: yes or no to an offered or proposed time, or no more offers at all."""

from collections.abc import Callable
from typing import Final

from appointments.errors import OfferOver, ProposalOver
from appointments.models import DisplacedVisit, WaitlistOffer
from appointments.services.booking import Caller
from appointments.services.displacing.answering import accept_proposal, decline_proposal
from appointments.services.waitlist.answering import accept_offer, decline_offer
from appointments.services.waitlist.leaving import withdraw_entry
from mediconnect.errors import DomainError
from mediconnect.resilience.transactions import decide
from mediconnect.telemetry.request_id import current_request_id
from notifications.errors import LinkUnknown

from .opening import BY_LINK, Opened, open_link

_PATIENT: Final = Caller(None, patients_own=True)


def accept_by_link(*, token: str) -> Opened:
    """Take the offered or proposed time and return what the link opens then; said twice, it is taken once.

    Raises `LinkUnknown` for a link that asks nothing, `OfferOver` (a yes that came too late is counted) or `ProposalOver`,
    and what else keeps the time from being booked.
    """
    opened = open_link(token)

    def work() -> DomainError | None:
        try:
            if opened.offer is not None:
                accept_offer(offer_id=opened.offer.pk, caller=_PATIENT)
            else:
                accept_proposal(displaced_visit_id=_proposal(opened).pk, caller=_PATIENT)
        except OfferOver as over:
            # The other of two clicks was faster; else what was counted is kept, and the refusal comes after.
            return None if _is_taken(opened) else over
        except ProposalOver:
            if _is(opened, DisplacedVisit.State.ACCEPTED):
                return None
            raise
        return None

    return _decided(work, token)


def decline_by_link(*, token: str) -> Opened:
    """Say no to the offered or proposed time, and return what the link opens then; said twice, it is said once.

    Whoever is on the waitlist keeps the place; whoever has a visit that cannot take place is called. Raises `LinkUnknown`,
    `OfferOver`, `ProposalOver`.
    """
    opened = open_link(token)

    def work() -> None:
        if opened.offer is not None:
            decline_offer(offer_id=opened.offer.pk, caller=_PATIENT)
        elif not _is(opened, DisplacedVisit.State.DECLINED):
            decline_proposal(displaced_visit_id=_proposal(opened).pk, caller=_PATIENT)

    return _decided(work, token)


def leave_by_link(*, token: str) -> Opened:
    """Leave the waitlist, whatever became of the offer, and return what the link opens then.

    Raises `LinkUnknown` for a link of no offer, and `WishClosed` for a wish that was met or ran out.
    """
    offer = open_link(token).offer
    if offer is None:
        raise LinkUnknown

    def work() -> None:
        if WaitlistOffer.objects.filter(pk=offer.pk, state=WaitlistOffer.State.OFFERED).exists():
            try:
                decline_offer(offer_id=offer.pk, caller=_PATIENT, leave=True)
            except OfferOver:
                pass  # it ended between the look and the lock: the wish is left all the same
            else:
                return
        withdraw_entry(entry_id=offer.entry_id, caller=_PATIENT)

    return _decided(work, token)


def _decided(work: Callable[[], DomainError | None], token: str) -> Opened:
    refusal = decide(work, actor_id=None, request_id=current_request_id(), reason=BY_LINK)
    if refusal is not None:
        raise refusal
    return open_link(token)


def _proposal(opened: Opened) -> DisplacedVisit:
    if opened.proposal is None:
        raise LinkUnknown
    return opened.proposal


def _is_taken(opened: Opened) -> bool:
    """Return whether the offer was accepted; it is only to one person."""
    accepted = WaitlistOffer.objects.filter(state=WaitlistOffer.State.ACCEPTED)
    return opened.offer is not None and accepted.filter(pk=opened.offer.pk).exists()


def _is(opened: Opened, state: DisplacedVisit.State) -> bool:
    return DisplacedVisit.objects.filter(pk=_proposal(opened).pk, state=state).exists()
