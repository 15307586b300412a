"""Rows into a table by COPY."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from django.db import connection
from psycopg import sql

_CHUNK: Final = 2_000


def copied(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Write the rows and return how many there were.

    Values are written by their `str`, None as NULL. They are ours, so nothing is escaped: none holds a tab, a line's end
    or a backslash.
    """
    head = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    written, lines = 0, list[str]()
    with connection.cursor() as cursor, cursor.copy(head) as copy:
        for row in rows:
            lines.append("\t".join([r"\N" if value is None else str(value) for value in row]))
            written += 1
            if len(lines) == _CHUNK:
                copy.write("\n".join(lines) + "\n")
                lines.clear()
        if lines:
            copy.write("\n".join(lines) + "\n")
    return written
