"""What every report's page is made of."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mediconnect.habits import Habits
from mediconnect.portal.reports.plots import Plot
from mediconnect.portal.reports.reading import Asked
from mediconnect.portal.reports.tables import Table


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and how the answer is written: in the clinic's habits, linked to pages of this clinic."""

    asked: Asked
    habits: Habits
    clinic_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class Figure:
    """One of the few numbers on top: a word, the number, and what it is made of."""

    word: str
    value: str
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A plot and the table beside it. A `folded` table opens on demand."""

    name: str
    title: str
    plot: Plot | None
    table: Table
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Download:
    """A file with the same figures."""

    name: str
    label: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A report, ready to be written into a page. Without sections there was nothing to report, and `empty` says so."""

    figures: Sequence[Figure]
    sections: Sequence[Section]
    downloads: Sequence[Download]
    explained: str
    empty: str
    hint: str = ""


Report = Callable[[Question], Shown]
File = Callable[[Question], Table]
