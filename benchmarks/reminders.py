"""Plan the reminders of ten thousand bookings, and poll a thousand that are due among five million rows."""

import datetime as dt
import time
from typing import Final

from django.db import connection
from django.utils import timezone

from appointments.models import Appointment
from appointments.models.status import MOVABLE
from mediconnect.operations.generating.lightening import lightened
from mediconnect.records.acting import acting
from notifications.locks.reminders import DUE, FIRST
from notifications.models import Message, Reminder
from notifications.queries.times import times_since
from notifications.services.planning import Plan, plan_all
from notifications.services.polling import poll_reminders
from patients.models import ContactPoint, ContactSystem, index_of_last_four, index_of_value

from .million import grow
from .report import Row, say

BOOKINGS: Final = 10_000
ROWS: Final = 5_000_000
DUE_ROWS: Final = 1_000
POLL_GOAL_SECONDS: Final = 1.0
_BATCH: Final = 200

# Rows of other visits and years, planned for the months to come and done with: what a house has after years.
_FILL: Final = """
INSERT INTO notifications_reminder (
    id, visit_id, visit_version, visit_starts_at, lead_minutes, due_at, state, reason, decided_at, created_at)
SELECT gen_random_uuid(), visit.id, 1000 + number, visit.starts_at, 180,
       now() + interval '1 day' + (random() * 180) * interval '1 day',
       CASE WHEN number %% 5 = 0 THEN 'planned' ELSE 'skipped' END,
       CASE WHEN number %% 5 = 0 THEN '' ELSE 'overtaken' END,
       CASE WHEN number %% 5 = 0 THEN NULL ELSE now() END, now()
FROM (SELECT id, starts_at FROM appointments_appointment ORDER BY id LIMIT %(visits)s) AS visit,
     generate_series(1, %(each)s) AS number
"""
_EACH: Final = 250


def run() -> list[Row]:
    """Measure both in a house of 40,000 visits, half of them to come."""
    grow(visits=40_000, providers=200, patients=20_000)
    visits = _upcoming(BOOKINGS)
    seconds = _plan(visits)
    say(f"planned {Reminder.objects.count():,} reminders of {len(visits):,} visits in {seconds:.1f} s")
    _fill()
    due = _let_be_due(visits)
    say(f"{Reminder.objects.count():,} rows, {due} of them due")
    polled, plan = _poll(due), _explained()
    say(f"polled in {polled:.2f} s: {Message.objects.count():,} messages; {plan}")
    return [
        Row(
            f"plan the reminders of {BOOKINGS:,} bookings", f"{seconds:.1f} s", f"{len(visits) / seconds:,.0f} a second"
        ),
        Row(
            f"poll {due:,} due among {ROWS:,} rows",
            f"{polled:.2f} s",
            f"goal < {POLL_GOAL_SECONDS:g} s",
            polled < POLL_GOAL_SECONDS,
        ),
        Row(
            "plan of the due scan",
            "index only" if "Index Only Scan" in plan else "NOT",
            plan,
            "Index Only Scan" in plan,
        ),
    ]


def _upcoming(count: int) -> list[Appointment]:
    rows = Appointment.objects.filter(status__in=MOVABLE, starts_at__gt=timezone.now() + dt.timedelta(days=1))
    found = list(rows.select_related("clinic", "patient").order_by("starts_at", "pk")[:count])
    if len(found) < count:
        message = f"The house has {len(found)} visits to come and needs {count}."
        raise RuntimeError(message)
    return found


def _plan(visits: list[Appointment]) -> float:
    """Plan as the repair does, a transaction for each two hundred visits; return the seconds."""
    began = time.perf_counter()
    for place in range(0, len(visits), _BATCH):
        with acting(actor_id=None, reason="benchmark"):
            batch = visits[place : place + _BATCH]
            since = times_since(batch)
            plan_all([Plan(visit=visit, version=1, since=since[visit.pk].at, told=False) for visit in batch])
    return time.perf_counter() - began


def _fill() -> None:
    """Fill the table up to five million rows, its guards put aside meanwhile as `generate` does."""
    with (
        acting(actor_id=None, reason="benchmark"),
        lightened(["notifications_reminder"]),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT set_config('statement_timeout', '0', true)")
        cursor.execute(_FILL, {"visits": ROWS // _EACH, "each": _EACH})
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', '0', false)")
        cursor.execute("VACUUM ANALYZE notifications_reminder")


def _let_be_due(visits: list[Appointment]) -> int:
    """Let the next step of a thousand persons be due now, and give each a phone; return how many are due."""
    persons: dict[object, Appointment] = {}
    for visit in visits:
        persons.setdefault(visit.patient_id, visit)
    chosen = list(persons.values())[:DUE_ROWS]
    for number, visit in enumerate(chosen):
        phone = f"+1212{number:07d}"
        ContactPoint.objects.create(
            patient=visit.patient,
            system=ContactSystem.PHONE,
            value=phone,
            value_index=index_of_value("phone", phone),
            last_four_index=index_of_last_four(phone),
        )
    now = timezone.now()
    Reminder.objects.filter(state="planned", due_at__lte=now).update(state="skipped", reason="expired", decided_at=now)
    Reminder.objects.filter(visit__in=chosen, visit_version=1, lead_minutes=180, state="planned").update(due_at=now)
    return Reminder.objects.filter(state="planned", due_at__lte=now).count()


def _poll(due: int) -> float:
    began = time.perf_counter()
    polled = poll_reminders(limit=DUE_ROWS)
    seconds = time.perf_counter() - began
    if polled.taken < due:
        message = f"The poll took {polled.taken} of {due}."
        raise RuntimeError(message)
    return seconds


def _explained() -> str:
    """Return the nodes of the due scan's plan, with their times."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"EXPLAIN (ANALYZE, COSTS OFF) {DUE}",
            {"now": timezone.now() + dt.timedelta(days=2), "due_at": FIRST[0], "id": FIRST[1], "limit": 100},
        )
        lines = [line for (line,) in cursor.fetchall()]
    return "; ".join(line.strip(" ->") for line in lines if "Scan" in line or "Execution" in line)
