"""Tables as files that a spreadsheet opens, and that make it calculate nothing that somebody typed here."""

import csv
import datetime as dt
import io
from collections.abc import Iterable, Sequence
from typing import Final

from mediconnect.operations.exchange.files import harmless

from .tables import Head, Row, Value

# Says to a spreadsheet that UTF-8 follows.
_MARK: Final = "\ufeff"


def written(heads: Sequence[Head], rows: Iterable[Row]) -> bytes:
    """Return the table as CSV (RFC 4180), with ISO dates, numbers with a decimal point, and no formula in it."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([harmless(head.in_file or head.words) for head in heads])
    writer.writerows([_plain(cell.value) for cell in row.cells] for row in rows)
    return (_MARK + out.getvalue()).encode()


def _plain(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return value.isoformat(timespec="minutes")
    if isinstance(value, dt.date):
        return value.isoformat()
    return harmless(str(value))
