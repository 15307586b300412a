"""What a page says of an offer or a proposal: the time, until when, what is given up; and how it ended, if it did."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from appointments.models import DisplacedVisit, WaitlistEntry, WaitlistOffer
from mediconnect.habits import Habits
from notifications.models import Channel
from notifications.rules.asking import why_offer_is_over, why_proposal_is_over
from notifications.rules.reasons import Why
from notifications.services.linking.acting import waits_for_call
from notifications.services.speaking import until

from .doors import Holder, habits_of
from .showing import show, shown

_GONE: Final = 410

_STILL_OPEN: Final = (WaitlistEntry.State.WAITING, WaitlistEntry.State.OFFERED)
_OVER: Final = {
    Why.OFFER_RAN_OUT: "ran_out",
    Why.OFFER_TAKEN: "taken",
    Why.OFFER_WITHDRAWN: "withdrawn",
    Why.PROPOSAL_RAN_OUT: "ran_out",
}
_SETTLED: Final = {
    DisplacedVisit.State.ACCEPTED: "accepted",
    DisplacedVisit.State.MOVED: "accepted",
    DisplacedVisit.State.DECLINED: "call",
    DisplacedVisit.State.TO_CALL: "call",
    DisplacedVisit.State.RESTORED: "restored",
    DisplacedVisit.State.CANCELLED: "cancelled",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A time that was offered or proposed, in words. `standing` is open, accepted, declined, or how it ended.

    `old_day` and `old_time` are those of the visit that would move, empty where none would; `waits` says that the person
    is still on the waitlist. `patient` and `provider` are empty until the birth date was given.
    """

    form: str
    standing: str
    day: str
    time: str
    until: str
    old_day: str = ""
    old_time: str = ""
    waits: bool = False
    patient: str = ""
    provider: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it can still be answered."""
        return self.standing == "open"

    @property
    def is_gone(self) -> bool:
        """Whether it ended otherwise than by an answer."""
        return self.standing in {"ran_out", "taken", "withdrawn", "cancelled"}


def asked_of(holder: Holder) -> Asked:
    """Return what this holder may read of what was asked; only for a link that asked something."""
    opened, habits, now = holder.opened, habits_of(holder.opened), timezone.now()
    if opened.offer is not None:
        return _offer(opened.offer, habits, now, checked=bool(holder.checked))
    if opened.proposal is None:
        raise TypeError("nothing was asked")
    return _proposal(opened.proposal, habits, now, checked=bool(holder.checked))


def show_asked(request: HttpRequest, holder: Holder, *, status: int | None = None) -> HttpResponse:
    """Return the page of an offer or a proposal; one that is gone is 410."""
    asked = asked_of(holder)
    waiting = waits_for_call(holder.opened) if holder.checked else ()
    visits = [shown(holder, told, waiting) for told in holder.opened.visits] if asked.standing == "restored" else []
    by_email = holder.opened.message.channel == Channel.EMAIL
    status = status or (_GONE if asked.is_gone else 200)
    return show(request, holder, "asked", status=status, asked=asked, visits=visits, by_email=by_email)


def _offer(offer: WaitlistOffer, habits: Habits, now: dt.datetime, *, checked: bool) -> Asked:
    why = why_offer_is_over(offer.state, offer.expires_at, now)
    standing = "open" if why is None else _OVER.get(why) or offer.state
    left = offer.entry.appointment
    moves = left is not None and (why is None or offer.state == WaitlistOffer.State.DECLINED)
    return Asked(
        "offer",
        standing,
        **_when(offer.starts_at, habits),
        until=until(offer.expires_at, habits, Channel.EMAIL),
        **(_old(left.starts_at, habits) if left is not None and moves else {}),
        waits=offer.entry.state in _STILL_OPEN,
        **(_people(str(offer.entry.patient), offer.provider.name) if checked else {}),
    )


def _proposal(displaced: DisplacedVisit, habits: Habits, now: dt.datetime, *, checked: bool) -> Asked:
    why = why_proposal_is_over(displaced.state, displaced.expires_at, now)
    standing = (
        "open" if why is None else _OVER.get(why) or _SETTLED.get(DisplacedVisit.State(displaced.state), "withdrawn")
    )
    provider = displaced.proposed_provider.name if displaced.proposed_provider else ""
    return Asked(
        "proposal",
        standing,
        **_when(displaced.proposed_starts_at or displaced.was_starts_at, habits),
        until=until(displaced.expires_at, habits, Channel.EMAIL) if displaced.expires_at else "",
        **_old(displaced.was_starts_at, habits),
        **(_people(str(displaced.appointment.patient), provider) if checked else {}),
    )


def _when(moment: dt.datetime, habits: Habits) -> dict[str, Any]:
    return {"day": habits.day_and_date(moment.astimezone(habits.zone).date()), "time": habits.time(moment)}


def _old(moment: dt.datetime, habits: Habits) -> dict[str, Any]:
    return {f"old_{name}": words for name, words in _when(moment, habits).items()}


def _people(patient: str, provider: str) -> dict[str, Any]:
    return {"patient": patient, "provider": provider}
