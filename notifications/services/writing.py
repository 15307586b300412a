"""Write messages: account mail with its words, and messages about visits, whose words are made when they are sent."""

import datetime as dt
from collections.abc import Sequence
from typing import Final
from urllib.parse import urljoin

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from appointments.models import Appointment
from mediconnect.outbox.models import Fact
from mediconnect.telemetry.request_id import current_request_id
from notifications.models import Channel, Kind, Message, MessageEvent, Reply, State
from notifications.queries.addresses import Reach, reach_of, system_of
from notifications.rules.reasons import Why
from notifications.services.composing import compose_account
from patients.models import index_of_value

from .inserting import insert_messages
from .telling import Step, Telling, steps_of
from .waking import wake_senders

_WOKEN_AHEAD: Final = dt.timedelta(minutes=10)
"""What is due later than this is found by the minute's sweep; its wake-up would only lie in the queue."""


def public_link(path: str) -> str:
    """Return the absolute address of one of our pages, as a person outside reaches it."""
    return urljoin(settings.PUBLIC_URL, path)


def write_message(
    *,
    fact: Fact,
    kind: Kind,
    channel: Channel,
    recipient: str,
    language: str = "en",
    context: dict[str, str] | None = None,
    expires_at: dt.datetime | None = None,
) -> Message:
    """Write the message of this kind about the fact, in the open transaction, and wake the senders.

    The words are ours, in the recipient's language; `context` holds the link or code that they fill in, `expires_at` is
    when that stops working. Raises `CannotBeWritten` where the context lacks something, `IntegrityError` where the fact
    was written about in this kind before, and `TransactionManagementError` outside a transaction: a link minted for the
    message must be kept or lost together with it.
    """
    _needs_a_transaction("write_message")
    words = compose_account(kind=kind, channel=channel, language=language, values=context or {})
    message = Message.objects.create(
        fact=fact,
        kind=kind,
        channel=channel,
        recipient=recipient,
        recipient_index=index_of_value(system_of(channel), recipient),
        language=language,
        subject=words.subject,
        body=words.body,
        html=words.html,
        segments=words.segments,
        urgent=True,
        expires_at=expires_at,
        request_id=current_request_id(),
    )
    MessageEvent.objects.create(message=message, what=MessageEvent.What.QUEUED)
    wake_senders()
    return message


def tell(
    *,
    visit: Appointment,
    kind: Kind,
    version: int,
    fact: Fact | None = None,
    due_at: dt.datetime | None = None,
    urgent: bool = False,
    lead_minutes: int | None = None,
    channel: Channel | None = None,
    instead_of: Message | None = None,
    answers: Reply | None = None,
    skip: Why | None = None,
) -> Message:
    """Write one message about a visit: `tell_one` for those that need no more than this. The arguments are `Telling`'s."""
    return tell_one(
        Telling(
            visit=visit,
            kind=kind,
            version=version,
            fact=fact,
            due_at=due_at,
            urgent=urgent,
            lead_minutes=lead_minutes,
            channel=channel,
            instead_of=instead_of,
            answers=answers,
            skip=skip,
        )
    )


def tell_one(telling: Telling) -> Message:
    """Write one message, or return the one that tells this step already, in the open transaction.

    Recipient and words are empty: they are those of the moment of sending. Where nothing can be written to, or `skip`
    says why not, the message is kept as skipped, so that “why not?” has an answer.
    """
    try:
        with transaction.atomic():
            (message,) = tell_all([telling])
    except IntegrityError:
        known = _known([telling])
        if telling.step not in known:
            raise
        return known[telling.step]
    return Message.objects.get(pk=message.pk)  # with what the database filled in


def tell_all(tellings: Sequence[Telling]) -> list[Message]:
    """Write so many messages in a fixed number of statements, and return them in the same order, in the open transaction.

    Those that are there already are returned, not written. Raises `IntegrityError` where somebody else wrote one of them
    at the same time. What was written holds what was given to it alone, not what the database filled in.
    """
    _needs_a_transaction("tell_all")
    known = _known(tellings)
    fresh = [telling for telling in tellings if telling.step not in known]
    reach = reach_of({telling.patient_id for telling in fresh}) if fresh else {}
    now = timezone.now()
    written = [_written(telling, reach[telling.patient_id], now) for telling in fresh]
    insert_messages(written, [telling.due_at for telling in fresh])
    _wake_for(
        [
            telling.due_at or now
            for telling, message in zip(fresh, written, strict=True)
            if message.state != State.SKIPPED
        ],
        now,
    )
    known |= {telling.step: message for telling, message in zip(fresh, written, strict=True)}
    return [known[telling.step] for telling in tellings]


def _written(telling: Telling, reach: Reach, now: dt.datetime) -> Message:
    channel = telling.channel or reach.preferred() or Channel.SMS
    skip = telling.skip or reach.why_not(telling.channel)
    state, reason = State.QUEUED, ""
    if skip is not None:
        state, reason = State.SKIPPED, skip.value
    elif telling.due_at is not None and telling.due_at > now:
        state, reason = State.WAITING, telling.waits.value
    return Message(
        kind=telling.kind,
        channel=channel,
        language=reach.languages.get(channel) or telling.patient.language,
        fact=telling.fact,
        clinic_id=telling.clinic_id,
        patient_id=telling.patient_id,
        visit=telling.visit,
        visit_version=telling.version,
        visit_starts_at=telling.starts_at,
        lead_minutes=telling.lead_minutes,
        offer=telling.offer,
        displaced_visit=telling.displaced,
        batch=telling.batch,
        instead_of=telling.instead_of,
        answers=telling.answers,
        state=state,
        reason=reason,
        urgent=telling.urgent,
        expires_at=telling.ends_at(now),
        request_id=current_request_id(),
    )


def _wake_for(due: Sequence[dt.datetime], now: dt.datetime) -> None:
    soonest = min(due, default=None)
    if soonest is None or soonest > now + _WOKEN_AHEAD:
        return
    if soonest <= now:
        wake_senders()
    else:
        wake_senders(wait=(soonest - now).total_seconds())


def _known(tellings: Sequence[Telling]) -> dict[Step, Message]:
    """Return the messages that tell one of these steps already, by step; the first where there are two channels."""
    kinds = {telling.kind for telling in tellings}
    sealed = Message.objects.sealed().order_by("id")
    answers = {telling.answers.pk for telling in tellings if telling.answers is not None}
    offers = {telling.offer.pk for telling in tellings if telling.offer is not None}
    visits = {telling.visit.pk for telling in tellings if telling.visit is not None and telling.answers is None}
    rows = [
        *(sealed.filter(answers__in=answers) if answers else ()),
        *(sealed.filter(offer__in=offers, kind__in=kinds) if offers else ()),
        *(sealed.filter(visit__in=visits, kind__in=kinds, answers=None) if visits else ()),
    ]
    found: dict[Step, Message] = {}
    for message in rows:
        for step in steps_of(message):
            found.setdefault(step, message)
    return found


def _needs_a_transaction(name: str) -> None:
    if not connection.in_atomic_block:
        message = f"{name}() needs an open transaction."
        raise transaction.TransactionManagementError(message)
