"""Booking without contention: ours against the floor, interleaved, and the database's own limit beside both."""

import pickle
import statistics
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from . import load, pgbench
from .house import House, Wish, build
from .recording import record
from .report import Row, say
from .serving import served

CLIENTS: Final = 10
ROUNDS: Final = 5
PER_ROUND: Final = 1_500
GOAL: Final = 0.5


def run() -> list[Row]:
    """Measure and return the figures: rates of both, their ratio pair by pair, and the ratio to pgbench."""
    house = build()
    plan = record(house)
    with tempfile.NamedTemporaryFile(suffix=".plan") as file:
        Path(file.name).write_bytes(pickle.dumps(plan))
        with (
            served("mediconnect.wsgi:application", path="/health/liveness") as ours,
            served(
                "benchmarks.floor:application",
                path="/",
                BENCHMARK_PLAN=file.name,
                DJANGO_SETTINGS_MODULE="benchmarks.floor_settings",
            ) as bare,
        ):
            book_some(house, ours, own=True, count=300)
            book_some(house, bare, own=False, count=300)
            pairs = []
            for number in range(ROUNDS):
                mine = book_some(house, ours, own=True, count=PER_ROUND)
                floor = book_some(house, bare, own=False, count=PER_ROUND)
                say(
                    f"round {number + 1}: ours {mine.rate}/s (p95 {mine.p95} ms), floor {floor.rate}/s (p95 {floor.p95} ms)"
                )
                pairs.append((mine, floor))
    database = pgbench.rate(house, plan, clients=CLIENTS)
    ratios = [mine.rate / floor.rate for mine, floor in pairs]
    rate = statistics.median(mine.rate for mine, _ in pairs)
    return [
        Row("booking, ours", f"{rate:.0f}/s", f"p50 {statistics.median(m.p50 for m, _ in pairs):.1f} ms"),
        Row(
            "booking, floor (same statements, bare view)",
            f"{statistics.median(f.rate for _, f in pairs):.0f}/s",
            f"{len(plan)} statements",
        ),
        Row(
            "booking, ours : floor",
            f"{statistics.median(ratios):.2f}",
            f"goal ≥ {GOAL}",
            statistics.median(ratios) >= GOAL,
        ),
        Row("booking, pgbench (same statements)", f"{database:.0f}/s", f"{CLIENTS} clients"),
        Row("booking, ours : pgbench", f"{rate / database:.2f}"),
    ]


def _requests(house: House, wishes: Iterator[Wish], *, own: bool) -> Iterator[bytes]:
    for wish in wishes:
        if own:
            body = {
                "appointment_type": str(house.kind.pk),
                "provider": str(wish.provider),
                "start": wish.start.isoformat(),
            }
            headers = {"Authorization": f"Bearer {wish.token}", "Idempotency_Key": f"bench-{uuid.uuid4()}"}
            yield load.request("POST", "/api/v1/appointments/", body, **headers)
        else:
            yield load.request(
                "POST",
                "/book",
                {"provider": str(wish.provider), "patient": str(wish.patient), "start": wish.start.isoformat()},
            )


def book_some(house: House, port: int, *, own: bool, count: int) -> load.Outcome:
    """Send so many bookings that never meet, ours or the floor's; raises `RuntimeError` unless all succeed."""
    requests = list(_requests(house, house.wishes(count), own=own))
    outcome = load.run(load.Load(port, [requests[client::CLIENTS] for client in range(CLIENTS)]))
    if set(outcome.statuses) != {"201"} or outcome.failures:
        message = f"Not every booking succeeded: {outcome.statuses}, {outcome.failures} failures."
        raise RuntimeError(message)
    return outcome
