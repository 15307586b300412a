"""Messages and replies as lists show them: what is still to do, what was sent to whom, and what one visit or person got."""

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from appointments.models import Appointment, Status
from mediconnect.api.access import CLINIC_ADMIN, FRONT_DESK
from mediconnect.errors import NotFound
from mediconnect.portal.desk import Desk
from notifications.models import REQUEUABLE, Channel, Kind, Message, Reminder, Reply, State
from notifications.queries.inbox import replies_to_read
from notifications.queries.log import about, masked, visible_to
from patients.models import ContactPoint, ContactSystem, Patient

from .telling import now, undecided
from .words import KINDS, channel_word, kind_of, lead, reason, state_of

# More than a desk works through before it looks again.
SHOWN: Final = 50
# Of one person on the record; all of them are in the log.
LATEST: Final = 6

_QUESTIONS: Final = (Kind.OFFER, Kind.PROPOSAL)

WRONG: Final = frozenset(REQUEUABLE)


@dataclass(frozen=True, slots=True)
class Told:
    """The visit that a message or reply is about."""

    id: uuid.UUID
    starts_at: dt.datetime
    provider: str


@dataclass(frozen=True, slots=True)
class Row:
    """One message. `why` is empty where its state needs no reason; `address` is masked, and empty until it was chosen.

    `until` is set while an offer or a proposal stands: so long somebody can still be asked in another way.
    """

    id: uuid.UUID
    at: dt.datetime
    kind: str
    channel: str
    channel_word: str
    address: str
    state: str
    state_word: str
    why: str
    is_wrong: bool
    patient: Patient | None
    phone: str
    visit: Told | None
    via: str
    until: dt.datetime | None = None

    @property
    def look(self) -> str:
        """Return how its state looks: what the sandbox took reached nobody, and is not shown as if it had."""
        return "recorded" if self.via == "sandbox" and self.state in {State.SENT, State.DELIVERED} else self.state


@dataclass(frozen=True, slots=True)
class Plan:
    """A reminder that no message was written for, or not yet."""

    at: dt.datetime
    lead: str
    word: str
    is_planned: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """One reply. `asked` is what it answers, empty where it answers nothing that we know of.

    `phone` is the number to call: a text's own, else one of the patient's; `sender` is where the reply came from.
    """

    id: uuid.UUID
    at: dt.datetime
    minutes: int
    patient: Patient | None
    sender: str
    phone: str
    body: str
    meaning: str
    why: str
    asked: str
    visit: Told | None
    visit_version: int
    can_confirm: bool
    is_open: bool
    note: str
    closed_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Todo:
    """What waits for somebody: replies, longest waiting first, and what reached nobody, soonest visit first."""

    replies: Sequence[Answer]
    messages: Sequence[Row]
    more: int

    @property
    def anything(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.replies or self.messages)


def messages_at(desk: Desk) -> QuerySet[Message]:
    """Return the messages of this clinic that the person may see."""
    return visible_to(desk.principal).filter(clinic=desk.clinic.pk)


def message_at(desk: Desk, message_id: uuid.UUID) -> Message:
    """Return one of them with what its page names; raises `NotFound`."""
    found = listed(messages_at(desk).filter(pk=message_id)).first()
    if found is None:
        raise NotFound
    message: Message = found
    return message


def reply_at(desk: Desk, reply_id: uuid.UUID) -> Reply:
    """Return a reply to this clinic, to a provider one about the own calendar's visits; raises `NotFound`."""
    replies = Reply.objects.filter(clinic=desk.clinic.pk, pk=reply_id)
    if not (desk.may(FRONT_DESK) or desk.may(CLINIC_ADMIN)):
        replies = replies.filter(visit__provider=desk.only_provider)
    found = (
        replies.select_related("patient", "message", "visit__provider", "closed_by").annotate(phone=_phone()).first()
    )
    if found is None:
        raise NotFound
    return found


def listed(messages: QuerySet[Message]) -> QuerySet[Message]:
    """Return the messages with whom and what they are about, without their words."""
    return (
        messages.select_related("patient", "visit__provider")
        .defer("body", "html", "patient__notes", "visit__reason", "visit__patient_note", "visit__internal_note")
        .annotate(phone=_phone())
    )


