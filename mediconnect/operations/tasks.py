"""The queue's doors to operations: the self-check, and housekeeping."""

import datetime
from typing import Final

from django.db import connection
from django.db.models.functions import Now
from django_q.models import Task

from mediconnect.health.models import Heartbeat
from mediconnect.operations.exchange import forgetting, importing, receiving
from mediconnect.operations.verifying import recording
from mediconnect.outbox.services.waking import wake

_BATCH: Final = 1_000
_KEEP: Final = datetime.timedelta(days=7)

_LOST_CANARIES: Final = """
DELETE FROM django_q_ormq
WHERE key LIKE '%@%' AND lock < statement_timestamp() - interval '10 minutes'
"""


def purge_queue_results() -> None:
    """Delete results older than a week, heartbeats older than a day, and canaries whose cluster is gone."""
    while True:
        old = Task.objects.filter(stopped__lt=Now() - _KEEP).values("pk")[:_BATCH]
        if Task.objects.filter(pk__in=old).delete()[0] < _BATCH:
            break
    Heartbeat.objects.forgotten().delete()
    with connection.cursor() as cursor:
        cursor.execute(_LOST_CANARIES)


def begin_self_check() -> None:
    """Ask all promises of the data, each night; old answers are forgotten."""
    recording.begin_nightly()
    recording.forget_old()
    continue_self_check()


def continue_self_check() -> None:
    """Take a turn at the self-check that is under way, if one is, and ask for another turn if some of it is left."""
    if recording.take_turn():
        wake(bell=recording.BELL)


def work_imports() -> None:
    """Take a turn at the imports under way, and ask for another turn if some of them is left."""
    if importing.take_turn():
        wake(bell=receiving.BELL)


def forget_files() -> None:
    """Delete the rows of files that are a week old."""
    forgetting.forget_files()
