"""Tell what happened to a message, line by line, in sentences: the answer to “why was this (not) sent?”."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from mediconnect.accounts.models import User
from mediconnect.portal.desk import Desk
from notifications.models import Message, MessageEvent, Reminder, State
from notifications.queries.why import Story

from .words import LOOKED_UP, MEANINGS, channel_word, lead, reason, service

_What = MessageEvent.What


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence and when it became true. `is_wrong` is something that a person may have to see to."""

    at: dt.datetime
    sentence: str
    is_wrong: bool = False


def told(desk: Desk, story: Story) -> list[Line]:
    """Return the whole decision, oldest first."""
    lines = [planned(desk, reminder) for reminder in story.reminders]
    lines += _events(desk, story)
    lines += [
        Line(one.received_at, _("Answered: %(meaning)s.") % {"meaning": _(MEANINGS[one.Meaning(one.meaning)])})
        for one in story.replies
    ]
    return sorted(lines, key=lambda line: line.at)


def planned(desk: Desk, reminder: Reminder) -> Line:
    """Return when a reminder was to be sent, and for which visit."""
    words = {
        "when": when(desk, reminder.due_at),
        "lead": lead(reminder.lead_minutes),
        "visit": desk.habits.moment(reminder.visit_starts_at),
    }
    return Line(reminder.created_at, _("Planned for %(when)s, %(lead)s before the visit on %(visit)s.") % words)


def undecided(desk: Desk, reminder: Reminder) -> str:
    """Return what becomes of a plan that no message was written for: when it is sent, or why it was not."""
    if reminder.state == Reminder.State.PLANNED:
        return _("planned for %(when)s") % {"when": when(desk, reminder.due_at)}
    return _("not sent: %(why)s") % {"why": reason(reminder.reason)}


def now(desk: Desk, message: Message) -> str:
    """Return why a message stands where it does, with the time until which it waits; "" where that needs no reason."""
    if not message.reason:
        return ""
    why = reason(message.reason)
    if message.state == State.WAITING:
        return _("until %(when)s: %(why)s") % {"when": when(desk, message.due_at), "why": why}
    return why


def when(desk: Desk, moment: dt.datetime) -> str:
    """Return a moment as one says it at the desk: today's by its time alone."""
    is_today = moment.astimezone(desk.zone).date() == desk.today
    return desk.habits.time(moment) if is_today else desk.habits.moment(moment)


def _events(desk: Desk, story: Story) -> Iterator[Line]:
    """Tell the events; a message older than its events, or one that was never touched, tells at least its beginning."""
    if not any(event.what == _What.QUEUED for event in story.events):
        yield Line(story.message.created_at, _queued(desk, story, None))
    for event in story.events:
        sentence = SENTENCES[_What(event.what)](desk, story, event)
        yield Line(event.at, sentence, event.what in _WRONG)


def _queued(desk: Desk, story: Story, event: MessageEvent | None) -> str:
    words = {"channel": channel_word(story.message.channel)}
    if story.message.instead_of_id is not None:
        return _("Written as %(channel)s, because the other way failed.") % words
    return _("Written as %(channel)s.") % words


def _waited(desk: Desk, story: Story, event: MessageEvent) -> str:
    why = reason(event.detail)
    if event.until is None:
        return _("Waits: %(why)s.") % {"why": why}
    return _("Waits until %(until)s: %(why)s.") % {"until": _until(desk, event), "why": why}


def _until(desk: Desk, event: MessageEvent) -> str:
    """Return until when, to the second where that is what the wait is about."""
    until = event.until or event.at
    same_day = until.astimezone(desk.zone).date() == event.at.astimezone(desk.zone).date()
    if until - event.at < dt.timedelta(minutes=5):
        return desk.habits.precise(until)
    return desk.habits.time(until) if same_day else desk.habits.moment(until)


def _tried(desk: Desk, story: Story, event: MessageEvent) -> str:
    return _("Try %(number)d.") % {"number": event.attempt}


def _failed(desk: Desk, story: Story, event: MessageEvent) -> str:
    words = {"why": reason(event.detail)}
    if event.until is None:
        return _("That failed: %(why)s.") % words
    return _("That failed: %(why)s. Next at %(until)s.") % {**words, "until": _until(desk, event)}


def _looked_up(desk: Desk, story: Story, event: MessageEvent) -> str:
    words = {"service": service("", story.message.channel)}
    if event.detail not in LOOKED_UP:
        return _("Asked %(service)s whether the last try was accepted.") % words
    return _("Asked %(service)s about the last try: %(answer)s.") % {**words, "answer": _(LOOKED_UP[event.detail])}


def _sent(desk: Desk, story: Story, event: MessageEvent) -> str:
    via = event.detail or story.message.via
    if via == "sandbox":
        return _("Recorded by the sandbox: delivered to nobody.")
    return _("Accepted by %(service)s.") % {"service": service(via, story.message.channel)}


def _delivered(desk: Desk, story: Story, event: MessageEvent) -> str:
    return _("Delivered, says the sandbox.") if story.message.via == "sandbox" else _("Delivered.")


def _undelivered(desk: Desk, story: Story, event: MessageEvent) -> str:
    return _("Not delivered: %(why)s.") % {"why": reason(event.detail or story.message.reason)}


def _skipped(desk: Desk, story: Story, event: MessageEvent) -> str:
    return _("Not sent: %(why)s.") % {"why": reason(event.detail or story.message.reason)}


def _given_up(desk: Desk, story: Story, event: MessageEvent) -> str:
    return _("Given up: %(why)s.") % {"why": reason(event.detail or story.message.reason)}


def _requeued(desk: Desk, story: Story, event: MessageEvent) -> str:
    return _("Put on its way once more by %(who)s.") % {"who": _name(event.by)}


def _discarded(desk: Desk, story: Story, event: MessageEvent) -> str:
    words = {"who": _name(event.by), "note": event.note}
    return _("Put away by %(who)s: “%(note)s”") % words if event.note else _("Put away by %(who)s.") % words


def _fell_back(desk: Desk, story: Story, event: MessageEvent) -> str:
    if story.fallback is None:
        return _("Told in another way instead.")
    return _("Sent as %(channel)s instead.") % {"channel": channel_word(story.fallback.channel)}


def _name(user: User | None) -> str:
    return (user.display_name or user.email) if user else "MediConnect"


_WRONG: Final = frozenset({_What.FAILED, _What.UNDELIVERED, _What.GIVEN_UP})
SENTENCES: Final[Mapping[MessageEvent.What, Callable[[Desk, Story, MessageEvent], str]]] = {
    _What.QUEUED: _queued,
    _What.WAITED: _waited,
    _What.TRIED: _tried,
    _What.FAILED: _failed,
    _What.LOOKED_UP: _looked_up,
    _What.SENT: _sent,
    _What.DELIVERED: _delivered,
    _What.UNDELIVERED: _undelivered,
    _What.SKIPPED: _skipped,
    _What.GIVEN_UP: _given_up,
    _What.REQUEUED: _requeued,
    _What.DISCARDED: _discarded,
    _What.FELL_BACK: _fell_back,
}