def todo_of(desk: Desk) -> Todo:
    """Return what waits at this clinic: two statements beside the one that counts it."""
    alerts = desk.alerts
    replies = replies_to_read(desk.clinic.pk, [alert.id for alert in alerts.replies[:SHOWN]]).annotate(phone=_phone())
    order = {alert.id: number for number, alert in enumerate(alerts.messages[:SHOWN])}
    messages = sorted(listed(Message.objects.filter(pk__in=order)), key=lambda message: order[message.pk])
    return Todo(
        [answer_of(desk, reply) for reply in replies],
        [row_of(desk, message) for message in messages],
        max(0, len(alerts.replies) - SHOWN) + max(0, len(alerts.messages) - SHOWN),
    )


def row_of(desk: Desk, message: Any) -> Row:
    """Return a message from `listed` as a line."""
    return Row(
        id=message.pk,
        at=message.delivered_at or message.sent_at or message.last_attempt_at or message.created_at,
        kind=kind_of(message),
        channel=message.channel,
        channel_word=channel_word(message.channel),
        address=masked(message.channel, message.recipient),
        state=message.state,
        state_word=state_of(message.state, message.via),
        why=now(desk, message),
        is_wrong=message.state in WRONG,
        patient=message.patient,
        phone=message.phone or "",
        visit=_told(message.visit, message.visit_starts_at),
        via=message.via,
        until=_stands_until(desk, message),
    )


def answer_of(desk: Desk, reply: Any) -> Answer:
    """Return a reply, annotated with its patient's phone, as the inbox shows it."""
    visit = reply.visit
    return Answer(
        id=reply.pk,
        at=reply.received_at,
        minutes=int((desk.now - reply.received_at).total_seconds() // 60),
        patient=reply.patient,
        sender=reply.sender,
        phone=reply.sender if reply.channel == Channel.SMS else reply.phone or "",
        body=reply.body,
        meaning=reply.meaning,
        why=reason(reply.reason) if reply.reason else "",
        asked=kind_of(reply.message) if reply.message else "",
        visit=_told(visit, None),
        visit_version=visit.version if visit else 0,
        can_confirm=visit is not None and visit.status == Status.BOOKED and visit.starts_at > desk.now,
        is_open=reply.state == Reply.State.OPEN,
        note=_(KINDS[Kind(reply.note)]) if reply.note in Kind.values else reply.note,
        closed_at=reply.closed_at,
    )


def rows_about(desk: Desk, visit_id: uuid.UUID) -> list[Row]:
    """Return what was written about a visit that the person may see, newest first."""
    return [row_of(desk, message) for message in listed(about(visit_id)).order_by("-created_at", "-id")]


def plans_of(desk: Desk, visit: Appointment) -> list[Plan]:
    """Return the reminders of a visit's present time that no message was written for, soonest first."""
    plans = Reminder.objects.filter(visit=visit, visit_starts_at=visit.starts_at).exclude(state=Reminder.State.TAKEN)
    return [
        Plan(plan.due_at, lead(plan.lead_minutes), undecided(desk, plan), plan.state == Reminder.State.PLANNED)
        for plan in plans.order_by("-lead_minutes", "id")
    ]


def latest_of(desk: Desk, patient: Patient) -> list[Row]:
    """Return the latest messages to a patient of this clinic, newest first; one more than are shown, if there is one."""
    messages = messages_at(desk).filter(patient=patient).order_by("-created_at", "-id")
    return [row_of(desk, message) for message in listed(messages)[: LATEST + 1]]


def trouble_among(desk: Desk, rows: Iterable[Row]) -> Row | None:
    """Return the first of these messages that waits for somebody; a statement more where one of them failed at all."""
    failed = [row for row in rows if row.is_wrong]
    waiting = {alert.id for alert in desk.alerts.messages} if failed else set()
    return next((row for row in failed if row.id in waiting), None)


def _stands_until(desk: Desk, message: Message) -> dt.datetime | None:
    asks = message.kind in _QUESTIONS and message.expires_at is not None and message.expires_at > desk.now
    return message.expires_at if asks else None


def _phone() -> Subquery:
    """Return the number under which the patient of a message or reply is called first."""
    phones = ContactPoint.objects.active().filter(patient=OuterRef("patient"), system=ContactSystem.PHONE)
    return Subquery(phones.order_by("rank", "id").values("value")[:1])


def _told(visit: Appointment | None, told_at: dt.datetime | None) -> Told | None:
    return Told(visit.pk, told_at or visit.starts_at, visit.provider.name) if visit is not None else None
