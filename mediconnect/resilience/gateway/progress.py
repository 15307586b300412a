"""How far a call has come, for whoever has to say afterwards where its time ran out and whether the request had left."""

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final, Literal

from aiohttp import TraceConfig


@dataclass(slots=True)
class Progress:
    """Where a call stands. Written in the loop's thread, read by the caller's."""

    phase: Literal["dns", "connect", "tls", "write", "read"] = "connect"
    sent: bool = False
    """Whether any of the request was written: from then on the other side may act."""


current: Final[ContextVar[Progress | None]] = ContextVar("progress", default=None)


async def _looking_up(_session: object, _trace: object, _told: object) -> None:
    _at("dns")


async def _connecting(_session: object, _trace: object, _told: object) -> None:
    _at("connect")


async def _connected(_session: object, _trace: object, _told: object) -> None:
    _at("write")


async def _sent(_session: object, _trace: object, _told: object) -> None:
    _at("read")


def _at(phase: Any) -> None:
    progress = current.get()
    if progress is not None:
        progress.phase = phase
        progress.sent = progress.sent or phase == "read"


TRACE: Final = TraceConfig()
TRACE.on_dns_resolvehost_start.append(_looking_up)
TRACE.on_dns_resolvehost_end.append(_connecting)
TRACE.on_connection_create_end.append(_connected)
TRACE.on_connection_reuseconn.append(_connected)
TRACE.on_request_headers_sent.append(_sent)
