"""Liveness never waits; readiness tells within seconds whether requests should come here, and tells nothing else."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from health_check.base import HealthCheck
from health_check.exceptions import ServiceUnavailable
from pytest_django import DjangoAssertNumQueries, Settings

from mediconnect.health import draining, views
from mediconnect.health.checks import Cache, Database
from mediconnect.health.probe import Probe


@dataclass
class Fake(HealthCheck):  # type: ignore[misc]  # the library has no types
    """A check in the test's hand."""

    fine: bool = True
    hangs: bool = False
    asked: int = 0
    timeout: timedelta = field(default=timedelta(seconds=0.2), repr=False)

    def run(self) -> None:
        self.asked += 1
        if self.hangs:
            time.sleep(3)
        if not self.fine:
            message = "password of host db.internal"
            raise ServiceUnavailable(message)


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Fake]]:
    """Give readiness checks of our own, and a probe that ends with the test."""
    fakes = {"database": Fake(), "cache": Fake()}
    probe = Probe(fakes)
    monkeypatch.setattr("mediconnect.health.probe._IDLE", 0.5)
    monkeypatch.setattr("mediconnect.health.probe.INTERVAL", 0.2)
    monkeypatch.setattr(views, "probe", probe)
    yield fakes
    draining.end()
    for thread in threading.enumerate():
        if thread.name == "health-probe":
            thread.join(5)


def test_liveness_asks_nobody(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    answer = client.get("/health/liveness")  # no database allowed here: this test has no such mark
    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("path", ["/health/liveness", "/health/readiness"])
@pytest.mark.parametrize("host", ["10.1.2.3", "10.1.2.3:8000", "nobody.example", "[::1]:99", "_bad_host_"])
@pytest.mark.parametrize("method", ["get", "head"])
def test_any_host_and_both_safe_methods(
    client: Client, checks: dict[str, Fake], method: str, host: str, path: str
) -> None:
    answer = getattr(client, method)(path, headers={"host": host})
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    assert "Set-Cookie" not in answer.headers


def test_probes_are_not_redirected_to_https(client: Client, checks: dict[str, Fake], settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/health/readiness", secure=False).status_code == 200


def test_a_write_is_refused(client: Client) -> None:
    assert client.post("/health/liveness").status_code == 405


def test_ready(client: Client, checks: dict[str, Fake]) -> None:
    assert client.get("/health/readiness").json() == {"status": "ready", "checks": {"database": "ok", "cache": "ok"}}


def test_without_the_cache_we_are_degraded_but_ready(client: Client, checks: dict[str, Fake]) -> None:
    checks["cache"].fine = False
    answer = client.get("/health/readiness")
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")


def test_without_the_database_we_are_not_ready_and_say_no_more(client: Client, checks: dict[str, Fake]) -> None:
    checks["database"].fine = False
    answer = client.get("/health/readiness")
    assert (answer.status_code, answer.json()["status"]) == (503, "not-ready")
    assert int(answer.headers["Retry-After"]) > 0
    assert b"internal" not in answer.content


def test_a_hanging_database_is_told_in_time(client: Client, checks: dict[str, Fake]) -> None:
    checks["database"].hangs = True
    started = time.monotonic()
    assert client.get("/health/readiness").status_code == 503
    assert time.monotonic() - started < 3


def test_it_comes_back_by_itself(client: Client, checks: dict[str, Fake]) -> None:
    checks["database"].fine = False
    assert client.get("/health/readiness").status_code == 503
    checks["database"].fine = True
    until = time.monotonic() + 5
    while client.get("/health/readiness").status_code != 200:
        assert time.monotonic() < until
        time.sleep(0.05)


def test_a_draining_process_is_not_ready_at_once(client: Client, checks: dict[str, Fake]) -> None:
    assert client.get("/health/readiness").status_code == 200
    draining.begin()
    assert client.get("/health/readiness").json() == {"status": "draining"}
    assert client.get("/health/liveness").status_code == 200


def test_a_storm_of_questions_costs_no_more_rounds(client: Client, checks: dict[str, Fake]) -> None:
    started = time.monotonic()
    for _ in range(100):
        client.get("/health/readiness")
    assert checks["database"].asked <= (time.monotonic() - started) / 0.2 + 2


@pytest.mark.django_db
def test_a_database_with_all_migrations_passes_in_one_statement(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "close", lambda: None)
    Database().run()


@pytest.mark.django_db
def test_a_database_that_lacks_a_migration_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "close", lambda: None)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'outbox'")
    with pytest.raises(ServiceUnavailable, match="migrations missing"):
        Database().run()


def test_the_cache_of_the_tests_answers() -> None:
    Cache().run()
