"""Identifiers that reveal nothing but sort by the moment they were made."""

import datetime as dt
import os
import time
import uuid

_VERSION_7 = 0x7000
_VARIANT = 0x8000_0000_0000_0000


def uuid7() -> uuid.UUID:
    """Return a version 7 UUID (RFC 9562, 5.7): 48 bits of Unix milliseconds, then 74 random bits.

    Rows made one after another land side by side in an index, which a random UUID never does.
    """
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    high = (milliseconds << 16) | _VERSION_7 | (random >> 68)
    low = _VARIANT | (random & 0x3FFF_FFFF_FFFF_FFFF)
    return uuid.UUID(int=(high << 64) | low)


def earliest_id(moment: dt.datetime) -> uuid.UUID:
    """Return an identifier that sorts before all that `uuid7` makes from this moment on, and after those made before.

    For whoever walks through the oldest rows of a large table: its primary key says where to stop.
    """
    return uuid.UUID(int=(int(moment.timestamp() * 1000) << 80) | (_VERSION_7 << 64) | _VARIANT)
