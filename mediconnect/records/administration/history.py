"""The changes of one record as its page shows them: who, when, and what from what to what."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model

from mediconnect.records.encryption import EncryptedTextField
from mediconnect.records.models import Change

# A record that changed oftener is read in the list of changes.
LONGEST: Final = 200
_SEALED: Final = "sealed"


@dataclass(frozen=True, slots=True)
class Difference:
    """One column of a change, as words."""

    name: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.name}: {self.before} → {self.after}"


@dataclass(frozen=True, slots=True)
class Told:
    """One change, ready to be shown. `who` is empty where the system itself acted."""

    at: dt.datetime
    who: str
    operation: str
    reason: str
    request_id: str
    differences: tuple[Difference, ...]

    def __str__(self) -> str:
        what = "; ".join(map(str, self.differences))
        return f"{self.at:%Y-%m-%d %H:%M:%S} UTC, {self.who or 'the system'}: {what}"


def stamp_of(record: Model) -> int:
    """Return the mark that a later change will not have: the version, or the number of the record's last change."""
    version: int | None = getattr(record, "version", None)
    if version is not None:
        return version
    return Change.objects.of(record).order_by("-id").values_list("id", flat=True).first() or 0


def changes_since(record: Model, stamp: int) -> list[Told]:
    """Return what happened to the record after it bore this stamp, oldest first."""
    versioned = hasattr(record, "version")
    since = {"version__gt": stamp} if versioned else {"id__gt": stamp}
    return told(record, Change.objects.of(record).filter(**since)[:LONGEST])


def history_of(record: Model) -> list[Told]:
    """Return the latest changes of the record, newest first."""
    return told(record, Change.objects.of(record).order_by("-id")[:LONGEST])


def told(record: Model, changes: Iterable[Change]) -> list[Told]:
    """Return the changes in words; two statements, however many they are."""
    rows = list(changes)
    actors = get_user_model()._default_manager.in_bulk({row.actor_id for row in rows if row.actor_id})  # noqa: SLF001
    return [
        Told(
            at=row.at.astimezone(dt.UTC),
            who=str(actors.get(row.actor_id, "somebody unknown")) if row.actor_id else "",
            operation=row.operation,
            reason=row.reason,
            request_id=row.request_id,
            differences=differences(record, row.before, row.after),
        )
        for row in rows
    ]


def differences(record: Model | type[Model], before: dict[str, Any], after: dict[str, Any]) -> tuple[Difference, ...]:
    """Return the changed columns in words. What is sealed in the database stays sealed here."""
    return tuple(
        Difference(name, _shown(record, column, before), _shown(record, column, after))
        for column in sorted({*before, *after})
        if (name := _name(record, column))
    )


def _field(record: Model | type[Model], column: str) -> Any:
    try:
        return record._meta.get_field(column.removesuffix("_id"))
    except FieldDoesNotExist:
        return None


def _name(record: Model | type[Model], column: str) -> str:
    field = _field(record, column)
    if field is None:
        return column.replace("_", " ")
    return "" if field.generated or not field.concrete else str(field.verbose_name)


def _shown(record: Model | type[Model], column: str, values: dict[str, Any]) -> str:
    value = values.get(column)
    if value in (None, "", []):
        return "–"
    return _SEALED if isinstance(_field(record, column), EncryptedTextField) else f"“{value}”"
