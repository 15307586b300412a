"""Working hours of a clinic's providers as a table: a row for each day of the week and stretch."""

from typing import Final

from mediconnect.operations.exchange.kinds.kind import Kind

from .columns import COLUMNS
from .judging import judge
from .leaving import ids, out
from .writing import write

KIND: Final = Kind(columns=COLUMNS, judge=judge, write=write, ids=ids, out=out)
