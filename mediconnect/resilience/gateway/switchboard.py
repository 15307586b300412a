"""The thread that holds all connections of this process to services outside.

Threads that call wait for it. An event loop and not blocking sockets: only there can a whole call be given up at a
moment, wherever it stands. A read timeout of `requests` begins anew with each byte that drips in.
"""

import asyncio
import atexit
import os
import ssl
import threading
from collections.abc import Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Final, TypeVar

import aiohttp
from aiohttp.abc import AbstractResolver

from mediconnect.resilience.gateway.guarding import Guard, GuardedResolver
from mediconnect.resilience.gateway.progress import TRACE, current

Result = TypeVar("Result")

POOL: Final = 10
"""Connections at once: no more than there are senders in a process (reliability S-1: pool ≤ worker count)."""

# Seconds for which an unused connection is kept. Short, since a service that hangs up at the moment a request is written
# leaves in doubt whether it acted; ten senders at work use theirs again within milliseconds.
_KEPT: Final = 2.0
# Names are looked up by threads that nothing can call back. One look-up of each name runs at a time, so this is how
# many services may have a dead name server before others wait for them.
_LOOK_UPS: Final = 16
_GOODBYE: Final = 1.0  # seconds for closing connections at the end of the process


class _TracedTLS(ssl.SSLContext):
    """Says of a call when its handshake begins."""

    def wrap_bio(self, *arguments: Any, **options: Any) -> ssl.SSLObject:
        """Begin a handshake."""
        progress = current.get()
        if progress is not None:
            progress.phase = "tls"
        return super().wrap_bio(*arguments, **options)


def trusted_authorities() -> ssl.SSLContext:
    """Return what a certificate is checked with: the system's authorities, or those of SSL_CERT_FILE; names checked."""
    context = _TracedTLS(ssl.PROTOCOL_TLS_CLIENT)
    context.load_default_certs()
    return context


class Switchboard:
    """An event loop in a thread of its own, and the session in it."""

    def __init__(
        self,
        *,
        resolver: AbstractResolver | None = None,
        tls: ssl.SSLContext | None = None,
        guard: Guard | None = None,
    ) -> None:
        """Start the thread; `resolver` looks names up instead of the system, `tls` checks certificates otherwise.

        With a `guard` no connection is made to what it forbids.
        """
        self._loop = asyncio.new_event_loop()
        self._loop.set_default_executor(ThreadPoolExecutor(_LOOK_UPS, thread_name_prefix="look-up"))
        self._thread = threading.Thread(target=self._loop.run_forever, name="outside", daemon=True)
        self._thread.start()
        self._session = self.start(self._open(resolver, tls or trusted_authorities(), guard)).result()
        # Kept by itself as well: collected in a forked child it would take the parent's connections out of the list of
        # what the parent's loop waits for, which the kernel shares between the two.
        self._connector = self._session.connector

    async def _open(
        self, resolver: AbstractResolver | None, tls: ssl.SSLContext, guard: Guard | None
    ) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            limit=POOL,
            keepalive_timeout=_KEPT,
            ssl=tls,
            resolver=GuardedResolver(guard, resolver) if guard else resolver,
            socket_factory=guard.new_socket if guard else None,
        )
        session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,  # no proxy and no password file that nobody told us of
            auto_decompress=False,  # we ask for no compression; what is packed all the same is refused
            trace_configs=[TRACE],
        )
        # The library would repeat a GET or PUT by itself on a connection that was closed meanwhile. Retries are ours, in
        # one layer; a test notices should this name change.
        session._retry_connection = False  # noqa: SLF001
        return session

    @property
    def session(self) -> aiohttp.ClientSession:
        """The session, for coroutines that run here."""
        return self._session

    def start(self, work: Coroutine[Any, Any, Result]) -> "Future[Result]":
        """Begin the work in the loop and return its future."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def close(self) -> None:
        """Close the connections and end the thread."""
        with suppress(TimeoutError):  # the process ends all the same, and the connections with it
            self.start(self._session.close()).result(_GOODBYE)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_GOODBYE)
        if not self._thread.is_alive():
            self._loop.close()

    def leave_to_parent(self) -> None:
        """Forget, in a forked child, that the session is open: its connections are the parent's and stay as they are."""
        self._session.detach()


class _Standing:
    """The process's switchboards, each made when first asked for: one for services of ours, one for each guard."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.boards: dict[Guard | None, Switchboard] = {}
        self.parents: list[Switchboard] = []  # kept, see there

    def get(self, guard: Guard | None) -> Switchboard:
        with self.lock:
            if guard not in self.boards:
                self.boards[guard] = Switchboard(guard=guard)
            return self.boards[guard]

    def after_fork(self) -> None:
        self.lock = threading.Lock()
        for board in self.boards.values():
            board.leave_to_parent()
            self.parents.append(board)
        self.boards = {}

    def end(self) -> None:
        with self.lock:
            for board in self.boards.values():
                board.close()
            self.boards = {}


_standing: Final = _Standing()
os.register_at_fork(after_in_child=_standing.after_fork)
atexit.register(_standing.end)


def switchboard(guard: Guard | None = None) -> Switchboard:
    """Return the switchboard of this process, or that of this guard; a forked child has its own.

    What goes to addresses that others typed has connections of its own, so that it takes none from our services.
    """
    return _standing.get(guard)
