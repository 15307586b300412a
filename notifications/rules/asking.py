"""Whether a message may still ask what it asks: an offer or a proposal stands, or why it is over. Pure."""

import datetime as dt
from collections.abc import Mapping
from typing import Final

from appointments.models import DisplacedVisit, WaitlistOffer

from .reasons import Why

_OFFERS: Final[Mapping[str, Why]] = {
    WaitlistOffer.State.ACCEPTED: Why.OFFER_ANSWERED,
    WaitlistOffer.State.DECLINED: Why.OFFER_ANSWERED,
    WaitlistOffer.State.EXPIRED: Why.OFFER_RAN_OUT,
    WaitlistOffer.State.OVERTAKEN: Why.OFFER_TAKEN,
    WaitlistOffer.State.WITHDRAWN: Why.OFFER_WITHDRAWN,
}
_PROPOSALS: Final[Mapping[str, Why]] = {
    DisplacedVisit.State.ACCEPTED: Why.PROPOSAL_ANSWERED,
    DisplacedVisit.State.DECLINED: Why.PROPOSAL_ANSWERED,
    DisplacedVisit.State.LAPSED: Why.PROPOSAL_RAN_OUT,
}


def why_offer_is_over(state: str, expires_at: dt.datetime, now: dt.datetime) -> Why | None:
    """Return why nobody is asked any more whether they take an offered time; None while it stands."""
    if state != WaitlistOffer.State.OFFERED:
        return _OFFERS[state]
    return Why.OFFER_RAN_OUT if expires_at <= now else None


def why_proposal_is_over(state: str, expires_at: dt.datetime | None, now: dt.datetime) -> Why | None:
    """Return why nobody is asked any more whether a new time will do; None while it stands.

    What the desk settled, or the absence that was taken back, withdrew it.
    """
    if state != DisplacedVisit.State.ASKED:
        return _PROPOSALS.get(state, Why.PROPOSAL_WITHDRAWN)
    return Why.PROPOSAL_RAN_OUT if expires_at is None or expires_at <= now else None
