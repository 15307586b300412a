"""Which addresses are called for somebody who typed them: public ones, over TLS, and looked up once.

An address that a customer gives us must lead to the customer's machine and to none of ours. So it is judged twice: as it
is written, before anything is looked up, and as what it was looked up to, at the moment of connecting to exactly that.
"""

import ipaddress
import re
import socket
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import DefaultResolver

from mediconnect.resilience.outside import Forbidden

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

LONGEST_URL: Final = 1_000

# Written out, since what Python calls private has changed between its releases. IANA's special-purpose registry, and one
# address within public space at which a cloud (Azure) answers its own machines.
_CLOSED_V4: Final = tuple(
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32",
    )
)  # fmt: skip
# Of IPv6 only global unicast is public; within it the forms that carry an IPv4 address (6to4, Teredo), and examples, are
# not. Mapped, compatible and NAT64 addresses, unique local and link-local ones lie outside of it.
_OPEN_V6: Final = ipaddress.IPv6Network("2000::/3")
_CLOSED_V6: Final = tuple(
    ipaddress.IPv6Network(network) for network in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)

_LABEL: Final = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
# A host whose last part is a number is an IPv4 address to some parsers, however many parts it has and in whatever base.
_NUMBER: Final = re.compile(r"\d+|0x[0-9a-f]*")
_INSIDE: Final = ("localhost", "local", "internal", "intranet", "lan", "home.arpa", "onion")


@dataclass(frozen=True, slots=True)
class Guard:
    """What may be called. `loopback` is for development alone: this machine too, without TLS and at any port."""

    ports: frozenset[int] = frozenset({443})
    loopback: bool = False

    def check_url(self, url: str) -> None:
        """Raise `Forbidden` unless the address, as it is written, may be called; its code says what is wrong with it."""
        if not url.isascii() or not url.isprintable() or " " in url or "\\" in url or len(url) > LONGEST_URL:
            raise Forbidden("bad-address")
        try:
            parts = urlsplit(url)
            port, host = parts.port, parts.hostname or ""
        except ValueError:
            raise Forbidden("bad-address") from None
        if "@" in parts.netloc:
            raise Forbidden("address-with-password")
        if "#" in url:
            raise Forbidden("bad-address")
        here = self._check_host(parts, host)
        if parts.scheme != "https" and not (here and parts.scheme == "http"):
            raise Forbidden("not-https")
        if not here and (443 if port is None else port) not in self.ports:
            raise Forbidden("forbidden-port")

    def check_ip(self, text: str) -> None:
        """Raise `Forbidden` unless this is an address of the public network (or, where that is allowed, this machine)."""
        if not self._is_open(_parsed(text)):
            raise Forbidden("forbidden-address")

    def new_socket(self, info: Any) -> socket.socket:
        """Return a socket for the address that is about to be connected to: the last place at which it can be refused."""
        family, kind, protocol, _name, address = info
        self.check_ip(str(address[0]))
        return socket.socket(family=family, type=kind, proto=protocol)

    def _check_host(self, parts: SplitResult, host: str) -> bool:
        """Raise `Forbidden` for a host that nobody may name; return whether it is this machine, and that is allowed."""
        if "[" in parts.netloc:
            address = _parsed(host)
        elif _is_dotted_quad(host):
            address = ipaddress.IPv4Address(host)
        else:
            return self._check_name(host)
        if not self._is_open(address):
            raise Forbidden("forbidden-address")
        return address.is_loopback

    def _check_name(self, host: str) -> bool:
        if self.loopback and host == "localhost":
            return True
        labels = host.split(".")
        if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
            raise Forbidden("bad-address")
        if _NUMBER.fullmatch(labels[-1]):
            raise Forbidden("forbidden-address")
        if len(labels) < 2 or any(host == name or host.endswith(f".{name}") for name in _INSIDE):
            raise Forbidden("forbidden-name")
        return False

    def _is_open(self, address: Address) -> bool:
        if self.loopback and address.is_loopback:
            return True
        if isinstance(address, ipaddress.IPv4Address):
            return not any(address in network for network in _CLOSED_V4)
        return address in _OPEN_V6 and not any(address in network for network in _CLOSED_V6)


class GuardedResolver(AbstractResolver):
    """Looks names up and refuses those that lead to a forbidden address, be it one of many.

    What it returns is what is connected to: the name is not looked up again, so it cannot lead elsewhere meanwhile.
    """

    def __init__(self, guard: Guard, resolver: AbstractResolver | None = None) -> None:
        """Ask `resolver`, else the system. To be made in a running loop."""
        self._guard, self._resolver = guard, resolver or DefaultResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses of the name. Raises `Forbidden`."""
        found = await self._resolver.resolve(host, port, family)
        for one in found:
            self._guard.check_ip(one["host"])
        return found

    async def close(self) -> None:
        """Close the resolver behind it."""
        await self._resolver.close()


def _is_dotted_quad(host: str) -> bool:
    """Return whether this is an IPv4 address as everybody writes it: four decimal numbers without leading zeros."""
    try:
        ipaddress.IPv4Address(host)
    except ValueError:
        return False
    return True


def _parsed(text: str) -> Address:
    if "%" in text:
        raise Forbidden("forbidden-address")  # a zone: only an address of the own network has one
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        raise Forbidden("bad-address") from None
