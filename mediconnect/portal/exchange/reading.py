"""What the pages of import and export show: an import row by row, and what came in and went out so far."""

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from mediconnect.errors import NotFound
from mediconnect.operations.exchange.columns import Column
from mediconnect.operations.exchange.findings import Finding
from mediconnect.operations.exchange.kinds import KINDS
from mediconnect.operations.exchange.leaving import in_words
from mediconnect.operations.exchange.looking import tally
from mediconnect.operations.models import ExportRun, ImportRow, ImportRun, Verdict
from mediconnect.portal.desk import Desk
from mediconnect.portal.people.languages import language_name

from .words import OUTCOMES, STATES, VERDICTS, title_of

PER_PAGE: Final = 100
_LISTED: Final = 12
_LONG: Final = 120  # characters of a cell that the list shows
_CELLS: Final = 4  # cells of a row that say which one it is


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of the file and which of our columns it was taken for, "" for none."""

    typed: str
    column: str


@dataclass(frozen=True, slots=True)
class Told:
    """A change or a reason in words: the column, and what stands before and after, or the sentence."""

    column: str
    before: str = ""
    after: str = ""
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A row as the list shows it."""

    number: int
    code: str
    fate: str
    cells: Sequence[str]
    changes: Sequence[Told]
    reasons: Sequence[Told]


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows are of a sort, and whether the list shows those alone."""

    code: str
    words: str
    rows: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Import:
    """An import as its page shows it. `done` counts what is looked at, or written, of `total`."""

    run: ImportRun
    title: str
    state: str
    done: int
    total: int
    counts: Sequence[Count]
    headings: Sequence[Heading]
    rows: Sequence[Shown]
    page: int
    pages: int
    importable: int
    doubtful: int
    unreached: int
    refused: int

    @property
    def busy(self) -> bool:
        """Whether a worker is at it."""
        return self.run.state in {ImportRun.State.CHECKING, ImportRun.State.IMPORTING}


def run_of(desk: Desk, run_id: uuid.UUID) -> ImportRun:
    """Return an import of the desk's clinic; raises `NotFound`."""
    run = ImportRun.objects.filter(clinic=desk.clinic.pk, pk=run_id).select_related("by", "asked_by").first()
    if run is None:
        raise NotFound
    return run


def import_of(desk: Desk, run_id: uuid.UUID, *, only: str = "", page: int = 1) -> Import:
    """Return an import with a page of its rows, those of one sort if `only` names it; five statements at most."""
    run = run_of(desk, run_id)
    counts = tally(run)
    chosen = only if only in VERDICTS or only in OUTCOMES else ""
    rows = _rows(run, chosen)
    pages = max(1, -(-(counts[chosen] if chosen else run.total) // PER_PAGE))
    page = min(max(page, 1), pages)
    columns = {column.name: _(column.label) for column in KINDS[run.kind].columns}
    begin = (page - 1) * PER_PAGE
    return Import(
        run=run,
        title=title_of(run.kind),
        state=_(STATES[run.state]),
        done=_done(run, counts),
        total=run.total,
        counts=[
            Count(code, _(words), counts[code], code == chosen)
            for code, words in {**VERDICTS, **OUTCOMES}.items()
            if counts[code]
        ],
        headings=list(_headings(run, columns)),
        rows=[_shown(row, run, columns) for row in rows[begin : begin + PER_PAGE]],
        page=page,
        pages=pages,
        importable=counts[Verdict.NEW] + counts[Verdict.CHANGE],
        doubtful=counts[Verdict.DOUBTFUL],
        unreached=_unreached(run),
        refused=counts[Verdict.REFUSED] + counts[ImportRow.Outcome.FAILED],
    )


def _done(run: ImportRun, counts: Mapping[str, int]) -> int:
    what = VERDICTS if run.state == ImportRun.State.CHECKING else OUTCOMES
    return sum(counts[code] for code in what)


def _rows(run: ImportRun, chosen: str) -> QuerySet[ImportRow]:
    rows = ImportRow.objects.filter(run=run).exclude(verdict="").order_by("number")
    return rows.filter(Q(verdict=chosen) | Q(outcome=chosen)) if chosen else rows


def _unreached(run: ImportRun) -> int:
    """Return 1 where a file of patients brings numbers and says of none whether messages are allowed, so that this is said."""
    reached = {"phone", "email"} & set(run.columns)
    return int(bool(reached) and run.kind == "patients" and "messages_allowed" not in run.columns)


def _headings(run: ImportRun, columns: Mapping[str, str]) -> Iterator[Heading]:
    typed: list[str] = json.loads(run.header or "[]")
    for place, heading in enumerate(typed):
        yield Heading(heading[:_LONG], columns.get(run.columns[place], ""))


def _shown(row: ImportRow, run: ImportRun, columns: Mapping[str, str]) -> Shown:
    told: dict[str, Any] = json.loads(row.told)
    cells: list[str] = json.loads(row.cells)
    mapped = [cell for place, cell in enumerate(cells) if cell and place < len(run.columns) and run.columns[place]]
    fate = row.outcome if row.outcome and row.outcome != ImportRow.Outcome.LEFT else row.verdict
    return Shown(
        number=row.number,
        code=fate,
        fate=_({**VERDICTS, **OUTCOMES}[fate]),
        cells=[cell[:_LONG] for cell in mapped[:_CELLS]],
        changes=[_change(columns, *difference) for difference in told["differences"]],
        reasons=[
            Told(columns.get(finding[1], ""), sentence=in_words(Finding(*finding))) for finding in told["findings"]
        ],
    )


def _change(columns: Mapping[str, str], column: str, before: str, after: str) -> Told:
    if column == "language":
        before, after = language_name(before), language_name(after)
    return Told(columns.get(column, column), before[:_LONG] or "–", after[:_LONG] or "–")


@dataclass(frozen=True, slots=True)
class Explained:
    """A column of a kind as its page explains it."""

    label: str
    help: str
    example: str
    required: bool


def explained(kind: str) -> list[Explained]:
    """Return the columns that a kind takes in."""
    columns: Sequence[Column] = [column for column in KINDS[kind].columns if not column.told]
    return [Explained(_(c.label), _(c.help), c.example, c.required) for c in columns]


@dataclass(frozen=True, slots=True)
class Line:
    """An import or export in the list of what was done."""

    row: ImportRun | ExportRun
    title: str
    state: str
    who: str


def imports_of(desk: Desk) -> list[Line]:
    """Return the clinic's last imports, the newest first; one statement."""
    runs = ImportRun.objects.filter(clinic=desk.clinic.pk).select_related("by").order_by("-created_at")[:_LISTED]
    return [Line(run, title_of(run.kind), _(STATES[run.state]), _who(run)) for run in runs]


def exports_of(desk: Desk) -> list[Line]:
    """Return what was last taken out of the clinic, the newest first; one statement."""
    runs = ExportRun.objects.filter(clinic=desk.clinic.pk).select_related("by").order_by("-created_at")[:_LISTED]
    return [Line(run, title_of(run.kind), _("with notes") if run.with_notes else "", _who(run)) for run in runs]


def _who(run: ImportRun | ExportRun) -> str:
    return run.by.display_name or run.by.email if run.by else ""
