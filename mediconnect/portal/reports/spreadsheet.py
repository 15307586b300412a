"""Tables as files that a spreadsheet opens, and that make it calculate nothing that somebody typed here."""

import csv
import datetime as dt
import io
import re
from collections.abc import Iterable, Sequence
from typing import Final

from .tables import Head, Row, Value

# What makes a spreadsheet take text for a formula (OWASP, CSV injection); the wide signs do so in some languages.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_PLAIN_NUMBER: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)

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


def harmless(text: str) -> str:
    """Return the text with an apostrophe before it where it would be a formula; a plain negative number stays one."""
    if text.startswith(_FORMULA) and not _PLAIN_NUMBER.fullmatch(text):
        return f"'{text}"
    return text
