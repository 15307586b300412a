"""A server that goes wrong in the way it is told to, on real sockets."""

import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final

Behaviour = Callable[[socket.socket], object]

_PATIENCE: Final = 5.0  # seconds after which a held connection is let go in any case
_DRIP: Final = 0.1  # seconds between two bytes
_GIGABYTE: Final = 1_000_000_000


class FaultServer:
    """Listens on loopback and hands each connection, in a thread of its own, to its behaviour."""

    def __init__(self, behaviour: Behaviour, *, tls: ssl.SSLContext | None = None) -> None:
        self._behaviour, self._tls = behaviour, tls
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listening.getsockname()[1]
        self.calls = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def url(self, host: str = "127.0.0.1", *, scheme: str = "") -> str:
        return f"{scheme or ('https' if self._tls else 'http')}://{host}:{self.port}"

    def close(self) -> None:
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            self.calls += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(_PATIENCE)
        with suppress(OSError), connection:
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
            with connection:
                self._behaviour(connection)


@contextmanager
def going_wrong(behaviour: Behaviour, *, tls: ssl.SSLContext | None = None) -> Iterator[FaultServer]:
    """Run a server of this behaviour."""
    server = FaultServer(behaviour, tls=tls)
    try:
        yield server
    finally:
        server.close()


@contextmanager
def black_hole() -> Iterator[int]:
    """Give a port on which connections are neither accepted nor refused: its queue is full, so the next SYN is dropped."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=0)
    waiting = []
    for _ in range(4):
        one = socket.socket()
        one.setblocking(False)
        one.connect_ex(listening.getsockname())
        waiting.append(one)
    try:
        yield listening.getsockname()[1]
    finally:
        for one in (*waiting, listening):
            one.close()


def read_request(connection: socket.socket) -> bytes:
    """Read one request with its body and return it; empty at the end of the connection."""
    got = b""
    while b"\r\n\r\n" not in got:
        piece = connection.recv(65_536)
        if not piece:
            return b""
        got += piece
    head, _, body = got.partition(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    while len(body) < length:
        body += connection.recv(65_536)
    return head + b"\r\n\r\n" + body


def silent(connection: socket.socket) -> None:
    """Take whatever comes and say nothing."""
    while connection.recv(65_536):
        pass


def drip_headers(connection: socket.socket) -> None:
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    _drip(connection)


def drip_body(connection: socket.socket) -> None:
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    _drip(connection)


def _drip(connection: socket.socket) -> None:
    for _ in range(1_000):
        connection.sendall(b"a")
        time.sleep(_DRIP)


def hang_up(connection: socket.socket) -> None:
    read_request(connection)


def reset(connection: socket.socket) -> None:
    read_request(connection)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def no_http(connection: socket.socket) -> None:
    read_request(connection)
    connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")


def endless_body(connection: socket.socket) -> None:
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    piece = b"a" * 1_000_000
    for _ in range(_GIGABYTE // len(piece)):
        connection.sendall(piece)


def announced_gigabyte(connection: socket.socket) -> None:
    read_request(connection)
    connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {_GIGABYTE}\r\n\r\n".encode())
    silent(connection)


def cut_short(connection: socket.socket) -> None:
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")


def answering(status: int, body: bytes = b"{}", **headers: str) -> Behaviour:
    """Answer each request with this; underscores in header names are dashes."""
    lines = [f"HTTP/1.1 {status} Told", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    told = "\r\n".join([*lines, "", ""]).encode() + body

    def answer(connection: socket.socket) -> None:
        while read_request(connection):
            connection.sendall(told)

    return answer
