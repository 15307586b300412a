"""What every kind of table has: its columns, how rows are looked at and written, and how it goes out."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mediconnect.operations.exchange.columns import Column
from mediconnect.operations.exchange.findings import Judged, Line
from mediconnect.operations.exchange.scene import Scene
from mediconnect.operations.models import Verdict
from providers.models import Clinic


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A row to be written: what was found when it was looked at."""

    verdict: Verdict
    plan: Mapping[str, Any]
    target: uuid.UUID | None
    seen: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What shall go out: days (both included; None is open), and whether what is confidential goes along."""

    first: dt.date | None = None
    last: dt.date | None = None
    with_notes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of table.

    `judge` looks at a batch of rows in a number of statements that does not depend on how many they are, and returns what
    each would do. `write` carries one out through the services, in the caller's transaction, and returns the record's id;
    it raises what the services raise. `ids` and `out` read what goes out: all ids in order, then rows by column for some of
    them. `by_day` says whether days narrow it, `confidential` which columns go out only when asked for.
    """

    columns: Sequence[Column]
    judge: Callable[[Scene, Sequence[Line]], list[Judged]]
    write: Callable[[Scene, Order], uuid.UUID]
    ids: Callable[[Clinic, Chosen], Sequence[uuid.UUID]]
    out: Callable[[Clinic, Sequence[uuid.UUID]], Iterator[Mapping[str, str]]]
    by_day: bool = False
    confidential: frozenset[str] = frozenset()
