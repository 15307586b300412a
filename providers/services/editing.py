"""What every edit shares: one transaction that may be a rehearsal, the version it was made against, and its preview."""

import datetime as dt
import uuid
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction

from mediconnect.errors import Invalid
from mediconnect.records.models import VersionedModel
from mediconnect.resilience.transactions import constraint
from providers.errors import ChangedMeanwhile, NameTaken
from providers.models import AppointmentType
from providers.ports import TouchedVisit
from providers.rules.pieces import Piece

Record = TypeVar("Record", bound=models.Model)
Versioned = TypeVar("Versioned", bound=VersionedModel)

# Hours are planned within living memory and foreseeable need; a year 9999 would only be a typing mistake.
_FIRST_DAY, _LAST_DAY = dt.date(1990, 1, 1), dt.date(2100, 12, 31)


@dataclass(frozen=True, slots=True)
class Effect:
    """What an edit does to the open time of one resource at one clinic. `starts` count times on the clinic's grid."""

    resource_id: uuid.UUID
    clinic_id: uuid.UUID
    opens: Sequence[Piece]
    closes: Sequence[Piece]
    starts_opened: int
    starts_closed: int
    touched: Sequence[TouchedVisit]


@dataclass(frozen=True, slots=True)
class Preview:
    """What an edit opens, closes and touches, shared by API, admin and pages."""

    effects: Sequence[Effect] = ()

    @property
    def minutes_opened(self) -> int:
        """Return the minutes that open."""
        return sum(piece.minutes for effect in self.effects for piece in effect.opens)

    @property
    def minutes_closed(self) -> int:
        """Return the minutes that close."""
        return sum(piece.minutes for effect in self.effects for piece in effect.closes)

    @property
    def starts_opened(self) -> int:
        """Return how many times on the grid open for the shortest type of visit."""
        return sum(effect.starts_opened for effect in self.effects)

    @property
    def starts_closed(self) -> int:
        """Return how many times on the grid close for the shortest type of visit."""
        return sum(effect.starts_closed for effect in self.effects)

    @property
    def touched(self) -> list[tuple[uuid.UUID, TouchedVisit]]:
        """Return the visits in the way, each with its clinic's id, in order of time and each once."""
        found = {visit.id: (effect.clinic_id, visit) for effect in self.effects for visit in effect.touched}
        return sorted(found.values(), key=lambda pair: (pair[1].start, pair[1].id))


@dataclass(frozen=True, slots=True)
class Edit(Generic[Record]):
    """The row as the edit left it (or would have), and what the edit does to open time."""

    record: Record
    preview: Preview = field(default_factory=Preview)


@contextmanager
def one_edit(*, dry_run: bool) -> Iterator[None]:
    """Open the transaction of an edit; a dry run does everything and takes it back at the end."""
    with transaction.atomic():
        yield
        if dry_run:
            transaction.set_rollback(True)


def at_version(record: Versioned, version: int) -> Versioned:
    """Return the record if it still has this version; raises `ChangedMeanwhile` with the record as it is now."""
    if record.version != version:
        raise ChangedMeanwhile(record)
    return record


def apply(record: models.Model, change: Any) -> list[str]:
    """Put the values of a change into the record and return the names of those that differ from before."""
    changed = [name for name, value in change.items() if getattr(record, name) != value]
    for name in changed:
        setattr(record, name, change[name])
    return sorted(changed)


def save(record: models.Model, changed: Collection[str] | None = None) -> None:
    """Check the fields and write the record, or its changed fields; raises `Invalid` by field and `NameTaken`."""
    try:
        record.clean_fields()
    except ValidationError as error:
        raise Invalid(errors=error.message_dict) from None
    if changed is not None and not changed:
        return
    try:
        with transaction.atomic():
            record.save(update_fields=changed)
    except IntegrityError as error:
        if constraint(error) in {"a_type_is_named_once_in_a_clinic", "a_clinic_is_known_by_one_name"}:
            raise NameTaken from error
        raise


def check_day(value: dt.date | None, name: str) -> None:
    """Raise `Invalid` for a day beyond any plan."""
    if value is not None and not _FIRST_DAY <= value <= _LAST_DAY:
        raise Invalid.field(name, "Days run from 1990 to 2100.")


def check_types(types: Collection[uuid.UUID], clinic_id: uuid.UUID) -> list[uuid.UUID]:
    """Return the types, each once and in order; raises `Invalid` for one that the clinic does not have."""
    wanted = set(types)
    if AppointmentType.objects.filter(clinic=clinic_id, pk__in=wanted).count() != len(wanted):
        raise Invalid.field("types", "One of these is no appointment type of the clinic.")
    return sorted(wanted)
