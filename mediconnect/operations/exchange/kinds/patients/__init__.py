"""Patients of a clinic as a table: known by their record number, written as the desk would write them."""

from typing import Final

from mediconnect.operations.exchange.kinds.kind import Kind

from .columns import COLUMNS
from .judging import judge
from .leaving import ids, out
from .writing import write

KIND: Final = Kind(columns=COLUMNS, judge=judge, write=write, ids=ids, out=out, confidential=frozenset({"notes"}))
