"""The web and jobs roles may use rows, and may not rewrite the history, whatever triggers say."""

import io
import os
import re

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

ROLES = ("DATABASE_URL_WEB", "DATABASE_URL_JOBS")


def _sign_in(role: str) -> psycopg.Connection:
    """Sign in to the tests' database as one of the process roles."""
    return psycopg.connect(re.sub(r"/[^/]*$", f"/{connection.settings_dict['NAME']}", os.environ[role]))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE records_change SET reason = ''",
        "DELETE FROM records_change",
        "TRUNCATE records_change",
        "DROP TABLE records_change",
    ],
)
def test_history_cannot_be_rewritten_by_a_process(role: str, statement: str) -> None:
    call_command("grants", verbosity=0)
    with _sign_in(role) as process, pytest.raises(psycopg.errors.InsufficientPrivilege):
        process.execute(statement.encode())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("role", ROLES)
def test_rows_can_be_read_and_written_by_a_process(role: str) -> None:
    call_command("grants", verbosity=0)
    with _sign_in(role) as process:
        process.execute("SELECT count(*) FROM records_change")
        process.execute("UPDATE accounts_user SET language = 'en' WHERE false")
        process.execute("DELETE FROM django_q_ormq WHERE false")


@pytest.mark.django_db(transaction=True)
def test_granting_again_says_the_same() -> None:
    told = []
    for _ in range(2):
        output = io.StringIO()
        call_command("grants", stdout=output)
        told.append(output.getvalue())
    assert told == ["Granted to: mediconnect_web, mediconnect_jobs\n"] * 2


@pytest.mark.django_db
def test_the_owner_is_granted_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "DATABASE_PROCESS_USERS", (connection.settings_dict["USER"],))
    output = io.StringIO()
    call_command("grants", stdout=output)
    assert output.getvalue().startswith("Granted to: nobody")
