"""The servers of `./dev` and of these tests: what they promise whoever starts, kills or fills them."""

import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from mediconnect import embedded
from mediconnect.embedded import EmbeddedServersError, FolderInUseError, Servers, home

_STARTER = """
import sys, time
from pathlib import Path
from mediconnect.embedded import servers
with servers(Path(sys.argv[1]), durable=False):
    print("up", flush=True)
    time.sleep(120)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder whose parents are open to the servers' account, as a clone usually is."""
    parent = Path(tempfile.mkdtemp(prefix="mediconnect-test-"))
    parent.chmod(0o755)
    yield parent / "servers"
    shutil.rmtree(parent)


def _ask(url: str, question: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(question.encode()).fetchone()
    return row[0] if row else None


def _guessed(url: str) -> str:
    return re.sub(r":[^:@/]+@", ":guess@", url)


def _servers_of(folder: Path) -> list[psutil.Process]:
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if any(str(folder) in part for part in process.info["cmdline"] or ())
        and re.search(r"postgres|valkey", (process.info["cmdline"] or [""])[0])
    ]


def _gone(folder: Path, seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not _servers_of(folder):
            return True
        time.sleep(0.05)
    return False


def _starter(folder: Path) -> subprocess.Popen[str]:
    child = subprocess.Popen([sys.executable, "-c", _STARTER, str(folder)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "up\n"
    return child


def test_roles_extensions_and_limits_are_those_of_production(folder: Path) -> None:
    with embedded.servers(folder, durable=False) as addresses:
        limits = _ask(
            addresses.database_url,
            "SELECT json_object_agg(rolname, rolconnlimit) FROM pg_roles WHERE rolname LIKE 'mediconnect%'",
        )
        assert limits == {"mediconnect_owner": -1, "mediconnect_web": 15, "mediconnect_jobs": 25}
        extensions = _ask(addresses.database_url, "SELECT array_agg(extname::text) FROM pg_extension")
        assert isinstance(extensions, list)
        assert {"btree_gist", "pg_trgm", "pg_stat_statements"} <= set(extensions)
        with redis.Redis.from_url(addresses.redis_url) as client:
            assert client.ping() is True


def test_the_processes_may_use_tables_and_not_make_them(folder: Path) -> None:
    with embedded.servers(folder, durable=False) as addresses:
        with psycopg.connect(addresses.database_url) as connection:
            connection.execute("CREATE TABLE visit (id int)")
        for url in (addresses.database_url_web, addresses.database_url_jobs):
            assert _ask(url, "INSERT INTO visit VALUES (1) RETURNING id") == 1
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                _ask(url, "CREATE TABLE other (id int)")


def test_nobody_enters_without_the_password(folder: Path) -> None:
    with embedded.servers(folder, durable=False) as addresses:
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            _ask(_guessed(addresses.database_url), "SELECT 1")
        with redis.Redis.from_url(_guessed(addresses.redis_url)) as client, pytest.raises(redis.AuthenticationError):
            client.ping()
    assert stat.S_IMODE((folder / "passwords.json").stat().st_mode) == 0o600


def test_a_second_start_keeps_data_addresses_and_passwords(folder: Path) -> None:
    with embedded.servers(folder, durable=False) as first, psycopg.connect(first.database_url) as connection:
        connection.execute("CREATE TABLE visit AS SELECT 42 AS id")
    assert _servers_of(folder) == []
    with embedded.servers(folder, durable=False) as second:
        assert second == first
        assert _ask(second.database_url, "SELECT id FROM visit") == 42


def test_servers_that_were_killed_come_back_with_what_was_committed(folder: Path) -> None:
    with embedded.servers(folder, durable=False) as addresses:
        with psycopg.connect(addresses.database_url) as connection:
            connection.execute("CREATE TABLE visit AS SELECT 42 AS id")
        for process in _servers_of(folder):
            process.kill()
    with embedded.servers(folder, durable=False) as addresses:
        assert _ask(addresses.database_url, "SELECT id FROM visit") == 42


def test_a_starter_that_is_killed_takes_its_servers_along(folder: Path) -> None:
    starter = _starter(folder)
    assert len(_servers_of(folder)) >= 2
    starter.kill()
    starter.communicate()
    if sys.platform.startswith("linux"):
        assert _gone(folder)
    with embedded.servers(folder, durable=False) as addresses:
        assert _ask(addresses.database_url, "SELECT 1") == 1
    assert _gone(folder)


def test_a_lock_file_that_names_a_stranger_does_not_block_the_start(folder: Path) -> None:
    with embedded.servers(folder, durable=False):
        pass
    where = home.Home.of(folder, *home.binaries()).folder
    stale = where / "postgres" / "data" / "postmaster.pid"
    stale.write_text(f"{os.getpid()}\n{stale.parent}\n")  # a process id that the system has given away again
    with embedded.servers(folder, durable=False) as addresses:
        assert _ask(addresses.database_url, "SELECT 1") == 1


def test_a_first_start_that_was_interrupted_is_begun_again(folder: Path) -> None:
    with embedded.servers(folder, durable=False):
        pass
    where = home.Home.of(folder, *home.binaries()).folder
    (where / "postgres" / "provisioned").unlink()
    (where / "postgres" / "data" / "PG_VERSION").unlink()
    with embedded.servers(folder, durable=False) as addresses:
        assert _ask(addresses.database_url, "SELECT 1") == 1


def test_one_folder_has_one_pair_and_others_find_its_addresses(folder: Path) -> None:
    assert embedded.running(folder) is None
    assert embedded.is_free(folder)
    starter = _starter(folder)
    try:
        assert not embedded.is_free(folder)
        addresses = embedded.running(folder)
        assert isinstance(addresses, Servers)
        assert _ask(addresses.database_url, "SELECT 1") == 1
        with pytest.raises(FolderInUseError, match="Another process already runs"), embedded.servers(folder):
            pass
    finally:
        starter.send_signal(signal.SIGINT)
        starter.communicate()
    assert embedded.running(folder) is None
    assert _gone(folder)


def test_addresses_left_by_a_killed_starter_are_not_believed(folder: Path) -> None:
    folder.mkdir()
    (folder / "lock").touch()
    (folder / "running.json").write_text(json.dumps(dict.fromkeys(Servers.__dataclass_fields__, "gone")))
    assert embedded.running(folder) is None


def test_two_runs_at_once_get_servers_of_their_own(folder: Path) -> None:
    with ExitStack() as stack:
        pairs = {stack.enter_context(embedded.first_free(folder, durable=False)) for _ in range(2)}
        assert len({addresses.database_url for addresses in pairs}) == 2
        assert {path.name for path in folder.iterdir()} == {"1", "2"}


def test_a_folder_behind_a_closed_door_is_served_from_the_temporary_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = folder / "closed"
    closed.mkdir(parents=True, mode=0o700)
    folder.chmod(0o755)
    away = folder / "away"
    away.mkdir()
    away.chmod(0o777)
    monkeypatch.setattr(tempfile, "tempdir", str(away))
    with embedded.servers(closed / "servers", durable=False) as addresses:
        assert _ask(addresses.database_url, "SELECT 1") == 1
    # Only root lends an account that the door can stop; anyone else passes it.
    assert bool(list(away.iterdir())) is (os.geteuid() == 0)


def test_programs_behind_a_closed_door_are_copied(folder: Path) -> None:
    folder.mkdir()
    folder.chmod(0o711)
    here = home.Home.of(folder, *home.binaries())
    copied = here.with_own_programs()
    assert copied.postgres.is_relative_to(folder)
    assert copied.reaches(copied.postgres / "postgres")
    version = subprocess.run([copied.postgres / "postgres", "--version"], capture_output=True, check=True)
    assert version.stdout.startswith(b"postgres (PostgreSQL) 18")


def test_a_platform_without_wheels_is_told_in_a_sentence(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home, "find_spec", lambda _name: None)
    with pytest.raises(EmbeddedServersError, match="no PostgreSQL or Valkey wheel"), embedded.servers(folder):
        pass


def test_a_full_disk_is_told_in_a_sentence(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    full = shutil.disk_usage("/")._replace(free=1_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: full)
    with pytest.raises(EmbeddedServersError, match="Too little space"), embedded.servers(folder):
        pass


def test_the_log_of_the_server_holds_no_values(folder: Path) -> None:
    with embedded.servers(folder, durable=False) as addresses:
        with psycopg.connect(addresses.database_url, autocommit=True) as connection:
            connection.execute("CREATE TABLE person (name text PRIMARY KEY)")
            connection.execute("INSERT INTO person VALUES ('Anna Keller')")
            with pytest.raises(psycopg.errors.UniqueViolation):
                connection.execute("INSERT INTO person VALUES ('Anna Keller')")
        log = (home.Home.of(folder, *home.binaries()).folder / "postgres" / "postgres.log").read_text()
    assert "duplicate key" in log
    assert "Anna" not in log
