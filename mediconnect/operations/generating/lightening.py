"""Take the guards of a table aside while it is loaded, and put each back: all of it in one transaction.

Row by row, a million visits would fire five million triggers and eleven million look-ups of foreign keys. What makes it
safe to do without: the definitions come from the database itself and go back as they were read; putting back a foreign key,
an exclusion or a unique index checks every row at once, so that data which breaks one undoes the whole load; and a
process that dies leaves the transaction to the server, which takes back the dismantling together with the data.
Nobody reads or writes the tables meanwhile: dismantling locks them.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from django.db import connection
from psycopg import sql

# Foreign keys and exclusions. Primary keys, unique constraints and checks stay: others refer to them, or they cost nothing.
_CONSTRAINTS: Final = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
FROM pg_constraint WHERE contype IN ('f', 'x') AND conparentid = 0 AND conrelid = ANY (%s::regclass[])
ORDER BY contype DESC, conrelid, conname
"""

# Indexes that belong to no constraint, the unique ones with a condition included: making them again checks them.
_INDEXES: Final = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
WHERE indrelid = ANY (%s::regclass[]) AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
ORDER BY 1
"""


@contextmanager
def lightened(tables: Sequence[str]) -> Iterator[None]:
    """Drop indexes, foreign keys and exclusions of the tables and silence their triggers; at the end put all back.

    Needs an open transaction by the owner of the tables. The caller writes what the triggers would have written.
    Raises `IntegrityError` at the end if the data breaks what is put back.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CONSTRAINTS, [list(tables)])
        constraints = cursor.fetchall()
        cursor.execute(_INDEXES, [list(tables)])
        indexes = cursor.fetchall()
    _each("SET CONSTRAINTS ALL IMMEDIATE", [()])  # checks that still wait would forbid the rest
    _each("ALTER TABLE {} DISABLE TRIGGER USER", [(table,) for table in tables])
    _each("ALTER TABLE {} DROP CONSTRAINT {}", [(table, name) for table, name, _ in constraints])
    _each("DROP INDEX {}", [(name,) for name, _ in indexes])
    yield
    with connection.cursor() as cursor:
        for _, definition in indexes:
            cursor.execute(definition)
        for table, name, definition in constraints:
            head = sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} ").format(_name(table), sql.Identifier(name))
            cursor.execute(head.as_string(None) + definition)
    _each("ALTER TABLE {} ENABLE TRIGGER USER", [(table,) for table in tables])


def _each(statement: str, names: Sequence[tuple[str, ...]]) -> None:
    with connection.cursor() as cursor:
        for words in names:
            cursor.execute(sql.SQL(statement).format(*map(_name, words)))


def _name(text: str) -> sql.Identifier:
    """Return a name as an identifier; PostgreSQL's own text of a name may be quoted already."""
    return sql.Identifier(text.strip('"'))
