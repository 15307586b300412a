"""Write what the desk finds on its message pages: what went out to those who came, and what waits for somebody.

Messages of visits to come write themselves, as anybody's do: the workers find the facts and the plans.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from appointments.models import Appointment
from appointments.models.status import MOVABLE
from notifications.models import Channel, Kind, Message, MessageEvent, Reply, State
from notifications.queries.addresses import Destination, destinations_of
from notifications.rules.reasons import Why
from providers.models import Clinic

_LEAD: Final = 48 * 60
_SECONDS: Final = dt.timedelta(seconds=1)
_TOLD_DAYS: Final = 2
"""As many days back are shown as sent; further back nobody looks in a demo."""

# What patients answer: their words, what is made of them, why somebody has to look.
_ANSWERS: Final = (
    ("I am stuck in traffic, can I come 20 minutes later?", Reply.Meaning.UNCLEAR, Why.UNCLEAR_WORDS),
    ("2", Reply.Meaning.CALL, Why.ASKED_BY_REPLY),
    ("¿Puede venir mi hija conmigo?", Reply.Meaning.UNCLEAR, Why.UNCLEAR_WORDS),
)
# What did not arrive: where the message stands, why, and what the service said.
_FAILURES: Final = (
    (State.UNDELIVERED, Why.UNDELIVERABLE, "twilio 30005"),
    (State.DEAD, Why.ATTEMPTS_USED_UP, "TimedOut read"),
)


def write_messages(clinic: Clinic, *, now: dt.datetime) -> None:
    """Write the last days' reminders of the clinic, three answers that wait, and two messages that did not arrive.

    Writes nothing where the clinic has messages already.
    """
    if Message.objects.filter(clinic=clinic, kind=Kind.REMINDER).exists():
        return
    visits = Appointment.objects.filter(clinic=clinic).select_related("patient").order_by("starts_at", "id")
    told = list(visits.filter(starts_at__range=(now - _TOLD_DAYS * dt.timedelta(days=1), now)))
    reached = list(_reached(told))
    messages = [_delivered(visit, to) for visit, to in reached]
    Message.objects.bulk_create(messages)
    MessageEvent.objects.bulk_create(line for message in messages for line in _lines(message))
    ahead = visits.filter(starts_at__gt=now, status__in=MOVABLE)[: 4 * (len(_ANSWERS) + len(_FAILURES))]
    by_text = [(visit, to) for visit, to in _reached(ahead) if to.channel == Channel.SMS]
    _write_answers(by_text[: len(_ANSWERS)], now)
    _write_failures(by_text[len(_ANSWERS) : len(_ANSWERS) + len(_FAILURES)], now)


def _reached(visits: Iterable[Appointment]) -> Iterator[tuple[Appointment, Destination]]:
    for visit in visits:
        usable = destinations_of(visit.patient_id).usable
        if usable:
            yield visit, usable[0]


def _about(visit: Appointment, to: Destination) -> Message:
    return Message(
        kind=Kind.REMINDER,
        channel=to.channel,
        language=to.language,
        clinic_id=visit.clinic_id,
        patient_id=visit.patient_id,
        visit=visit,
        visit_version=1,
        visit_starts_at=visit.starts_at,
        lead_minutes=_LEAD,
        recipient=to.recipient,
        recipient_index=to.index,
        expires_at=visit.starts_at,
        via="sandbox",
    )


def _delivered(visit: Appointment, to: Destination) -> Message:
    due = visit.starts_at - dt.timedelta(minutes=_LEAD)
    message = _about(visit, to)
    message.state, message.due_at, message.attempts = State.DELIVERED, due, 1
    message.first_attempt_at = message.last_attempt_at = due + 3 * _SECONDS
    message.sent_at, message.delivered_at = due + 4 * _SECONDS, due + 9 * _SECONDS
    message.created_at, message.provider_status = due, "delivered"
    return message


def _lines(message: Message) -> Iterator[MessageEvent]:
    what, due = MessageEvent.What, message.due_at
    for kind, seconds in ((what.QUEUED, 0), (what.TRIED, 3), (what.SENT, 4), (what.DELIVERED, 9)):
        yield MessageEvent(message=message, what=kind, at=due + seconds * _SECONDS, attempt=min(seconds, 1))


def _write_answers(asked: Sequence[tuple[Appointment, Destination]], now: dt.datetime) -> None:
    for number, ((visit, to), (words, meaning, why)) in enumerate(zip(asked, _ANSWERS, strict=False)):
        message = _about(visit, to)
        at = now - dt.timedelta(minutes=95 - 30 * number)
        message.state, message.due_at, message.created_at = State.DELIVERED, at, at
        message.attempts, message.provider_status = 1, "delivered"
        message.first_attempt_at = message.last_attempt_at = at + 3 * _SECONDS
        message.sent_at, message.delivered_at = at + 4 * _SECONDS, at + 9 * _SECONDS
        message.save(force_insert=True)
        MessageEvent.objects.bulk_create(_lines(message))
        Reply.objects.create(
            provider_id=f"demo-{visit.pk}",
            sender=to.recipient,
            sender_index=to.index,
            body=words,
            meaning=meaning,
            state=Reply.State.OPEN,
            reason=why,
            message=message,
            visit=visit,
            patient_id=visit.patient_id,
            clinic_id=visit.clinic_id,
            received_at=at + dt.timedelta(minutes=12),
        )


def _write_failures(failed: Sequence[tuple[Appointment, Destination]], now: dt.datetime) -> None:
    what = MessageEvent.What
    for (visit, to), (state, why, error) in zip(failed, _FAILURES, strict=False):
        message = _about(visit, to)
        at = now - dt.timedelta(minutes=40)
        message.state, message.reason, message.last_error = state, why, error
        message.due_at, message.created_at = at, at
        message.attempts = 1 if state == State.UNDELIVERED else 4
        message.first_attempt_at, message.last_attempt_at = at, at + 9 * _SECONDS
        message.sent_at = at + _SECONDS if state == State.UNDELIVERED else None
        message.save(force_insert=True)
        last = what.UNDELIVERED if state == State.UNDELIVERED else what.GIVEN_UP
        MessageEvent.objects.bulk_create(
            [
                MessageEvent(message=message, what=what.QUEUED, at=at),
                MessageEvent(message=message, what=what.TRIED, at=at, attempt=1),
                MessageEvent(message=message, what=last, detail=why, at=at + 10 * _SECONDS, attempt=message.attempts),
            ]
        )
