"""Answer what a person wrote, with one of three messages, or put it away with a note: what the inbox's buttons do."""

import uuid
from typing import Final

from django.db.models.functions import Now

from appointments.locks import lock_appointment
from appointments.models import Appointment, Status
from appointments.services.booking import Caller
from appointments.services.flow import advance_appointment
from mediconnect.api.versions import Expected
from mediconnect.errors import Invalid, NotFound
from mediconnect.resilience.transactions import decide
from mediconnect.telemetry.request_id import current_request_id
from notifications.errors import NoMessageReachesThem, NothingToAnswerAbout, ReplyClosed
from notifications.locks.addresses import hold_reply
from notifications.models import Channel, Kind, Message, Reply
from notifications.queries.addresses import reach_of
from notifications.queries.times import times_since
from notifications.services.writing import tell

ANSWERS: Final = (Kind.THANKS, Kind.WILL_CALL, Kind.PLEASE_CALL)
"""What a reply may be answered with: you are confirmed, we will call, please call."""

_LONGEST_NOTE: Final = 200


def answer_reply(*, reply_id: uuid.UUID, kind: Kind, by_id: uuid.UUID) -> Message:
    """Answer an open reply with a message of this kind (`ANSWERS`), close it, and return the message.

    THANKS says that the visit is confirmed, so it confirms it first, in the name of who clicked, and only the visit to which
    the reply was bound; where nothing can be sent to the number, that stands and the message is kept as skipped. Another
    answer is refused then: `NoMessageReachesThem`, and the reply stays open. Raises `NotFound`, `ReplyClosed`,
    `NothingToAnswerAbout`, `InvalidTransition` for a visit that cannot be confirmed any more, and `Invalid` for another
    kind.
    """
    if kind not in ANSWERS:
        raise Invalid.field("kind", "A reply is answered with thanks, will_call or please_call.")

    def work() -> Message:
        reply = _open_reply(reply_id)
        visit_id = reply.visit_id or (reply.message.visit_id if reply.message else None)
        if visit_id is None or (kind == Kind.THANKS and reply.visit_id is None):
            raise NothingToAnswerAbout
        visit = lock_appointment(visit_id)
        if kind != Kind.THANKS and reach_of({visit.patient_id})[visit.patient_id].why_not(Channel(reply.channel)):
            raise NoMessageReachesThem
        if kind == Kind.THANKS and visit.status != Status.CONFIRMED:
            visit = _confirm(visit, by_id)
        message = tell(
            visit=visit, kind=kind, version=times_since([visit])[visit.pk].version, urgent=True,
            channel=Channel(reply.channel), answers=reply,
        )  # fmt: skip
        _close(reply, by_id, kind.value)
        return message

    return decide(work, actor_id=by_id, request_id=current_request_id(), fresh_reads=True)


def close_reply(*, reply_id: uuid.UUID, note: str, by_id: uuid.UUID) -> Reply:
    """Put an open reply away without a message, with a note of what was done, and return it.

    Raises `NotFound`, `ReplyClosed`, and `Invalid` for a note of more than 200 characters.
    """
    words = note.strip()
    if len(words) > _LONGEST_NOTE:
        raise Invalid.field("note", f"A note may have {_LONGEST_NOTE} characters at most.")

    def work() -> Reply:
        reply = _open_reply(reply_id)
        _close(reply, by_id, words)
        return reply

    return decide(work, actor_id=by_id, request_id=current_request_id(), fresh_reads=True)


def _open_reply(reply_id: uuid.UUID) -> Reply:
    reply = hold_reply(reply_id)
    if reply is None:
        raise NotFound
    if reply.state != Reply.State.OPEN:
        raise ReplyClosed
    return reply


def _confirm(visit: Appointment, by_id: uuid.UUID) -> Appointment:
    expected = Expected(visit.version, by_header=False)
    caller = Caller(by_id, patients_own=False)
    return advance_appointment(appointment_id=visit.pk, step="confirm", expected=expected, caller=caller)


def _close(reply: Reply, by_id: uuid.UUID, note: str) -> None:
    Reply.objects.filter(pk=reply.pk).update(state=Reply.State.CLOSED, closed_at=Now(), closed_by=by_id, note=note)
    reply.refresh_from_db(fields=["state", "closed_at", "closed_by", "note"])
