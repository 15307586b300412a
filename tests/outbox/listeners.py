"""Events and listeners for the tests of the outbox, and a table in which a listener writes that it heard something."""

import enum
import os
import signal
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection

from mediconnect.outbox.models import Fact

NAME = "tests.outbox.listeners"


class Colour(enum.StrEnum):
    """A choice, as events may carry one."""

    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True, slots=True)
class Rang:
    """The plainest event."""

    bell_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class Broke:
    """An event whose listener fails."""

    bell_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class Exploded:
    """An event whose listener kills the process it runs in."""

    bell_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class Unheard:
    """An event that nobody listens to."""

    bell_id: uuid.UUID


def hear(fact: Fact) -> None:
    """Write that the fact was heard: what a listener's own rows are in real life."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO heard (fact_id, request_id) VALUES (%s, %s)", [fact.id, fact.request_id])


def hear_too(fact: Fact) -> None:
    """Listen to the same event as `hear`."""
    hear(fact)


def fail(fact: Fact) -> None:
    """Write, then fail: what was written must not stay."""
    hear(fact)
    message = "Mary Jones, born 3 May"
    raise RuntimeError(message)


def explode(fact: Fact) -> None:
    """Write, then die as a worker dies that runs out of memory."""
    hear(fact)
    os.kill(os.getpid(), signal.SIGKILL)


HANDLERS: dict[type, tuple[str, ...]] = {
    Rang: (f"{NAME}.hear", f"{NAME}.hear_too"),
    Broke: (f"{NAME}.fail",),
    Exploded: (f"{NAME}.explode",),
}


def heard_facts() -> list[uuid.UUID]:
    """Return the ids of the facts that were heard, once for each time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT fact_id FROM heard")
        return [row[0] for row in cursor.fetchall()]


Listener = Callable[[Fact], None]
