"""Wake-ups: one row of django-q2's queue, written with the caller's transaction, that calls who works what is due."""

import datetime
import functools
import hashlib
from dataclasses import dataclass
from typing import Final

from django.db import connection
from django_q.conf import Conf
from django_q.core_signing import TimestampSigner
from django_q.signing import PickleSerializer


@dataclass(frozen=True, slots=True)
class Bell:
    """Whom a wake-up calls: the function, named in `mediconnect/schedule.py`, and the cluster that runs it."""

    cluster: str
    function: str


RELAY: Final = Bell("default", "mediconnect.outbox.tasks.relay_due")

WAKE: Final = """
INSERT INTO django_q_ormq (key, payload, lock)
SELECT %(cluster)s, %(wake_up)s, statement_timestamp() + %(wait)s * interval '1 second'
WHERE NOT EXISTS (
    SELECT FROM django_q_ormq
    WHERE key = %(cluster)s AND payload = %(wake_up)s
      AND lock BETWEEN statement_timestamp() + (%(wait)s - 0.15) * interval '1 second'
                   AND statement_timestamp() + (%(wait)s + 1) * interval '1 second')
"""
"""A wake-up sleeps for 0.2 s before a worker may take it. One that still has 50 ms to sleep will find our rows
committed, so it serves us too and a busy second costs a handful of wake-ups instead of one per booking. Should a
slow commit miss it, the minute's sweep finds the rows."""

WAIT: Final = 0.2
"""Seconds, see `WAKE`."""


class _TimelessSigner(TimestampSigner):  # type: ignore[misc]  # django-q2 has no types
    """Signs the same payload to the same text in every process, so that a waiting wake-up is recognised as ours."""

    def timestamp(self) -> str:
        return "0"


@functools.cache
def wake_up(bell: Bell = RELAY) -> str:
    """Return the signed queue payload that rings the bell, the same text for the life of a SECRET_KEY."""
    task = {
        "id": hashlib.sha256(bell.function.encode()).hexdigest()[:32],
        "name": "wake-up",
        "func": bell.function,
        "args": (),
        "kwargs": {},
        "started": datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC),
        "save": False,  # its outcome stands in the rows that it works
        "ack_failure": True,  # a failed wake-up is not repeated: the sweep is
    }
    signer = _TimelessSigner(key=Conf.SECRET_KEY, salt=Conf.PREFIX)
    payload: str = signer.sign_object(task, serializer=PickleSerializer, compress=Conf.COMPRESSED)
    return payload


def wake(*, bell: Bell = RELAY, wait: float = WAIT) -> None:
    """Queue a wake-up `wait` seconds from now, unless one is queued for about then. Commits with the caller."""
    with connection.cursor() as cursor:
        cursor.execute(WAKE, {"cluster": bell.cluster, "wake_up": wake_up(bell), "wait": wait})
