"""Bytes become a table of texts, told apart by what is in them and not by the file's name. Pure, and bounded."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from django.utils.translation import gettext_noop

from mediconnect.operations.errors import UnreadableFile

from .comma_separated import rows_of_text
from .limits import LONGEST_CELL, MOST_BYTES, MOST_COLUMNS, MOST_ROWS
from .workbook import is_old_workbook, is_zip, rows_of_workbook

Row = Sequence[str]


@dataclass(frozen=True, slots=True)
class Table:
    """A header and what is below it: (number, cells) for each row that is not empty, numbered as a spreadsheet does."""

    header: Row
    rows: Sequence[tuple[int, Row]]


def read_table(content: bytes) -> Table:
    """Return the table in a file. Raises `UnreadableFile` with a sentence for whatever is none, or too much of one."""
    if len(content) > MOST_BYTES:
        raise UnreadableFile(
            gettext_noop("The file is larger than %(most)s MB. Divide it and upload the parts."),
            most=MOST_BYTES // 1_000_000,
        )
    if not content.strip(b"\0 \r\n\t"):
        raise UnreadableFile(gettext_noop("The file is empty."))
    if is_old_workbook(content):
        raise UnreadableFile(
            gettext_noop("This is an old Excel workbook (.xls), or one with a password. Save it as .xlsx without one.")
        )
    rows = rows_of_workbook(content) if is_zip(content) else rows_of_text(content)
    return _table(rows)


def _table(rows: Iterable[Row]) -> Table:
    numbered = _bounded(rows)
    first = next(numbered, None)
    if first is None:
        raise UnreadableFile(gettext_noop("The file is empty."))
    found = list(islice(numbered, MOST_ROWS + 1))
    if len(found) > MOST_ROWS:
        raise UnreadableFile(
            gettext_noop("The file has more than %(most)s rows. Divide it and upload the parts."), most=MOST_ROWS
        )
    if not found:
        raise UnreadableFile(gettext_noop("The file has a header and no row below it."))
    return Table(first[1], found)


def _bounded(rows: Iterable[Row]) -> Iterator[tuple[int, Row]]:
    for number, row in enumerate(rows, start=1):
        cells = [cell.strip() for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            continue
        if len(cells) > MOST_COLUMNS:
            raise UnreadableFile(
                gettext_noop("Row %(row)s has more than %(most)s columns."), row=number, most=MOST_COLUMNS
            )
        if any(len(cell) > LONGEST_CELL for cell in cells):
            raise UnreadableFile(
                gettext_noop("A cell of row %(row)s has more than %(most)s characters."),
                row=number,
                most=LONGEST_CELL,
            )
        yield number, cells
