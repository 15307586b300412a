"""Begin one act on many visits: what is asked of each is written and told in one transaction."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from appointments.models import Appointment, Batch, BatchItem, CancellationReason
from appointments.models.status import MOVABLE
from appointments.rules.batches import FURTHEST, MOST, STEP, latest_first
from appointments.services.booking import Caller
from mediconnect.errors import Invalid, NotFound
from mediconnect.resilience.transactions import decide
from mediconnect.telemetry.request_id import current_request_id
from providers.models import PractitionerRole

from .asking import ask_for

LONGEST_NOTE: Final = 300  # characters, as the column has it


@dataclass(frozen=True, slots=True)
class Seen:
    """A visit as it was looked at: one that changed since is left alone."""

    appointment_id: uuid.UUID
    version: int


@dataclass(frozen=True, slots=True)
class Asked:
    """What is done to each visit: `act` is one of `Batch.Act`, the rest is that act's own.

    `shift_minutes` is how much later (or, below zero, earlier) on the same day; `words` is the clinic's own note.
    """

    act: str
    reason: str = ""
    shift_minutes: int | None = None
    to_provider_id: uuid.UUID | None = None
    words: str = ""


def start_batch(
    *,
    clinic_id: uuid.UUID,
    asked: Asked,
    visits: Sequence[Seen],
    caller: Caller,
    only_provider: uuid.UUID | None = None,
) -> Batch:
    """Return the batch, begun: each visit is worked by itself soon after, and the person is not kept waiting.

    `only_provider` is the one calendar that the caller may touch, None for a desk. Raises `Invalid` for what cannot be
    asked, for none or more than 500 visits, and for one whose patient is here already or that is over; `NotFound` for a
    visit that is not the clinic's, or not in that calendar. Nothing is begun then.
    """

    def work() -> Batch:
        check_asked(asked, clinic_id)
        found = _chosen(clinic_id, visits, only_provider)
        if only_provider and asked.to_provider_id not in {None, only_provider}:
            raise NotFound
        batch = Batch.objects.create(
            clinic_id=clinic_id,
            act=asked.act,
            cancellation_reason=asked.reason,
            shift_minutes=asked.shift_minutes,
            to_provider_id=asked.to_provider_id,
            words=asked.words,
            created_by_id=caller.signed_in_id,
        )
        versions = {one.appointment_id: one.version for one in visits}
        items = [
            BatchItem(batch=batch, appointment_id=visit, version=versions[visit], place=place)
            for place, visit in enumerate(_ordered(found, asked))
        ]
        BatchItem.objects.bulk_create(items)
        ask_for(batch)
        return batch

    return decide(work, actor_id=caller.user_id, request_id=current_request_id(), reason=f"batch: {asked.act}")


def check_asked(asked: Asked, clinic_id: uuid.UUID) -> None:
    """Raise `Invalid` for an act that says too little or nothing that can be done, `NotFound` for an unknown provider."""
    if asked.act not in Batch.Act:
        raise Invalid.field("act", "Choose what is to be done.")
    if asked.act == Batch.Act.CANCEL and asked.reason not in CancellationReason:
        raise Invalid.field("reason", "Choose why they are cancelled.")
    if asked.act == Batch.Act.MESSAGE and not 0 < len(asked.words) <= LONGEST_NOTE:
        raise Invalid.field("words", "A message has 1 to 300 letters.")
    if asked.act == Batch.Act.MOVE:
        _check_move(asked, clinic_id)


def _check_move(asked: Asked, clinic_id: uuid.UUID) -> None:
    shift = asked.shift_minutes
    if shift is not None and (not shift or abs(shift) > FURTHEST or shift % STEP):
        raise Invalid.field("shift_minutes", "Visits are shifted by 5 to 720 minutes, in steps of 5.")
    if shift is None and asked.to_provider_id is None:
        raise Invalid.field("shift_minutes", "Say by how many minutes, or to whom.")
    here = PractitionerRole.objects.filter(clinic=clinic_id, active=True, provider__active=True)
    if asked.to_provider_id is not None and not here.filter(provider=asked.to_provider_id).exists():
        raise NotFound


def _chosen(
    clinic_id: uuid.UUID, visits: Sequence[Seen], only_provider: uuid.UUID | None
) -> list[tuple[uuid.UUID, dt.datetime]]:
    """Return the visits with their starts; raises for what no batch may take."""
    seen = {one.appointment_id: one.version for one in visits}
    if not seen:
        raise Invalid.field("visits", "Choose at least one visit.")
    if len(seen) > MOST:
        raise Invalid.field("visits", f"Choose {MOST} visits at most.")
    own = Appointment.objects.filter(pk__in=seen, clinic=clinic_id)
    rows = list((own.filter(provider=only_provider) if only_provider else own).values_list(
        "pk", "starts_at", "version", "status"
    ))  # fmt: skip
    if len(rows) < len(seen):
        raise NotFound
    if any(status not in MOVABLE and version == seen[pk] for pk, _start, version, status in rows):
        raise Invalid.field("visits", "A visit whose patient is here, or that is over, is handled by itself.")
    return [(pk, start) for pk, start, _version, _status in rows]


def _ordered(found: Sequence[tuple[uuid.UUID, dt.datetime]], asked: Asked) -> list[uuid.UUID]:
    ordered = sorted(found, key=lambda one: (one[1], one[0]), reverse=latest_first(asked.shift_minutes))
    return [pk for pk, _start in ordered]
