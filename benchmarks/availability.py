"""Free times of twenty providers over four weeks, in a small house and in one with a million visits."""

import datetime as dt
import statistics
import time
import urllib.parse
from typing import Final

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from appointments.queries.availability import Wanted, free_time

from . import load
from .million import Grown, grow
from .report import Row, say
from .serving import served

CLIENTS: Final = 10
PROVIDERS: Final = 20
DAYS: Final = 28
P95_GOAL_MS: Final = 300
GROWTH_GOAL: Final = 1.5
# The same question of both houses; the large one is twice as busy per provider and a hundred times the table.
SIZES: Final = (
    {"visits": 10_000, "providers": 20, "patients": 2_000},
    {"visits": 1_000_000, "providers": 1_000, "patients": 100_000},
)


def run() -> list[Row]:
    """Measure at both sizes and return p95 over HTTP, the growth of p50, and the round trips."""
    rows, medians = [], []
    for size in SIZES:
        grown = grow(**size)
        alone, answer = _alone(grown)
        over_http = _over_http(grown)
        say(
            f"{size['visits']:>9,} visits: {alone:.1f} ms alone, {answer} starts; over HTTP p50 {over_http.p50}, p95 {over_http.p95} ms"
        )
        medians.append((alone, answer))
        rows.append(
            Row(f"availability 20 × 28 days at {size['visits']:,}, p50 alone", f"{alone:.1f} ms", f"{answer} starts")
        )
    (small, _few), (large, _many) = medians
    growth = large / small
    return [
        *rows,
        Row(
            "availability at a million, p95 with 10 clients",
            f"{over_http.p95:.0f} ms",
            f"goal < {P95_GOAL_MS} ms",
            over_http.p95 < P95_GOAL_MS,
        ),
        Row(
            "availability, growth of p50 with the table", f"{growth:.2f}", f"goal < {GROWTH_GOAL}", growth < GROWTH_GOAL
        ),
        Row("availability, round trips", f"{_round_trips(grown)}", "goal 1", _round_trips(grown) == 1),
    ]


def _wanted(grown: Grown) -> Wanted:
    start = timezone.now().replace(minute=0, second=0, microsecond=0) + dt.timedelta(days=1)
    return Wanted(grown.kind, start, start + dt.timedelta(days=DAYS), grown.providers[:PROVIDERS])


def _alone(grown: Grown) -> tuple[float, int]:
    """Return the median time in milliseconds of one question after another, and how many starts it has."""
    times, answer = [], 0
    for _ in range(15):
        began = time.perf_counter()
        answer = len(free_time(_wanted(grown)).starts)
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times), answer


def _round_trips(grown: Grown) -> int:
    with CaptureQueriesContext(connection) as queries:
        free_time(_wanted(grown))
    return len(queries)


def _over_http(grown: Grown) -> load.Outcome:
    wanted = _wanted(grown)
    query = urllib.parse.urlencode(
        {
            "appointment_type": str(wanted.appointment_type_id),
            "from": wanted.start.isoformat(),
            "to": wanted.end.isoformat(),
            "provider": ",".join(str(provider) for provider in wanted.providers or ()),
        }
    )
    requests = [
        load.request(
            "GET",
            f"/api/v1/availability/?{query}",
            None,
            Authorization=f"Bearer {grown.tokens[number % len(grown.tokens)]}",
        )
        for number in range(200)
    ]
    with served("mediconnect.wsgi:application", path="/health/liveness") as port:
        load.run(load.Load(port, [requests[:10]]))
        outcome = load.run(load.Load(port, [requests[client::CLIENTS] for client in range(CLIENTS)]))
    if set(outcome.statuses) != {"200"} or outcome.failures:
        message = f"Not every question was answered: {outcome.statuses}, {outcome.failures} failures."
        raise RuntimeError(message)
    return outcome
