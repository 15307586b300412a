"""Answer a key once: look it up, do the work and keep the answer, all in the caller's transaction."""

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from django.db import connection

from mediconnect.idempotency.errors import InProgress, KeyReused
from mediconnect.idempotency.rules import lock_number
from mediconnect.records.encryption import decrypt, encrypt
from mediconnect.resilience.transactions import Restart

# Promised for 24 hours, kept for 48 (api.md): a client that retries the next morning still gets its answer.
KEPT_HOURS: Final = 48

# Lock and look-up in one round trip. The look-up may miss an answer that was committed between the statement's snapshot
# and the lock; then the insert below finds the key taken and everything restarts.
_CLAIM: Final = """
SELECT pg_try_advisory_xact_lock(%(number)s), fingerprint, status_code, headers, body, resource_id
FROM (SELECT) AS caller LEFT JOIN idempotency_idempotencyrecord
    ON principal = %(principal)s AND key_sha256 = sha256(%(key)s) AND expires_at > statement_timestamp()
"""

_KEEP: Final = """
INSERT INTO idempotency_idempotencyrecord AS kept
    (principal, key_sha256, fingerprint, status_code, headers, body, resource_id, expires_at)
VALUES (%(principal)s, sha256(%(key)s), %(fingerprint)s, %(status)s, %(headers)s, %(body)s, %(resource)s,
        statement_timestamp() + %(hours)s * interval '1 hour')
ON CONFLICT (principal, key_sha256) DO UPDATE SET
    fingerprint = excluded.fingerprint, status_code = excluded.status_code, headers = excluded.headers, body = excluded.body,
    resource_id = excluded.resource_id, created_at = statement_timestamp(), expires_at = excluded.expires_at
    WHERE kept.expires_at <= statement_timestamp()
RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """A settled answer: its status, its body to the byte, the headers that belong to it, and the object it speaks of."""

    status: int
    body: str
    headers: dict[str, str] = field(default_factory=dict)
    resource_id: uuid.UUID | None = None
    replayed: bool = False


def answer_once(*, principal: str, key: str, fingerprint: bytes, work: Callable[[], Answer]) -> Answer:
    """Return the stored answer of this caller's key, or the work's, which is stored with it.

    Raises `InProgress` while a twin is at work, `KeyReused` if the key was given for another request, and `Restart`
    where only a fresh transaction can tell. What the work raises is not stored: a retry runs.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"number": lock_number(principal, key), "principal": principal, "key": key.encode()})
        won, stored_fingerprint, status, headers, body, resource_id = cursor.fetchone()
    if not won:
        raise InProgress
    if status is not None:
        if bytes(stored_fingerprint) != fingerprint:
            raise KeyReused
        return Answer(status, decrypt(body), json.loads(headers), resource_id, replayed=True)
    answer = work()
    _keep(principal, key, fingerprint, answer)
    return answer


def _keep(principal: str, key: str, fingerprint: bytes, answer: Answer) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            _KEEP,
            {
                "principal": principal,
                "key": key.encode(),
                "fingerprint": fingerprint,
                "status": answer.status,
                "headers": json.dumps(answer.headers),
                "body": encrypt(answer.body),
                "resource": answer.resource_id,
                "hours": KEPT_HOURS,
            },
        )
        if cursor.fetchone() is None:
            raise Restart
