"""Visits of a clinic as a table: those to come are booked, those that are over are written down."""

from typing import Final

from mediconnect.operations.exchange.kinds.kind import Kind

from .columns import COLUMNS
from .judging import judge
from .leaving import ids, out
from .writing import write

KIND: Final = Kind(
    columns=COLUMNS,
    judge=judge,
    write=write,
    ids=ids,
    out=out,
    by_day=True,
    confidential=frozenset({"reason"}),
)
