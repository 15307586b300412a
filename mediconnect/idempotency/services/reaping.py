"""Forget answers whose time is over."""

from typing import Final

from django.db import connection

BATCH: Final = 1_000

_REAP: Final = """
DELETE FROM idempotency_idempotencyrecord WHERE id IN (
    SELECT id FROM idempotency_idempotencyrecord WHERE expires_at <= statement_timestamp() ORDER BY expires_at LIMIT %s
    FOR UPDATE SKIP LOCKED)
"""


def reap() -> int:
    """Delete every expired answer, a thousand per statement so that no lock lasts; return how many."""
    reaped = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_REAP, [BATCH])
            deleted = int(cursor.rowcount)
        reaped += deleted
        if deleted < BATCH:
            return reaped
