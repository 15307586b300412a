"""Start the clusters, replace those that died, and kill those that live without making progress.

A django-q2 cluster can hang for good while each of its processes looks alive (a worker killed while it holds the
queue's lock). So what counts is a canary that came through queue, pusher, worker and database in the last 180 seconds.
"""

import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

from mediconnect.health.models import Heartbeat

from .broker import CANARY_VARIABLE, INSTANCE_VARIABLE

log = logging.getLogger(__name__)

SILENCE_SECONDS: Final = 180.0
"""Three canaries missed: one may wait behind a long task, three mean that nothing moves (reliability S-4)."""

GRACE_SECONDS: Final = 22.0
"""What a stop may take before the rest is killed: the cluster's own 20 s and a little, and under 25 in all."""

_MAX_WAIT: Final = 30.0


class Process(Protocol):
    """As much of `subprocess.Popen` as the supervisor uses."""

    pid: int

    def poll(self) -> int | None:
        """Return the exit code, None while it runs."""

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end."""


@dataclass(slots=True)
class Watched:
    """One cluster under watch. Times are seconds of the monotonic clock."""

    cluster: str
    instance: str
    silence: float = SILENCE_SECONDS
    process: Process | None = None
    started_at: float = 0.0
    start_at: float = 0.0
    ask_at: float = 0.0
    crashes: int = 0
    restarts: int = field(default=0)


def spawn(watched: Watched) -> Process:
    """Start a cluster in a process group of its own, so that it can be killed as a whole; it dies with us."""
    environment = os.environ | {
        INSTANCE_VARIABLE: watched.instance,
        CANARY_VARIABLE: str(watched.silence / 3),
        "Q_CLUSTER_NAME": watched.cluster,
        "PROCESS_ROLE": "jobs",
    }
    command = [
        sys.executable,
        str(settings.BASE_DIR / "manage.py"),
        "runjobs",
        watched.cluster,
        "--parent",
        str(os.getpid()),
    ]
    return subprocess.Popen(command, env=environment, start_new_session=True)


def kill_group(process: Process, number: int = signal.SIGKILL) -> None:
    """Signal the whole group of a cluster; nothing happens if it is gone."""
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return


def heartbeat_age(instance: str) -> float | None:
    """Return the seconds since the instance's last canary arrived, by the database's clock; None if none ever did.

    Raises `DatabaseError` or `InterfaceError` when the database is away.
    """
    try:
        return Heartbeat.objects.age_of(instance)
    finally:
        connection.close()  # a question each ten seconds is not worth one of the few that background work may hold


class Supervisor:
    """Watches a few clusters. `tick()` looks once at each; clock, spawning and killing are parameters for the tests."""

    def __init__(
        self,
        clusters: Sequence[str],
        *,
        spawn: Callable[[Watched], Process] = spawn,
        kill: Callable[[Process], None] = kill_group,
        age: Callable[[str], float | None] = heartbeat_age,
        clock: Callable[[], float] = time.monotonic,
        silence: float = SILENCE_SECONDS,
        starting: float = SILENCE_SECONDS,
    ) -> None:
        """Prepare to watch `clusters`; nothing starts before the first tick.

        A cluster may take `starting` seconds to its first canary, and `silence` seconds from each to the next.
        """
        here = f"{socket.gethostname()[:40]}-{os.getpid()}"
        self.watched = [Watched(cluster, f"{cluster}@{here}", silence) for cluster in clusters]
        self.stopping = False
        self._spawn, self._kill, self._age, self._clock = spawn, kill, age, clock
        self._starting, self._database_seen_at = starting, clock()

    def run(self) -> None:
        """Watch until `stopping` is set, then stop everything."""
        while not self.stopping:
            self.tick()
            time.sleep(0.5)
        self.stop()

    def tick(self) -> None:
        """Start what should run, take note of what died, kill what is silent."""
        for watched in self.watched:
            if watched.process is None:
                if self._clock() >= watched.start_at:
                    self._start(watched)
            elif watched.process.poll() is not None:
                self._bury(watched)
            elif self._is_silent(watched):
                log.error("cluster %s made no progress for %s s and is killed", watched.cluster, watched.silence)
                self._bury(watched)

    def _start(self, watched: Watched) -> None:
        watched.process = self._spawn(watched)
        watched.started_at = self._clock()
        log.info("cluster %s runs as process group %s", watched.cluster, watched.process.pid)

    def _bury(self, watched: Watched) -> None:
        """End the rest of the group, and plan the next start: at once after a good run, later after each quick death."""
        process = watched.process
        if process is None:
            return
        self._kill(process)
        process.wait()
        lived = self._clock() - watched.started_at
        watched.crashes = 0 if lived > watched.silence / 2 else watched.crashes + 1
        watched.process = None
        watched.restarts += 1
        watched.start_at = self._clock() + (min(_MAX_WAIT, 2.0 ** (watched.crashes - 1)) if watched.crashes else 0.0)
        log.error("cluster %s ended after %.0f s; restart number %s", watched.cluster, lived, watched.restarts)
        self._tell(watched)

    def _tell(self, watched: Watched) -> None:
        try:
            Heartbeat.objects.note_restart(watched.instance, watched.restarts)
        except (DatabaseError, InterfaceError) as error:
            log.warning("restart of %s was not noted (%s)", watched.cluster, type(error).__name__)
        finally:
            connection.close()

    def _is_silent(self, watched: Watched) -> bool:
        """Say whether no canary arrived for too long, counted from its start and from the last absence of the database.

        While the database is away nobody can make progress, and killing would not help.
        """
        now = self._clock()
        alone = now - max(watched.started_at, self._database_seen_at)
        if now < watched.ask_at or alone <= watched.silence:
            return False
        watched.ask_at = now + watched.silence / 18
        try:
            age = self._age(watched.instance)
        except (DatabaseError, InterfaceError):
            self._database_seen_at = now
            return False
        if age is None or age > now - watched.started_at:  # its own first canary is still to come
            return alone > self._starting
        return age > watched.silence

    def stop(self) -> None:
        """Ask each cluster to stop, wait up to 22 seconds for all, kill what is left."""
        running = [watched.process for watched in self.watched if watched.process is not None]
        for process in running:
            if process.poll() is None:
                os.kill(process.pid, signal.SIGTERM)
        until = time.monotonic() + GRACE_SECONDS
        while time.monotonic() < until and any(process.poll() is None for process in running):
            time.sleep(0.1)
        for process in running:
            self._kill(process)
            process.wait()
