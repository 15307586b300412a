"""The queue in our database, in order, without two workers on one task, and with a gate that every task passes.

django-q2's own ORM broker takes any row, reads before it writes, and has no say in what runs. This one takes the row
that has waited longest with SKIP LOCKED, on the database's clock, and drops what the gate refuses.
"""

import logging
import os
import time
from typing import Any, Final

from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone
from django_q.brokers.orm import ORM
from django_q.conf import Conf
from django_q.signing import BadSignature, SignedPackage

from .gate import refusal

log = logging.getLogger(__name__)

# Set by the supervisor for the cluster it starts: the cluster's name, and the seconds between two canaries.
INSTANCE_VARIABLE: Final = "JOBS_INSTANCE"
CANARY_VARIABLE: Final = "JOBS_CANARY_SECONDS"

_TAKE: Final = """
UPDATE django_q_ormq SET lock = statement_timestamp() + %(retry)s * interval '1 second'
WHERE id IN (
    SELECT id FROM django_q_ormq
    WHERE key = ANY(%(keys)s) AND lock <= statement_timestamp()
    ORDER BY lock, id LIMIT %(bulk)s
    FOR UPDATE SKIP LOCKED)
RETURNING id, payload
"""

_CANARY: Final = """
INSERT INTO django_q_ormq (key, payload, lock)
SELECT %(key)s, %(payload)s, statement_timestamp()
WHERE NOT EXISTS (SELECT FROM django_q_ormq WHERE key = %(key)s AND lock <= statement_timestamp())
"""


def instance_name() -> str:
    """Return the name of this very cluster, which the supervisor gave it, or "" when it runs without one."""
    return os.environ.get(INSTANCE_VARIABLE, "")


class GatedBroker(ORM):
    """The broker that `Q_CLUSTER["broker_class"]` names. `runjobs` refuses to start with any other."""

    _next_canary = 0.0

    def dequeue(self) -> list[tuple[int, str]] | None:
        """Take the next task of this cluster (or its own canary); None after a short sleep when there is none.

        Without a database it sleeps for a second and asks again: no hot loop, and back within a second of the repair.
        """
        try:
            self.get_connection(self.list_key)
            taken = self._take()
        except (DatabaseError, InterfaceError) as error:
            log.warning("queue %s: no database (%s)", self.list_key, type(error).__name__)
            connection.close()
            time.sleep(1)
            return None
        if not taken:
            time.sleep(Conf.POLL)
            return None
        return [(pk, payload) for pk, payload in taken if self._passes(pk, payload)] or None

    def _take(self) -> list[tuple[int, str]]:
        keys = [self.list_key, *filter(None, [instance_name()])]
        with connection.cursor() as cursor:
            cursor.execute(_TAKE, {"retry": Conf.RETRY, "keys": keys, "bulk": Conf.BULK})
            return list(cursor.fetchall())

    def _passes(self, pk: int, payload: str) -> bool:
        """Say whether the task may run; drop it from the queue if not. A forged signature is refused unread."""
        try:
            reason = refusal(SignedPackage.loads(payload))
        except (BadSignature, TypeError):
            reason = "signature not ours"
        except Exception as error:  # noqa: BLE001 - a signed pickle of another release may fail in any way
            reason = f"unreadable ({type(error).__name__})"
        if reason:
            log.error("queue %s: task %s refused: %s", self.list_key, pk, reason)
            self.delete(pk)
        return not reason

    def set_stat(self, key: str, value: str, timeout: int) -> None:
        """Queue a canary each minute instead of writing a statistic into the cache.

        django-q2 calls this from its guard loop, twice a second. A hanging cache would stop the loop, and with it the
        schedules; and a canary that came through the queue proves more than a process that says it lives.
        """
        name = instance_name()
        if not name or time.monotonic() < self._next_canary:
            return
        self._next_canary = time.monotonic() + float(os.environ.get(CANARY_VARIABLE, "60"))
        try:
            with connection.cursor() as cursor:
                cursor.execute(_CANARY, {"key": name, "payload": _canary(name)})
        except (DatabaseError, InterfaceError) as error:
            log.warning("queue %s: no canary (%s)", self.list_key, type(error).__name__)
            connection.close()

    def get_stat(self, key: str) -> Any:
        """Return nothing: see `set_stat`."""
        return None

    def get_stats(self, pattern: str) -> list[Any]:
        """Return nothing: see `set_stat`."""
        return []

    @staticmethod
    def get_cache() -> None:
        """Return no cache: the queue does without one."""
        return


def _canary(name: str) -> str:
    task = {
        "id": f"canary:{name}"[:32],
        "name": "canary",
        "func": "mediconnect.health.tasks.beat",
        "args": (name,),
        "kwargs": {},
        "started": timezone.now(),
        "save": False,
        "ack_failure": True,
    }
    packed: str = SignedPackage.dumps(task)
    return packed
