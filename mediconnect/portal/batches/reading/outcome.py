"""What became of a batch: how far it is, who was reached, and who is to be called."""

import datetime as dt
import hashlib
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from appointments.models import Appointment, Batch, BatchItem
from appointments.queries.batches import Progress, counted, items_of, progress_of
from appointments.services.undoing import UNDO_CANCELLATION
from mediconnect.errors import NotFound
from mediconnect.portal.batches.words import act_word, refusal_word, state_word
from mediconnect.portal.desk import Desk
from mediconnect.portal.messages.reading import WRONG
from mediconnect.portal.messages.telling import now
from mediconnect.portal.messages.words import channel_word, state_of
from notifications.models import OPEN, Kind, Message, State
from patients.queries import phones_of

_KINDS: Final[Mapping[str, tuple[Kind, ...]]] = {
    Batch.Act.CANCEL: (Kind.CANCELLED,),
    Batch.Act.MOVE: (Kind.MOVED, Kind.BOOKED),
    Batch.Act.MESSAGE: (Kind.NOTE,),
}
_REACHED: Final = (State.SENT, State.DELIVERED)


@dataclass(frozen=True, slots=True)
class Told:
    """The message about a visit of the batch: its state, why it stands there, and whether it arrived, or is on its way."""

    id: uuid.UUID
    words: str
    why: str
    look: str
    reached: bool
    under_way: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A visit of the batch and what became of it. `to_call` is true where nobody was told what somebody has to know."""

    item: BatchItem
    visit: Appointment
    name: str
    phone: str
    state: str
    state_word: str
    why: str
    told: Told | None
    to_call: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """The page of a batch."""

    batch: Batch
    what: str
    how: str
    who: str
    progress: Progress
    rows: Sequence[Row]
    undo_until: dt.datetime | None
    version: str

    @property
    def handled(self) -> int:
        """Return how many wait no more."""
        return self.progress.total - self.progress.waiting

    @property
    def reached(self) -> int:
        """Return how many were told for sure."""
        return sum(1 for row in self.rows if row.told is not None and row.told.reached)

    @property
    def under_way(self) -> int:
        """Return how many messages are still to be sent."""
        return sum(1 for row in self.rows if row.told is not None and row.told.under_way)

    @property
    def to_call(self) -> Sequence[Row]:
        """Return who is to be called, in order of time."""
        return sorted((row for row in self.rows if row.to_call), key=lambda row: row.visit.starts_at)


def batch_at(desk: Desk, batch_id: uuid.UUID) -> Batch:
    """Return a batch of this clinic with its counts; to whoever is no desk one that the person began. Raises `NotFound`."""
    batches = Batch.objects.filter(clinic=desk.clinic.pk, pk=batch_id).select_related("created_by", "to_provider")
    found = counted(batches if desk.is_desk else batches.filter(created_by=desk.user.pk)).first()
    if found is None:
        raise NotFound
    return found


def outcome_of(desk: Desk, batch: Batch) -> Outcome:
    """Return the page of a batch from `batch_at`: three statements more, for its visits, the messages and the phones."""
    items = list(items_of(batch.pk))
    messages = _messages(batch, items)
    phones = phones_of({item.appointment.patient_id for item in items})
    rows = [_row(desk, batch, item, messages.get(item.appointment_id), phones) for item in items]
    progress = progress_of(batch)
    return Outcome(
        batch,
        act_word(batch.act),
        _how(batch),
        batch.created_by.display_name or batch.created_by.email,
        progress,
        rows,
        _undo_until(desk, batch, progress),
        version_of(batch, messages.values()),
    )


def version_now(batch: Batch) -> str:
    """Return the version of a batch's page, for a page that asks whether it changed: two statements."""
    return version_of(batch, _messages(batch, list(batch.items.only("pk", "batch_id", "appointment_id"))).values())


def version_of(batch: Batch, messages: Iterable[Any]) -> str:
    """Return a digest of what the page shows that may change."""
    counts = progress_of(batch)
    said = sorted(f"{message.pk}{message.state}{message.reason}" for message in messages)
    # After the time to undo the page changes by itself: nobody writes anything then.
    return hashlib.blake2b(f"{batch.version}{counts}{said}".encode(), digest_size=12).hexdigest()


def _messages(batch: Batch, items: Sequence[BatchItem]) -> dict[uuid.UUID, Any]:
    """Return the last message about each visit that follows from this batch. A stand-in on the other channel comes later."""
    about = Message.objects.filter(
        visit__in=[item.appointment_id for item in items], kind__in=_KINDS[batch.act], created_at__gte=batch.created_at
    )
    if batch.act == Batch.Act.MESSAGE:
        about = about.filter(batch=batch)
    found: dict[uuid.UUID, Any] = {}
    for message in about.sealed().order_by("created_at", "id"):
        if message.visit_id is not None:
            found[message.visit_id] = message
    return found


def _row(desk: Desk, batch: Batch, item: BatchItem, message: Any, phones: Mapping[uuid.UUID, str]) -> Row:
    visit, told = item.appointment, _told(desk, message) if message is not None else None
    is_done = item.state == BatchItem.State.DONE
    patient = visit.patient
    return Row(
        item,
        visit,
        ", ".join(part for part in (patient.family_name, patient.given_name) if part),
        phones.get(visit.patient_id, ""),
        item.state,
        state_word(item.state, batch.act),
        refusal_word(item.refusal) if item.refusal else "",
        told if item.state != BatchItem.State.UNDONE else None,
        _is_to_call(batch, item, told) if is_done or item.state == BatchItem.State.REFUSED else False,
    )


def _is_to_call(batch: Batch, item: BatchItem, told: Told | None) -> bool:
    """Return whether somebody has to be called: nothing will arrive, or nothing was done and it is not this person's to know.

    A refused note reached nobody; a refused cancellation or move left the visit as it was, so that there is nothing to say.
    """
    if item.state == BatchItem.State.REFUSED:
        return batch.act == Batch.Act.MESSAGE
    if told is None:
        return batch.act != Batch.Act.MOVE or batch.shift_minutes is not None
    return not (told.reached or told.under_way)


def _told(desk: Desk, message: Any) -> Told:
    words = _("%(channel)s: %(state)s") % {
        "channel": channel_word(message.channel),
        "state": state_of(message.state, message.via),
    }
    is_recorded = message.via == "sandbox" and message.state in _REACHED
    return Told(
        message.pk,
        words,
        now(desk, message),
        "recorded" if is_recorded else message.state,
        reached=message.state in _REACHED,
        under_way=message.state in OPEN and message.state not in WRONG,
    )


def _how(batch: Batch) -> str:
    """Return how far and to whom, "" for other acts than a move."""
    said = []
    if batch.shift_minutes:
        minutes = {"minutes": abs(batch.shift_minutes)}
        said.append(
            _("%(minutes)d minutes later") % minutes
            if batch.shift_minutes > 0
            else _("%(minutes)d minutes earlier") % minutes
        )
    if batch.to_provider is not None:
        said.append(_("to %(provider)s") % {"provider": batch.to_provider.name})
    return ", ".join(said)


def _undo_until(desk: Desk, batch: Batch, progress: Progress) -> dt.datetime | None:
    """Return until when the cancellations can be taken back, None where they cannot."""
    until = batch.updated_at + UNDO_CANCELLATION
    could_be = batch.act == Batch.Act.CANCEL and batch.undone_at is None and (progress.done or progress.waiting)
    return until if could_be and desk.now < until else None
