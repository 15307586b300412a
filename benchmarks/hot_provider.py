"""One hot provider: fifty clients after the same few times, where nearly everybody loses."""

import uuid
from typing import Final

from . import load
from .booking import book_some
from .house import build
from .report import Row
from .serving import served

CLIENTS: Final = 50
SLOTS: Final = 20
P99_GOAL_MS: Final = 1_000


def run() -> list[Row]:
    """Send fifty bookings for each of twenty times of one provider and return how winners and losers fared."""
    house = build()
    provider = house.providers[0]
    wishes = list(house.wishes(SLOTS * len(house.providers)))
    starts = sorted({wish.start for wish in wishes if wish.provider == provider})[:SLOTS]
    requests: list[list[bytes]] = [[] for _ in range(CLIENTS)]
    for number, start in enumerate(starts):
        for client in range(CLIENTS):
            _, token = house.patients[(number * CLIENTS + client) % len(house.patients)]
            body = {"appointment_type": str(house.kind.pk), "provider": str(provider), "start": start.isoformat()}
            headers = {"Authorization": f"Bearer {token}", "Idempotency_Key": f"hot-{uuid.uuid4()}"}
            requests[client].append(load.request("POST", "/api/v1/appointments/", body, **headers))
    with served("mediconnect.wsgi:application", path="/health/liveness") as port:
        book_some(house, port, own=True, count=300)  # imports done, connections open
        outcome = load.run(load.Load(port, requests))
    won, lost = outcome.statuses.get("201", 0), outcome.statuses.get("409 slot-taken", 0)
    clean = won == len(starts) and won + lost == CLIENTS * len(starts) and not outcome.failures
    return [
        Row("hot provider, answers", f"{outcome.rate:.0f}/s", f"{won} won, {lost} lost, others {outcome.statuses}"),
        Row("hot provider, one winner each and every loser a 409", "yes" if clean else "no", "goal: yes", clean),
        Row("hot provider, p99", f"{outcome.p99:.0f} ms", f"goal < {P99_GOAL_MS} ms", outcome.p99 < P99_GOAL_MS),
    ]
