"""The supervisor restarts what died and kills what is silent, and nothing else."""

from dataclasses import dataclass, field

import pytest
from django.db import OperationalError

from mediconnect.operations.workers.supervisor import SILENCE_SECONDS, Process, Supervisor, Watched


@dataclass
class FakeProcess:
    """A process that ends when it is told to."""

    pid: int
    code: int | None = None

    def poll(self) -> int | None:
        return self.code

    def wait(self, timeout: float | None = None) -> int:
        return self.code or 0


@dataclass
class World:
    """A clock, a heartbeat and processes, all in the test's hand."""

    now: float = 1000.0
    age: float | None = None
    database: bool = True
    started: list[FakeProcess] = field(default_factory=list)
    killed: list[int] = field(default_factory=list)

    def spawn(self, watched: Watched) -> Process:
        self.started.append(FakeProcess(pid=len(self.started) + 1))
        return self.started[-1]

    def kill(self, process: Process) -> None:
        self.killed.append(process.pid)
        self.started[process.pid - 1].code = -9

    def age_of(self, instance: str) -> float | None:
        if not self.database:
            raise OperationalError
        return self.age


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def supervisor(world: World, monkeypatch: pytest.MonkeyPatch) -> Supervisor:
    monkeypatch.setattr(Supervisor, "_tell", lambda *_: None)
    return Supervisor(["default"], spawn=world.spawn, kill=world.kill, age=world.age_of, clock=lambda: world.now)


def test_each_cluster_is_started_once(world: World, supervisor: Supervisor) -> None:
    supervisor.tick()
    supervisor.tick()
    assert len(world.started) == 1


def test_a_dead_cluster_is_started_again_with_growing_waits(world: World, supervisor: Supervisor) -> None:
    waits = []
    for _ in range(7):
        supervisor.tick()  # starts
        world.started[-1].code = 1
        supervisor.tick()  # notices
        before = world.now
        count = len(world.started)
        while len(world.started) == count:
            world.now += 0.5
            supervisor.tick()
        world.now -= 0
        waits.append(world.now - before)
        world.started[-1].code = None
    assert waits == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]


def test_the_rest_of_a_dead_clusters_group_is_killed(world: World, supervisor: Supervisor) -> None:
    supervisor.tick()
    world.started[0].code = 1
    supervisor.tick()
    assert world.killed == [1]


def test_a_silent_cluster_is_killed_and_started_at_once(world: World, supervisor: Supervisor) -> None:
    supervisor.tick()
    world.now += SILENCE_SECONDS + 1
    world.age = SILENCE_SECONDS + 1
    supervisor.tick()
    supervisor.tick()
    assert world.killed == [1]
    assert len(world.started) == 2
    assert supervisor.watched[0].restarts == 1


def test_a_cluster_that_beats_is_left_alone(world: World, supervisor: Supervisor) -> None:
    supervisor.tick()
    world.now += 10 * SILENCE_SECONDS
    world.age = 59.0
    supervisor.tick()
    assert world.killed == []


def test_a_cluster_that_never_beat_has_time_to_start(world: World, supervisor: Supervisor) -> None:
    supervisor.tick()
    world.now += SILENCE_SECONDS - 1
    supervisor.tick()
    assert world.killed == []
    world.now += 2
    supervisor.tick()
    assert world.killed == [1]


def test_nobody_is_killed_for_the_databases_absence(world: World, supervisor: Supervisor) -> None:
    supervisor.tick()
    world.now += 2 * SILENCE_SECONDS
    world.database = False
    supervisor.tick()
    world.database, world.age = True, 2 * SILENCE_SECONDS
    world.now += SILENCE_SECONDS - 1
    supervisor.tick()
    assert world.killed == []
