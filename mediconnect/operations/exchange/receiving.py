"""Take a file in: read it as a table, find our columns in it, and keep its rows, sealed, to be looked at."""

import json
import uuid
from collections.abc import Mapping, Sequence
from typing import Final

from django.db import transaction

from mediconnect.operations.models import ImportRow, ImportRun
from mediconnect.outbox.services.waking import Bell, wake

from .cells import orders_in
from .columns import Column, mapped
from .files import Table, read_table
from .kinds import KINDS

BELL: Final = Bell("default", "mediconnect.operations.tasks.work_imports")

_LONGEST_NAME: Final = 200
_BATCH: Final = 500


def receive(*, clinic_id: uuid.UUID, kind: str, content: bytes, file_name: str, by_id: uuid.UUID) -> ImportRun:
    """Keep the rows of a file and return the import, which a worker looks at next. Nothing of it is imported by this.

    Raises `UnreadableFile` with a sentence for what is no table, or one without the columns that its kind needs.
    """
    table, columns = read_table(content), KINDS[kind].columns
    headings = mapped(table.header, columns)
    with transaction.atomic():
        run = ImportRun.objects.create(
            clinic_id=clinic_id,
            kind=kind,
            by_id=by_id,
            file_name=file_name[:_LONGEST_NAME],
            header=json.dumps(list(table.header)),
            columns=list(headings.places),
            orders=_orders(table, headings.places, columns),
            total=len(table.rows),
        )
        rows = (ImportRow(run=run, number=number, cells=json.dumps(list(cells))) for number, cells in table.rows)
        ImportRow.objects.bulk_create(rows, batch_size=_BATCH)
        wake(bell=BELL)
    return run


def _orders(table: Table, places: Sequence[str], columns: Sequence[Column]) -> Mapping[str, str]:
    dates = {column.name for column in columns if column.is_date}
    return {
        name: orders_in(cells[place] for _number, cells in table.rows if place < len(cells))
        for place, name in enumerate(places)
        if name in dates
    }
