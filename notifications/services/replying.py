"""Take in a text message: understood in few words, bound to what was asked, done at once or put before a person."""

import datetime as dt
import logging
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from django.db import IntegrityError, transaction
from django.utils import timezone

from appointments.locks import lock_appointment
from appointments.models import Appointment, Status
from appointments.services.booking import Caller
from appointments.services.flow import advance_appointment
from mediconnect.api.versions import Expected
from mediconnect.resilience.transactions import decide
from mediconnect.telemetry.request_id import current_request_id
from notifications.models import AddressStanding, Channel, Kind, Message, Reply
from notifications.rules.reasons import Why
from notifications.rules.replies import Meant, Understood, understand
from notifications.services.binding import Bound, bind
from notifications.services.replying_to_questions import act_on, answer_to
from notifications.services.standing import note_reachable, opt_in, opt_out
from notifications.services.writing import tell
from patients.models import ContactSystem, index_of_value

log = logging.getLogger(__name__)

BY_REPLY: Final = "by reply"
LONGEST_BODY: Final = 1_600
"""Characters of a text that are kept; Twilio joins no longer ones."""

_PATIENT: Final = Caller(None, patients_own=True)
_QUIET_AFTER: Final = dt.timedelta(days=1)
"""A visit's answer of one kind goes out once a day: two machines that answer each other must come to rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A text as the service told it. `opt_out_type` is what the carrier took it for, if it did."""

    provider_id: str
    sender: str = field(repr=False)
    body: str = field(repr=False)
    opt_out_type: str = ""


def receive_reply(incoming: Incoming) -> Reply:
    """Keep the text, do what it plainly asks for, and return it; told again, nothing more happens.

    A confirmation confirms every visit that was told of in the message it answers, as the patient's own act (`by reply`);
    to an offer or a proposal it is a yes, as a no is a no.
    STOP, START and HELP are kept as the address's standing and answered by the carrier alone. Everything else, and
    whatever a rule refuses, is left open for a person of the clinic with the reason. One transaction.
    """

    def work() -> Reply:
        index = index_of_value(ContactSystem.PHONE, incoming.sender)
        understood = understand(incoming.body, opt_out_type=incoming.opt_out_type)
        understood = _or_start(understood, index)
        bound = bind(index)
        answer = answer_to(bound.question, understood) if bound.question else None
        reply, fresh = _keep(incoming, index, answer or understood.meant, bound)
        if fresh:
            note_reachable(Channel.SMS, index)
            if bound.question is not None and answer is not None:
                _answer_question(reply, bound.question, answer, bound)
            else:
                _ACTS[understood.meant](reply, understood, bound)
        return reply

    return decide(work, actor_id=None, request_id=current_request_id(), reason=BY_REPLY, fresh_reads=True)


def _or_start(understood: Understood, index: str) -> Understood:
    """Return it as a START where the carrier takes it for one: YES from somebody who had stopped, whom we asked nothing."""
    if understood.opts_in and understood.meant is Meant.CONFIRM and _has_stopped(index):
        return Understood(Meant.START, opts_in=True, answered=True)
    return understood


def _has_stopped(index: str) -> bool:
    return AddressStanding.objects.filter(channel=Channel.SMS, address_index=index, opted_out_at__isnull=False).exists()


def _keep(incoming: Incoming, index: str, meant: Meant, bound: Bound) -> tuple[Reply, bool]:
    """Return the reply's row, and whether it is new. The second of two at once waits here for the first."""
    reply = Reply(
        provider_id=incoming.provider_id,
        sender=incoming.sender,
        sender_index=index,
        body=incoming.body[:LONGEST_BODY],
        meaning=meant.value,
        state=Reply.State.OPEN,
        reason=bound.against or Why.UNCLEAR_WORDS,
        message=bound.message,
        visit_id=bound.visit_id,
        patient_id=bound.patient_id,
        clinic_id=bound.clinic_id,
    )
    try:
        with transaction.atomic():
            reply.save(force_insert=True)
    except IntegrityError:
        known = Reply.objects.filter(provider_id=incoming.provider_id).first()
        if known is None:
            raise
        return known, False
    return reply, True


