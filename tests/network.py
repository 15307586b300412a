"""The network ends at this machine: a test that reaches further fails with the address it wanted."""

import ipaddress
import socket
from collections.abc import Callable
from typing import Any

import pytest

_LOCAL_NAMES = frozenset({"localhost", "", "0.0.0.0", "::"})  # noqa: S104 - names to compare with


class NetworkIsOffError(Exception):
    """A test wanted to reach another machine."""


def _is_local(host: object) -> bool:
    name = host.decode() if isinstance(host, bytes) else str(host or "")
    if name in _LOCAL_NAMES:
        return True
    try:
        return ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _guarded(original: Callable[..., Any]) -> Callable[..., Any]:
    def call(own: socket.socket, address: Any, *rest: Any) -> Any:
        if own.family in (socket.AF_INET, socket.AF_INET6) and not _is_local(address[0]):
            raise NetworkIsOffError(f"a test tried to reach {address[0]}")
        return original(own, address, *rest)

    return call


def forbid(patch: pytest.MonkeyPatch) -> None:
    """Make connections and name look-ups beyond loopback raise NetworkIsOffError.

    Libraries in C keep their own sockets: PostgreSQL's client is one, and its address is ours already.
    """
    look_up = socket.getaddrinfo

    def local_look_up(host: Any, *rest: Any, **options: Any) -> Any:
        if not _is_local(host):
            raise NetworkIsOffError(f"a test tried to look up {host}")
        return look_up(host, *rest, **options)

    patch.setattr(socket, "getaddrinfo", local_look_up)
    for name in ("connect", "connect_ex"):
        patch.setattr(socket.socket, name, _guarded(getattr(socket.socket, name)))
