"""Key rotation: every sealed value, in the tables and in their history, sealed again under the newest key.

Nothing is remembered between runs: a value that opens under the newest key alone is left as it is, so a run that was
stopped goes on where the work is, and a second run writes nothing. Neither versions nor the history tell of it, since
nothing that anybody reads has changed. Blind indexes have a key of their own and stay.
"""

import json
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

import pgtrigger
from cryptography.fernet import Fernet, InvalidToken
from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction

from .encryption import EncryptedTextField, reseal
from .models import Change

BATCH: Final = 500  # rows of one transaction: short enough that nobody waits for their locks


_RESEAL: Final = """
UPDATE {table} AS t SET {column} = n.fresh
FROM unnest(%s::{type}[], %s::text[], %s::text[]) AS n (key, old, fresh)
WHERE t.{key} = n.key AND t.{column} = n.old
"""


@dataclass(slots=True)
class Progress:
    """How far the resealing of one table is: rows read, values rewritten (or due), and rows that no listed key opens."""

    table: str
    rows: int = 0
    due: int = 0
    unreadable: int = 0


@dataclass(frozen=True, slots=True)
class SealedTable:
    """A table with sealed columns."""

    model: type[models.Model]
    columns: tuple[str, ...]

    @property
    def name(self) -> str:
        """The table's name."""
        return self.model._meta.db_table

    @property
    def triggers(self) -> list[str]:
        """The names of the triggers that tell of changes, which this is none."""
        meta = self.model._meta
        return [f"{meta.label}:{trigger.name}" for trigger in getattr(meta, "triggers", ())]


def sealed_tables() -> list[SealedTable]:
    """Return every table that has an `EncryptedTextField`, in whatever app."""
    tables = []
    for model in apps.get_models(include_auto_created=True):
        meta = model._meta
        columns = tuple(
            str(field.column) for field in meta.local_concrete_fields if isinstance(field, EncryptedTextField)
        )
        if columns and meta.managed and not meta.proxy:
            tables.append(SealedTable(model, columns))
    return tables


def reseal_table(table: SealedTable, *, write: bool, batch: int = BATCH) -> Generator[Progress]:
    """Reseal a table, batch by batch, and give the progress after each; without `write` only count what is due.

    A row that somebody changes meanwhile keeps the change: what they wrote is sealed under the newest key already.
    """
    progress, last = Progress(table.name), None
    quote, meta = connection.ops.quote_name, table.model._meta
    key = quote(str(meta.pk.column))
    columns = ", ".join(quote(column) for column in table.columns)
    select = f"SELECT {key}, {columns} FROM {quote(table.name)}"  # noqa: S608  names of our own models
    while rows := _rows(select, key, last, batch):
        fresh: dict[str, list[tuple[Any, str, str]]] = {column: [] for column in table.columns}
        for row_key, *values in rows:
            for column, value in zip(table.columns, values, strict=True):
                renewed = _renewed(value, progress)
                if renewed:
                    fresh[column].append((row_key, value, renewed))
        progress.rows += len(rows)
        if write:
            _write(table, fresh)
        last = rows[-1][0]
        yield progress


def reseal_history(*, write: bool, batch: int = BATCH) -> Generator[Progress]:
    """Reseal the values before and after each change, as `reseal_table` does for the tables themselves."""
    columns = {table.name: table.columns for table in sealed_tables()}
    progress, last = Progress(Change._meta.db_table), None
    select = "SELECT id, record_type, before, after FROM records_change WHERE record_type = ANY(%s)"
    while rows := _rows(select, "id", last, batch, list(columns)):
        patches = []
        for row_key, record_type, before, after in rows:
            sides = [_patch(side, columns[record_type], progress) for side in (before, after)]
            if any(sides):
                patches.append((row_key, *(json.dumps(side) for side in sides)))
        progress.rows += len(rows)
        if write and patches:
            _write_history(patches)
        last = rows[-1][0]
        yield progress


def _rows(select: str, key: str, last: Any, batch: int, *parameters: Any) -> list[tuple[Any, ...]]:
    """Return the next rows after `last`, in the order of their keys: no offset, so that late rows cost what early ones do."""
    values = [*parameters]
    condition = ""
    if last is not None:
        condition = f"{'AND' if 'WHERE' in select else 'WHERE'} {key} > %s"
        values.append(last)
    with connection.cursor() as cursor:
        cursor.execute(f"{select} {condition} ORDER BY {key} LIMIT %s", [*values, batch])
        return cast("list[tuple[Any, ...]]", cursor.fetchall())


def _renewed(sealed: str | None, progress: Progress) -> str:
    """Return the value under the newest key; the empty string where nothing is to do or no key opens it."""
    if not sealed:
        return ""
    try:
        Fernet(settings.FIELD_ENCRYPTION_KEYS[0]).decrypt(sealed.encode())
    except InvalidToken:
        pass
    else:
        return ""
    try:
        renewed = reseal(sealed)
    except InvalidToken:
        progress.unreadable += 1
        return ""
    progress.due += 1
    return renewed


def _patch(side: str | Mapping[str, Any], columns: tuple[str, ...], progress: Progress) -> dict[str, str]:
    values = json.loads(side) if isinstance(side, str) else side
    renewed = {column: _renewed(values.get(column), progress) for column in columns}
    return {column: value for column, value in renewed.items() if value}


def _write(table: SealedTable, fresh: Mapping[str, list[tuple[Any, str, str]]]) -> None:
    quote, key = connection.ops.quote_name, table.model._meta.pk
    with transaction.atomic(), pgtrigger.ignore(*table.triggers), connection.cursor() as cursor:
        for column, values in fresh.items():
            statement = _RESEAL.format(
                table=quote(table.name), column=quote(column), key=quote(str(key.column)), type=_type(key)
            )
            if values:
                cursor.execute(statement, [list(part) for part in zip(*values, strict=True)])


def _type(key: Any) -> str:
    """Return the column type of a key: `rel_db_type` is that of a column which points to it, so never a serial."""
    return str(key.rel_db_type(connection))


def _write_history(patches: list[tuple[int, str, str]]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('mediconnect.resealing', 'on', true)")
        cursor.execute(
            "UPDATE records_change AS t SET before = t.before || n.before::jsonb, after = t.after || n.after::jsonb "
            "FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS n (id, before, after) WHERE t.id = n.id",
            [list(part) for part in zip(*patches, strict=True)],
        )
        # The word holds until the transaction's end, which may be the caller's: take it back.
        cursor.execute("SELECT set_config('mediconnect.resealing', 'off', true)")
