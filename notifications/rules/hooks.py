"""How a call to a clinic's program is written, signed (Standard Webhooks) and repeated: pure, without a database."""

import base64
import hashlib
import hmac
import json
import random
import secrets
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

TYPES: Final[Mapping[str, str]] = {
    "booked": "appointment.booked",
    "moved": "appointment.moved",
    "cancelled": "appointment.cancelled",
    "arrived": "appointment.arrived",
    "undone": "appointment.undone",
    "ping": "ping",
}
"""What a receiver reads as `type`; these words stay."""

WAITS: Final = (5.0, 60.0, 5 * 60.0, 30 * 60.0, 2 * 3600.0, 6 * 3600.0, 14 * 3600.0)
"""Seconds to wait after each failed attempt but the last: quick enough for a restart, long enough for a night. Eight
attempts in about 23 hours, as receivers of Standard Webhooks expect."""

MOST_ATTEMPTS: Final = len(WAITS) + 1

_PREFIX: Final = "whsec_"
_SECRET_BYTES: Final = 32
"""Standard Webhooks: between 24 and 64."""

_LONGEST_HOST: Final = 45
"""Characters of a host in a breaker's name, which has 63 in all."""


def new_secret() -> str:
    """Return a secret to sign with, as receivers configure it: `whsec_` and 256 random bits in base64."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def wait_after(attempt: int, *, spread: Callable[[float, float], float] = random.uniform) -> float | None:
    """Return the seconds to wait after failed attempt number `attempt` (from 1), ± 25 %; None after the last."""
    if attempt >= MOST_ATTEMPTS:
        return None
    return WAITS[max(attempt, 1) - 1] * (1 + spread(-0.25, 0.25))


def written(call_id: uuid.UUID, body: Mapping[str, Any]) -> bytes:
    """Return the bytes that are sent and signed: the same for every attempt of a call."""
    return json.dumps({"id": str(call_id), **body}, sort_keys=True, separators=(",", ":")).encode()


def headers(call_id: uuid.UUID, body: bytes, *, timestamp: int, signed_with: Iterable[str]) -> dict[str, str]:
    """Return the headers of an attempt: id, seconds of the epoch, and a signature for each secret, newest first."""
    content = b".".join((str(call_id).encode(), str(timestamp).encode(), body))
    return {
        "Content-Type": "application/json",
        "User-Agent": "MediConnect-Webhooks/1",
        "webhook-id": str(call_id),
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{_signature(secret, content)}" for secret in signed_with),
    }


def breaker_name(clinic_id: uuid.UUID, host: str) -> str:
    """Return the name of the breaker for a host of a clinic.

    The clinic is part of it: many clinics may use one service, and one that points it at a wrong path must not keep the
    calls of the others from being made.
    """
    mark = hashlib.sha256(f"{clinic_id} {host}".encode()).hexdigest()[:8]
    return f"hook:{host[:_LONGEST_HOST].strip('.-:')}:{mark}"


def _signature(secret: str, content: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    return base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
