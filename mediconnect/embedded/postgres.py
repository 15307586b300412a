"""PostgreSQL on a folder: made once, recovered when it was killed, with the roles that production has too."""

import hashlib
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import psycopg
from psycopg import sql

from mediconnect.embedded.errors import EmbeddedServersError
from mediconnect.embedded.home import Home, write_private
from mediconnect.embedded.process import end_leftover, remembered_port, server

START_TIMEOUT: Final = 60.0  # seconds; recovery after a kill replays the log of changes first
SUPERUSER: Final = "postgres"
DATABASE: Final = "mediconnect"
EXTENSIONS: Final = ("btree_gist", "pg_trgm", "pg_stat_statements")
# Login roles and the connections each may hold (docs/operations/environment.md has the sum); -1 is no limit.
ROLES: Final = {"mediconnect_owner": -1, "mediconnect_web": 15, "mediconnect_jobs": 25}

_SETTINGS: Final = (
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=200",
    "shared_buffers=128MB",
    "shared_preload_libraries=pg_stat_statements",
    "timezone=UTC",
    "jit=off",
    # No row values in the server's log: neither statements, nor parameters, nor "Key (email)=…" details.
    "log_min_error_statement=panic",
    "log_parameter_max_length_on_error=0",
    "log_error_verbosity=terse",
)
_FORGETFUL: Final = ("fsync=off", "full_page_writes=off")  # a power cut may lose all, a killed server nothing

_DEFAULTS: Final = "ALTER DEFAULT PRIVILEGES FOR ROLE mediconnect_owner"
# Run on template1 as well, so that every database made later (the tests' ones too) has the same extensions and grants.
_PROVISION: Final = (
    *(f"CREATE EXTENSION IF NOT EXISTS {name}" for name in EXTENSIONS),
    f"{_DEFAULTS} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO mediconnect_web, mediconnect_jobs",
    f"{_DEFAULTS} GRANT USAGE, SELECT ON SEQUENCES TO mediconnect_web, mediconnect_jobs",
)


@contextmanager
def postgres(home: Home, passwords: dict[str, str], *, durable: bool) -> Iterator[int]:
    """Run PostgreSQL in `home`, ready with roles, database and extensions, and yield its port on loopback."""
    folder = home.subfolder("postgres")
    data = folder / "data"
    _end_leftover(data)
    if not (folder / "provisioned").exists():  # a first start that was interrupted is begun again
        _initialise(home, data, passwords[SUPERUSER])
    port = remembered_port(folder, "postgres")
    log = folder / "postgres.log"
    log.write_bytes(b"")
    settings = (*_SETTINGS, *(() if durable else _FORGETFUL), f"port={port}")
    command = [str(home.postgres / "postgres"), "-D", str(data), *(part for line in settings for part in ("-c", line))]
    with server(home, command, log=log, stop_signal=signal.SIGINT) as child:
        _provision(_await(child, port, passwords[SUPERUSER], log), port, folder, passwords)
        yield port


def _end_leftover(data: Path) -> None:
    """End a server whose starter was killed, and remove the lock file of one that was killed itself."""
    pid_file = data / "postmaster.pid"
    with suppress(OSError, ValueError, IndexError):
        end_leftover(int(pid_file.read_text().splitlines()[0]), ["postgres", str(data)])
    # The folder's own lock is ours, so whatever wrote this file is gone; left, a reused process id would block the start.
    pid_file.unlink(missing_ok=True)


def _initialise(home: Home, data: Path, password: str) -> None:
    shutil.rmtree(data, ignore_errors=True)
    password_file = data.parent / "initial-password"
    write_private(password_file, password)
    home.owned(password_file)
    command = [
        *(str(home.postgres / "initdb"), "-D", str(data), "-U", SUPERUSER, "-E", "UTF8"),
        *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--no-sync"),
        *("--auth-local=scram-sha-256", "--auth-host=scram-sha-256", f"--pwfile={password_file}"),
    ]
    result = subprocess.run(
        command, check=False, capture_output=True, text=True, cwd=data.parent, env={"LC_ALL": "C"}, **home.identity()
    )
    password_file.unlink()
    if result.returncode != 0:
        reason = (result.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise EmbeddedServersError(f"PostgreSQL could not make its data folder {data}: {reason}")


def _await(child: subprocess.Popen[bytes], port: int, password: str, log: Path) -> psycopg.Connection:
    deadline = time.monotonic() + START_TIMEOUT
    while True:
        try:
            return _connect(port, password, "postgres")
        except psycopg.OperationalError:
            if child.poll() is not None or time.monotonic() > deadline:
                lines = log.read_text(errors="replace").strip().splitlines()[-3:]
                raise EmbeddedServersError(f"PostgreSQL did not start ({log}): {' / '.join(lines)}") from None
            time.sleep(0.05)


def _connect(port: int, password: str, database: str) -> psycopg.Connection:
    return psycopg.connect(
        host="127.0.0.1", port=port, user=SUPERUSER, password=password, dbname=database,
        autocommit=True, connect_timeout=2,
    )  # fmt: skip


def _provision(connection: psycopg.Connection, port: int, folder: Path, passwords: dict[str, str]) -> None:
    """Make roles, database, extensions and grants, unless the last start already made exactly these."""
    wanted = hashlib.sha256(repr((_PROVISION, ROLES, sorted(passwords.items()))).encode()).hexdigest()
    stamp = folder / "provisioned"
    with connection:
        if stamp.exists() and stamp.read_text() == wanted:
            return
        known = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
        for role, limit in ROLES.items():
            statement = sql.SQL("{verb} ROLE {role} LOGIN {more} CONNECTION LIMIT {limit} PASSWORD {password}").format(
                verb=sql.SQL("ALTER" if role in known else "CREATE"),
                role=sql.Identifier(role),
                more=sql.SQL("CREATEDB" if role == "mediconnect_owner" else "NOCREATEDB"),
                limit=sql.Literal(limit),
                password=sql.Literal(passwords[role]),
            )
            connection.execute(statement)
        _make_database(connection)
    for database in ("template1", DATABASE):
        with _connect(port, passwords[SUPERUSER], database) as inside:
            for line in _PROVISION:
                inside.execute(line)
    stamp.write_text(wanted)


def _make_database(connection: psycopg.Connection) -> None:
    found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
    if found is None:
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER mediconnect_owner TEMPLATE template0").format(sql.Identifier(DATABASE))
        )
