"""What makes two requests the same."""

import hashlib
import hmac
import json
import re
from typing import Any, Final

from .errors import KeyInvalid

_KEY: Final = re.compile(r"[A-Za-z0-9._:-]{16,255}")


def parse_key(header: str) -> str:
    """Return the key of an Idempotency-Key header, bare or quoted as an RFC 8941 string; both are the same key.

    Repeated headers arrive joined by commas: the same key twice is one key, two keys are none. Raises `KeyInvalid`.
    """
    keys = {
        part.strip().removeprefix('"').removesuffix('"') if _is_quoted(part.strip()) else part.strip()
        for part in header.split(",")
    }
    if len(keys) != 1:
        raise KeyInvalid
    key = keys.pop()
    if not _KEY.fullmatch(key):
        raise KeyInvalid
    return key


def _is_quoted(text: str) -> bool:
    return len(text) > 1 and text.startswith('"') and text.endswith('"')


def fingerprint(secret: str, *, method: str, path: str, query: str, body: Any) -> bytes:
    """Return the HMAC of a request: the order of members, white space and the form of numbers do not matter, all else does."""
    canonical = json.dumps(
        [method, path, sorted(query.split("&")), _plain(body)], sort_keys=True, separators=(",", ":")
    )
    return hmac.new(secret.encode(), canonical.encode(), hashlib.sha256).digest()


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_plain(member) for member in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def lock_number(principal: str, key: str) -> int:
    """Return the advisory lock of a caller's key: 63 bits of its SHA-256, so that two keys practically never share one."""
    digest = hashlib.sha256(f"{principal}\0{key}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1