def _confirm(reply: Reply, _understood: Understood, bound: Bound) -> None:
    """Confirm all that was asked about. What cannot be confirmed any more keeps the reply open, with the reason."""
    if bound.against is not None:
        _leave(reply, bound.against)
        return
    against = [_confirm_visit(visit_id, starts_at) for visit_id, starts_at in sorted(bound.told.items())]
    refused = [why for why in against if why is not None]
    if refused:
        _leave(reply, refused[0])
        return
    _finish(reply)
    _answer(reply, Kind.THANKS, bound)


def _confirm_visit(visit_id: uuid.UUID, told: dt.datetime) -> Why | None:
    """Confirm the visit, which is locked first so that nobody moves it meanwhile; return why it cannot be, if so."""
    visit = lock_appointment(visit_id)
    why = _why_not(visit, told)
    if why is None and visit.status == Status.BOOKED:
        expected = Expected(visit.version, by_header=False)
        advance_appointment(appointment_id=visit.pk, step="confirm", expected=expected, caller=_PATIENT)
    return why


def _why_not(visit: Appointment, told: dt.datetime) -> Why | None:
    if visit.status == Status.CANCELLED:
        return Why.VISIT_CANCELLED
    if visit.starts_at != told:
        return Why.VISIT_MOVED
    if visit.status not in (Status.BOOKED, Status.CONFIRMED):
        return Why.VISIT_OVER
    if visit.displaced:
        return Why.VISIT_DISPLACED
    return Why.VISIT_BEGUN if visit.starts_at <= timezone.now() else None


def _answer_question(reply: Reply, question: Message, answer: Meant, bound: Bound) -> None:
    why, kind = act_on(question, answer, reply)
    if why is None:
        _finish(reply)
    else:
        _leave(reply, why)
    if kind is not None:
        _answer(reply, kind, bound)


def _ask_to_call(reply: Reply, _understood: Understood, bound: Bound) -> None:
    _leave(reply, bound.against or Why.ASKED_BY_REPLY)
    _answer(reply, Kind.WILL_CALL, bound)


def _leave_unclear(reply: Reply, _understood: Understood, bound: Bound) -> None:
    _leave(reply, bound.against or Why.UNCLEAR_WORDS)
    _answer(reply, Kind.PLEASE_CALL, bound)


def _stop(reply: Reply, understood: Understood, _bound: Bound) -> None:
    opt_out(Channel.SMS, reply.sender_index, AddressStanding.OptedOutBy.REPLY)
    if understood.may_mean_visit:
        _leave(reply, Why.SAYS_CANCEL)
    else:
        _finish(reply)


def _start(reply: Reply, _understood: Understood, _bound: Bound) -> None:
    opt_in(Channel.SMS, reply.sender_index)
    _finish(reply)


def _help(reply: Reply, understood: Understood, _bound: Bound) -> None:
    if understood.answered:
        _finish(reply)
    else:
        _leave(reply, Why.ASKS_FOR_HELP)


_ACTS: Final[Mapping[Meant, Callable[[Reply, Understood, Bound], None]]] = {
    Meant.CONFIRM: _confirm,
    Meant.CALL: _ask_to_call,
    Meant.UNCLEAR: _leave_unclear,
    Meant.STOP: _stop,
    Meant.START: _start,
    Meant.HELP: _help,
}


def _leave(reply: Reply, why: Why) -> None:
    reply.reason = why
    reply.save(update_fields=["state", "reason"])


def _finish(reply: Reply) -> None:
    reply.state, reply.reason = Reply.State.ACTED, ""
    reply.save(update_fields=["state", "reason"])


def _answer(reply: Reply, kind: Kind, bound: Bound) -> Message | None:
    """Answer about the visit that was asked about, once a day for each kind; None where nobody asked or it is said already."""
    if bound.message is None or bound.against is not None or reply.visit is None:
        return None
    since = timezone.now() - _QUIET_AFTER
    if Message.objects.filter(visit=reply.visit, kind=kind, answers__isnull=False, created_at__gt=since).exists():
        return None
    return tell(
        visit=reply.visit,
        kind=kind,
        version=bound.message.visit_version or reply.visit.version,
        urgent=True,
        channel=Channel.SMS,
        answers=reply,
    )
