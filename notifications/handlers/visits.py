"""React to facts about visits: tell their persons, plan reminders, and take back what is no longer true.

Nothing is believed that a fact says: each handler locks the visit, reads what is true now, and acts on that. So it does
not matter in which order facts arrive, or whether one arrives twice.
"""

import datetime as dt
from typing import Final

from appointments.events import AppointmentBooked, AppointmentCancelled, AppointmentMoved, AppointmentStepUndone
from appointments.locks import lock_appointment
from appointments.models import Appointment, Source, Status
from appointments.models.status import MOVABLE
from appointments.services.undoing import UNDO_CANCELLATION
from mediconnect.outbox.models import Fact
from mediconnect.outbox.rules import name_of
from notifications.models import Kind, Message, MessagePolicy, State
from notifications.queries.policies import policies_for
from notifications.queries.times import Since, by_the_person, cancelled_since, times_since
from notifications.rules.reasons import Why
from notifications.services.planning import drop_reminders, plan_reminders
from notifications.services.withdrawing import withdraw, withdraw_cancellation
from notifications.services.writing import tell

_AT_THE_DOOR: Final = dt.timedelta(minutes=30)
"""Whoever books so shortly before the visit stands at the desk or is on the way: a confirmation says nothing new."""

_TELL_A_TIME: Final = (Kind.BOOKED, Kind.MOVED)


def write_booked(fact: Fact) -> None:
    """Confirm a booking at once and plan its reminders. What was imported is no news; a cancelled visit is told as such.

    Of a series the first visit is confirmed: sixty messages at once would be read by nobody. Each has its own reminders.
    """
    visit = lock_appointment(fact.read(AppointmentBooked).appointment_id)
    if visit.source == Source.IMPORTED or visit.status == Status.CANCELLED:
        return
    since = times_since([visit])[visit.pk]
    tell(
        visit=visit,
        kind=Kind.BOOKED,
        version=since.version,
        fact=fact,
        urgent=by_the_person(visit, since),
        skip=_why_no_confirmation(visit, since),
    )
    _plan(visit, since)


def write_moved(fact: Fact) -> None:
    """Tell the new time, by staff once it cannot slip back any more, and plan its reminders in place of the old ones.

    Somebody who never heard of the old time is told of a booking. Another provider or room at the same time is no news.
    """
    event = fact.read(AppointmentMoved)
    visit = lock_appointment(event.appointment_id)
    since = times_since([visit])[visit.pk]
    drop_reminders(visit_id=visit.pk, why=Why.VISIT_MOVED, except_version=since.version)
    withdrawn = withdraw(visit, Why.VISIT_MOVED, except_time=visit.starts_at)
    if event.version != since.version or visit.status not in MOVABLE:
        return  # no other time, or a later move has a handler of its own, or there is nothing to come to any more
    kind = Kind.BOOKED if _never_told_of(visit, withdrawn) else Kind.MOVED
    by_person = by_the_person(visit, since)
    tell(
        visit=visit,
        kind=kind,
        version=since.version,
        fact=fact,
        urgent=by_person,
        due_at=None if by_person else since.at + UNDO_CANCELLATION,
        skip=_why_not(visit, kind),
    )
    _plan(visit, since)


def write_cancelled(fact: Fact) -> None:
    """Take back what is planned and queued, and tell the cancellation: by staff once it cannot be undone any more."""
    event = fact.read(AppointmentCancelled)
    visit = lock_appointment(event.appointment_id)
    if visit.status != Status.CANCELLED:
        return  # undone since
    since = cancelled_since(visit)
    drop_reminders(visit_id=visit.pk, why=Why.VISIT_CANCELLED)
    withdraw(visit, Why.VISIT_CANCELLED)
    if event.version != since.version:
        return  # undone, and cancelled again
    by_person = by_the_person(visit, since)
    tell(
        visit=visit,
        kind=Kind.CANCELLED,
        version=since.version,
        fact=fact,
        urgent=by_person,
        due_at=None if by_person else since.at + UNDO_CANCELLATION,
        skip=_why_not_cancelled(visit, since),
    )


def write_back(fact: Fact) -> None:
    """Take back the news of a cancellation that was undone, or, once it was told, say that the visit takes place.

    Of the other steps of a day that are taken back nobody was told.
    """
    event = fact.read(AppointmentStepUndone)
    visit = lock_appointment(event.appointment_id)
    since = times_since([visit])[visit.pk]
    if event.version != since.version or visit.status not in MOVABLE:
        return
    drop_reminders(visit_id=visit.pk, why=Why.VISIT_CANCELLED, except_version=since.version)
    withdraw_cancellation(visit)
    says = _heard_of_the_cancellation(visit) or _lost_its_confirmation(visit)
    if says:
        tell(
            visit=visit,
            kind=Kind.BOOKED,
            version=since.version,
            fact=fact,
            urgent=by_the_person(visit, since),
            skip=_why_not(visit, Kind.BOOKED),
        )
    _plan(visit, since, told=says)


def _plan(visit: Appointment, since: Since, *, told: bool = True) -> None:
    if visit.status in MOVABLE:
        plan_reminders(visit=visit, version=since.version, since=since.at, told=told)


def _why_no_confirmation(visit: Appointment, since: Since) -> Why | None:
    if visit.status not in MOVABLE or visit.starts_at <= since.at + _AT_THE_DOOR:
        return Why.BEGINS_NOW
    if visit.occurrence is not None and visit.occurrence > 1:
        return Why.PART_OF_A_SERIES
    return _why_not(visit, Kind.BOOKED)


def _why_not_cancelled(visit: Appointment, since: Since) -> Why | None:
    if visit.starts_at <= since.at:
        return Why.VISIT_BEGUN
    if visit.arrived_at is not None:
        return Why.BEGINS_NOW
    return _why_not(visit, Kind.CANCELLED)


def _why_not(visit: Appointment, kind: Kind) -> Why | None:
    policy: MessagePolicy = policies_for([visit]).of(visit.clinic_id)
    tells = {Kind.BOOKED: policy.tells_booked, Kind.MOVED: policy.tells_moved, Kind.CANCELLED: policy.tells_cancelled}
    return None if tells[kind] else Why.CLINIC_SENDS_NONE


def _never_told_of(visit: Appointment, withdrawn: list[Message]) -> bool:
    """Return whether the booking is still to be told: it was queued until now, or its own handler has yet to run."""
    if any(message.kind == Kind.BOOKED for message in withdrawn):
        return True
    if Message.objects.filter(visit=visit, kind__in=_TELL_A_TIME).exclude(reason=Why.VISIT_MOVED).exists():
        return False
    return Fact.objects.filter(aggregate_id=visit.pk, name=name_of(AppointmentBooked)).exists()


def _heard_of_the_cancellation(visit: Appointment) -> bool:
    """Return whether the last news of a cancellation was sent, or is at this moment; or nobody knows."""
    last = Message.objects.filter(visit=visit, kind=Kind.CANCELLED).order_by("-visit_version", "-id").first()
    return last is not None and (last.sent_at is not None or last.in_doubt)


def _lost_its_confirmation(visit: Appointment) -> bool:
    """Return whether the cancellation took back the news of the present time before it was sent."""
    told = Message.objects.filter(visit=visit, kind__in=_TELL_A_TIME, visit_starts_at=visit.starts_at)
    last = told.order_by("-visit_version", "-id").first()
    return last is not None and last.state == State.SKIPPED and last.reason == Why.VISIT_CANCELLED
