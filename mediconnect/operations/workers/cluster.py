"""A django-q2 cluster that stops when told, leaves no orphans, and keeps people out of its failure notes.

Why not `qcluster` itself: a TERM to its process group hangs it, a killed main process leaves workers behind, and its
failures are stored with the words of the exception (docs/decisions/0031-worker-processes.md).
"""

import logging
import os
import re
import signal
import time
import uuid
from collections.abc import Callable
from multiprocessing import Event
from typing import Any, Final

from django.db import connections
from django_q.brokers import get_broker
from django_q.cluster import Cluster, Sentinel, get_mp_context
from django_q.signals import post_execute_in_worker
from django_q.worker import worker

from mediconnect.resilience.stopping import announce_stop

from .broker import GatedBroker
from .orphans import die_with

log = logging.getLogger(__name__)

STOP_SECONDS: Final = 20
"""What a running task may still take at a stop; the relay's turn is 10. Then the rest is killed, leases return it."""

_FRAME: Final = re.compile(r'^  File "(?P<path>[^"]+)", line (?P<line>\d+), in (?P<function>\S+)$', re.MULTILINE)
_CLASS: Final = re.compile(
    r"^(?P<name>[A-Za-z_][\w.]*(?:Error|Exception|Exit|Timeout\w*|DoesNotExist|Violation))\b", re.MULTILINE
)


class JobsCluster(Cluster):
    """The main process of one cluster: it starts the sentinel and waits for TERM or INT."""

    def __init__(self) -> None:
        """Take the broker of the settings, which must be the gated one."""
        broker = get_broker()
        if not isinstance(broker, GatedBroker):
            message = "Q_CLUSTER['broker_class'] must be the gated broker: any other would run whatever its table says."
            raise TypeError(message)
        super().__init__(broker)
        self.stopping = False

    def sig_handler(self, signum: int, frame: Any) -> None:
        """Note the wish to stop; the main loop acts on it, since a handler may interrupt anything."""
        self.stopping = True

    def run(self) -> int:
        """Run until told to stop; return 0, or 1 if the sentinel died by itself or had to be killed."""
        self._start_sentinel()
        while not self.stopping and self.sentinel.is_alive():
            time.sleep(0.2)
        if not self.stopping:
            return 1
        announce_stop()
        self.stop_event.set()
        self.sentinel.join(STOP_SECONDS)
        if self.sentinel.is_alive():
            log.error("cluster did not stop within %s s and was killed", STOP_SECONDS)
            self.sentinel.kill()  # its children die with it
            return 1
        return 0

    def _start_sentinel(self) -> None:
        connections.close_all()  # a socket shared across a fork would mix two conversations
        self.stop_event, self.start_event = Event(), Event()
        self.sentinel = get_mp_context().Process(
            target=_run_sentinel,
            name="sentinel",
            args=(os.getpid(), self.stop_event, self.start_event, self.cluster_id, self.broker, self.timeout),
        )
        self.sentinel.start()


def _run_sentinel(parent_pid: int, *arguments: Any) -> None:
    die_with(parent_pid)
    JobsSentinel(*arguments)


class JobsSentinel(Sentinel):
    """The process that starts workers, pusher and monitor, replaces the dead and calls the scheduler."""

    def start(self) -> None:
        """Guard the cluster. TERM is for the main process alone, so that a signal to the group does no harm."""
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        super().start()

    def spawn_process(self, target: Callable[..., None], *arguments: Any) -> Any:
        """Start one child that ignores TERM, as this process does, and dies with it."""
        process = get_mp_context().Process(
            target=_run_child, args=(os.getpid(), target, *arguments), name=f"{target.__name__}-{uuid.uuid4().hex[:8]}"
        )
        process.daemon = True
        process.terminate = process.kill  # how the sentinel ends a worker that hangs
        if target is worker:
            process.timer = arguments[2]
            self.pool.append(process)
        process.start()
        return process


def _run_child(parent_pid: int, target: Callable[..., None], *arguments: Any) -> None:
    die_with(parent_pid)
    post_execute_in_worker.connect(_without_words, dispatch_uid="workers.without_words")
    target(*arguments)


def _without_words(*, task: dict[str, Any], **_: Any) -> None:
    """Replace a failure's text, which django-q2 would store and log, by its class and its places in the code."""
    if task.get("success") is False:
        task["result"] = wordless(str(task.get("result")))


def wordless(traceback: str) -> str:
    """Return a traceback's error classes and frames without any message or source line, which may quote a person."""
    frames = [f"{match['path']}:{match['line']} {match['function']}" for match in _FRAME.finditer(traceback)]
    classes = [match["name"] for match in _CLASS.finditer(traceback)]
    return "\n".join([*dict.fromkeys(classes), *frames]) or "failed"
