"""Valkey on a folder: a cache only, it keeps nothing on disk."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from mediconnect.embedded.errors import EmbeddedServersError
from mediconnect.embedded.home import Home, write_private
from mediconnect.embedded.process import end_leftover, remembered_port, server

START_TIMEOUT: Final = 10.0  # seconds; it needs 0.05


@contextmanager
def valkey(home: Home, password: str) -> Iterator[int]:
    """Run Valkey in `home` behind `password`, and yield its port on the loopback address."""
    folder = home.subfolder("valkey")
    configuration, pid_file = folder / "valkey.conf", folder / "valkey.pid"
    with suppress(OSError, ValueError):
        end_leftover(int(pid_file.read_text()), [str(configuration)])
    pid_file.unlink(missing_ok=True)
    port = remembered_port(folder, "valkey")
    lines = (
        "bind 127.0.0.1",
        f"port {port}",
        f"requirepass {password}",
        f'dir "{folder}"',
        f'pidfile "{pid_file}"',
        # The path in the process's title is how the next start knows a leftover of this folder.
        'proc-title-template "{title} {listen-addr} {config-file}"',
        'save ""',
        "appendonly no",
        "maxmemory 256mb",
        "maxmemory-policy volatile-lru",
    )
    write_private(configuration, "\n".join(lines) + "\n")
    home.owned(configuration)
    command = [str(home.valkey), str(configuration)]
    log = folder / "valkey.log"
    log.write_bytes(b"")
    with server(home, command, log=log, stop_signal=signal.SIGTERM) as child:
        _await(port, password, lambda: child.poll() is not None, str(log))
        yield port


def _await(port: int, password: str, ended: Callable[[], bool], log: str) -> None:
    client = redis.Redis(host="127.0.0.1", port=port, password=password, socket_timeout=1, retry=Retry(NoBackoff(), 0))
    deadline = time.monotonic() + START_TIMEOUT
    with client:
        while True:
            try:
                client.ping()
            except redis.RedisError:
                if ended() or time.monotonic() > deadline:
                    raise EmbeddedServersError(f"Valkey did not start; its log is {log}.") from None
                time.sleep(0.02)
            else:
                return
