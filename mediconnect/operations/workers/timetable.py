"""The queue's schedule rows, made from `mediconnect/schedule.py` and from nowhere else."""

from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django_q.models import Schedule

from mediconnect.schedule import SCHEDULE, Job

_LOCK = 0x6D63_0001  # any number of our own; two hosts that start together must not both insert


def write_timetable(jobs: tuple[Job, ...] = SCHEDULE) -> tuple[int, int]:
    """Make the schedule rows say exactly what `jobs` says; return how many were written and how many removed.

    A row that is right already keeps its next run. Rows that no job describes go, whoever made them.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        rows = list(Schedule.objects.order_by("-pk"))
        first = {row.name: row for row in rows}
        written = sum(_write(job, first.get(job.name)) for job in jobs)
        names = {job.name for job in jobs}
        strays = [row.pk for row in rows if row.name not in names or row is not first[row.name]]
        removed, _ = Schedule.objects.filter(pk__in=strays).delete()
    return written, removed


def _write(job: Job, row: Schedule | None) -> bool:
    """Write one row if it differs from its job; say whether it did."""
    wanted = _columns(job)
    if row is not None and all(getattr(row, column) == value for column, value in wanted.items()):
        return False
    row = row or Schedule(name=job.name)
    for column, value in wanted.items():
        setattr(row, column, value)
    row.next_run = timezone.now()
    if job.cron is not None:
        row.next_run = row.calculate_next_run()
    row.save()
    return True


def _columns(job: Job) -> dict[str, Any]:
    return {
        "func": job.function,
        "args": None,
        "kwargs": None,
        "hook": None,
        "schedule_type": Schedule.CRON if job.cron is not None else Schedule.MINUTES,
        "minutes": job.minutes,
        "cron": job.cron,
        "repeats": -1,
        "cluster": job.cluster,
        "intended_date_kwarg": None,
    }
