"""Answer an offer or a proposal by a text: yes takes the time, no gives it to the next or asks for a call."""

from django.db import transaction

from appointments.errors import OfferOver, ProposalOver
from appointments.models import DisplacedVisit, WaitlistEntry, WaitlistOffer
from appointments.services.booking import Caller
from appointments.services.displacing.answering import accept_proposal, decline_proposal
from appointments.services.waitlist.answering import accept_offer, decline_offer
from mediconnect.errors import DomainError
from notifications.models import Channel, Kind, Message, Reply
from notifications.rules.reasons import Why
from notifications.rules.replies import Meant, Understood

from .telling import Telling
from .writing import tell_one

_PATIENT = Caller(None, patients_own=True)


def answer_to(question: Message, understood: Understood) -> Meant | None:
    """Return what the words say to an offer or a proposal: ACCEPT, DECLINE, or None for what is no answer to it.

    To a proposal whoever asks to be called says no: a call is what its no leads to. An offer is declined by a plain no.
    """
    if understood.meant is Meant.CONFIRM:
        return Meant.ACCEPT
    if understood.meant is Meant.CALL and (understood.declines or question.kind == Kind.PROPOSAL):
        return Meant.DECLINE
    return None


def act_on(question: Message, meant: Meant, reply: Reply) -> tuple[Why | None, Kind | None]:
    """Do what the answer says, in the open transaction; return why a person has to look, and how the visit's is answered.

    A new visit or a new time is told by its own message. A yes that comes too late is told that the time is gone, to
    somebody who keeps a place on the list; of everybody else, and of whatever cannot be booked, the desk takes care.
    """
    if question.offer_id is not None:
        offer = WaitlistOffer.objects.get(pk=question.offer_id)
        return (_take(offer, reply) if meant is Meant.ACCEPT else _pass_on(offer)), None
    if question.displaced_visit_id is None:
        raise TypeError("no question")
    displaced = DisplacedVisit.objects.get(pk=question.displaced_visit_id)
    return _move(displaced) if meant is Meant.ACCEPT else _call(displaced)


def _take(offer: WaitlistOffer, reply: Reply) -> Why | None:
    try:
        with transaction.atomic():
            return _taken(offer, reply)
    except DomainError:
        return Why.CANNOT_BE_TAKEN


def _taken(offer: WaitlistOffer, reply: Reply) -> Why | None:
    try:
        accept_offer(offer_id=offer.pk, caller=_PATIENT)
    except OfferOver:  # what was counted is kept
        now = WaitlistOffer.objects.select_related("entry__patient").get(pk=offer.pk)
        if now.state == WaitlistOffer.State.ACCEPTED:
            return None  # by the link, a moment ago
        if now.entry.state not in (WaitlistEntry.State.WAITING, WaitlistEntry.State.OFFERED):
            return Why.CANNOT_BE_TAKEN
        tell_one(Telling(kind=Kind.OFFER_OVER, offer=now, urgent=True, channel=Channel.SMS, answers=reply))
    return None


def _pass_on(offer: WaitlistOffer) -> Why | None:
    try:
        with transaction.atomic():
            decline_offer(offer_id=offer.pk, caller=_PATIENT)
    except OfferOver:
        return None  # over is over: whoever says no wants nothing more
    except DomainError:
        return Why.ASKED_BY_REPLY
    return None


def _move(displaced: DisplacedVisit) -> tuple[Why | None, Kind | None]:
    try:
        with transaction.atomic():
            accept_proposal(displaced_visit_id=displaced.pk, caller=_PATIENT)
    except DomainError as refusal:
        if isinstance(refusal, ProposalOver) and _is(displaced, DisplacedVisit.State.ACCEPTED):
            return None, None
        return Why.CANNOT_BE_TAKEN, Kind.WILL_CALL
    return None, None


def _call(displaced: DisplacedVisit) -> tuple[Why | None, Kind | None]:
    try:
        with transaction.atomic():
            decline_proposal(displaced_visit_id=displaced.pk, caller=_PATIENT, wants_call=True)
    except DomainError:
        if not _is(displaced, DisplacedVisit.State.DECLINED):
            return Why.ASKED_BY_REPLY, Kind.WILL_CALL
    return None, Kind.WILL_CALL


def _is(displaced: DisplacedVisit, state: DisplacedVisit.State) -> bool:
    return DisplacedVisit.objects.filter(pk=displaced.pk, state=state).exists()
