"""The looks that are taken each five minutes at a table of millions read an index and no row that is not due."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from appointments.models import Appointment
from notifications.locks.reminders import DUE, FIRST
from tests.factories import AppointmentFactory

pytestmark = pytest.mark.django_db(transaction=True)

_MANY = """
INSERT INTO notifications_reminder (id, visit_id, visit_version, visit_starts_at, lead_minutes, due_at, state, reason, decided_at)
SELECT gen_random_uuid(), %(visit)s, number, %(start)s, 60, now() + (number - 50) * interval '1 minute',
       CASE WHEN number %% 10 = 0 THEN 'planned' ELSE 'skipped' END,
       CASE WHEN number %% 10 = 0 THEN '' ELSE 'overtaken' END,
       CASE WHEN number %% 10 = 0 THEN NULL ELSE now() END
FROM generate_series(1, 40000) AS number
"""


@pytest.fixture
def _many_reminders(transactional_db: None) -> Iterator[None]:
    visit: Appointment = AppointmentFactory.create()
    with connection.cursor() as cursor:
        cursor.execute(_MANY, {"visit": visit.pk, "start": visit.starts_at})
        cursor.execute("VACUUM ANALYZE notifications_reminder")
    yield
    connection.close()


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield each node of a plan."""
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes(child)


@pytest.mark.usefixtures("_many_reminders")
def test_the_due_scan_reads_the_index_alone() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {DUE}",
            {"now": timezone.now(), "due_at": FIRST[0], "id": FIRST[1], "limit": 100},
        )
        answer = cursor.fetchone()[0]
    found = list(nodes((json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"]))
    assert [node["Node Type"] for node in found] == ["Limit", "Index Only Scan"]
    assert found[1]["Index Name"] == "reminders_due"
    assert found[1]["Actual Rows"] == 5
