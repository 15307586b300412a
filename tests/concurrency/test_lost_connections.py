"""Connections that the server ends in the middle of a booking: busy is an answer, broken is none, and nothing is half done."""

import random
import threading
import time
from collections import Counter
from functools import partial
from typing import Any

import pytest
from django.db import connection

from appointments.models import Appointment
from mediconnect.outbox.models import Fact
from tests.appointments.conftest import SmallClinic
from tests.concurrency.racing import patient_api, race, wish
from tests.counts import rounds
from tests.http import Api

pytestmark = pytest.mark.race

CLIENTS = 8


def end_connections(until: float, every: float) -> int:
    """End a random connection of this database every so many seconds until that moment; return how many were ended."""
    ended = 0
    while time.monotonic() < until:
        time.sleep(every)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
                "AND backend_type = 'client backend'"
            )
            others = [pid for (pid,) in cursor.fetchall()]
            for pid in random.sample(others, min(2, len(others))):  # chooses a victim, guards nothing
                cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
                ended += 1
    return ended


def book_until(api: Api, place: SmallClinic, number: int, until: float) -> list[Any]:
    """Book one time after another until that moment, each until the answer is definite; return every answer."""
    answers: list[Any] = []
    for turn in range(48 * 30):
        body = wish(place, place.at(turn % 24, 30 * (turn // 24 % 2), days=2 + turn // 48))
        key = f"client-{number:02}-time-{turn:05}"
        while True:
            answers.append(api.post("appointments/", body, key=key))
            connection.close()  # as a server does between requests; the test client leaves it to us
            if answers[-1].status_code != 503:
                break
            time.sleep(0.02)
        if time.monotonic() > until:
            return answers
    raise AssertionError("the calendar was full before the time was over")


def test_ended_connections_lose_and_double_nothing(crowd: SmallClinic, isolation: str) -> None:
    apis = [patient_api(user) for user in crowd.users[:CLIENTS]]
    until = time.monotonic() + rounds(quick=4, full=40)
    executioner = threading.Thread(target=partial(_end_and_disconnect, until), daemon=True)
    executioner.start()
    answers = [
        a for some in race([partial(book_until, api, crowd, n, until) for n, api in enumerate(apis)]) for a in some
    ]
    executioner.join(20)
    connection.close()  # ended as well
    seen = Counter(answer.status_code for answer in answers)
    assert set(seen) <= {201, 409, 503}, [a.content for a in answers if a.status_code not in {201, 409, 503}][:3]
    assert all(answer.headers["Retry-After"] == "1" for answer in answers if answer.status_code == 503)
    assert all(
        answer.json()["code"] in {"slot-taken", "idempotency-in-progress"}
        for answer in answers
        if answer.status_code == 409
    )
    said = {answer.json()["id"] for answer in answers if answer.status_code == 201}
    there = {str(pk) for pk in Appointment.objects.values_list("pk", flat=True)}
    # Every retry ran to its end, so what is there was said, and what was said is there.
    assert said == there
    assert Fact.objects.filter(name__endswith="AppointmentBooked").count() == len(there)
    assert len({visit.starts_at for visit in Appointment.objects.all()}) == len(there)


def _end_and_disconnect(until: float) -> None:
    try:
        end_connections(until, every=0.25)
    finally:
        connection.close()
