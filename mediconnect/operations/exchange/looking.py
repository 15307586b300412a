"""Look at the rows of an import, batch by batch: what each would do, and which is in the file, or was imported, already."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext_noop

from mediconnect.operations.locks import take_run
from mediconnect.operations.models import ImportRow, ImportRun, Verdict
from mediconnect.records.encryption import blind_index
from providers.models import Clinic

from .columns import Headings
from .findings import Finding, Judged, Line
from .kinds import KINDS
from .scene import Scene

# Each batch costs the same few statements, and is short enough to be done again after a fall.
BATCH: Final = 250

_TWICE: Final = gettext_noop("Row %(row)s of this file is about the same. Keep one of them.")
_BEFORE: Final = gettext_noop(
    "An earlier file brought this already, and it is not there any more: moved, cancelled or removed. Import it only if it should come again."
)


def look_at_batch() -> bool:
    """Look at the next rows of the oldest import that waits for it; return whether there was one."""
    with transaction.atomic():
        run = take_run(state=ImportRun.State.CHECKING)
        if run is None:
            return False
        rows = list(ImportRow.objects.filter(run=run, verdict="").order_by("number")[:BATCH])
        if not rows:
            run.state, run.counts = ImportRun.State.CHECKED, counted(run, "verdict")
            run.save(update_fields=["state", "counts"])
            return True
        _judge(run, rows)
    return True


def counted(run: ImportRun, what: str) -> dict[str, int]:
    """Return how many rows have which `verdict` or `outcome`."""
    found = ImportRow.objects.filter(run=run).values_list(what).annotate(rows=Count("pk")).order_by()
    return {name: rows for name, rows in found if name}


def lines_of(run: ImportRun, rows: Iterable[ImportRow]) -> list[Line]:
    """Return the rows by column."""
    headings = Headings(run.columns)
    return [Line(row.number, headings.values(json.loads(row.cells))) for row in rows]


def scene_of(run: ImportRun, clinic: Clinic) -> Scene:
    """Return where the import takes place."""
    return Scene(clinic, run.asked_by_id or run.by_id, run.orders)


def _judge(run: ImportRun, rows: Sequence[ImportRow]) -> None:
    kind, scene = KINDS[run.kind], scene_of(run, run.clinic)
    found = kind.judge(scene, lines_of(run, rows))
    marks = {one.number: _mark(run, one.key) for one in found if one.key}
    judged = {one.number: one for one in _beside_others(run, found, marks)}
    for row in rows:
        one = judged[row.number]
        row.verdict, row.target, row.seen = one.verdict, one.target, one.seen
        row.key_index = marks.get(row.number, "") if one.verdict != Verdict.REFUSED else ""
        row.told = packed(one)
    ImportRow.objects.bulk_update(rows, ["verdict", "target", "seen", "key_index", "told"])


def _mark(run: ImportRun, key: str) -> str:
    return blind_index(f"{run.clinic_id} {run.kind} {key}", "import-row")


def packed(judged: Judged) -> str:
    """Return what is kept, sealed, of how a row was judged."""
    return json.dumps(
        {
            "findings": [finding.packed() for finding in judged.findings],
            "differences": [difference.packed() for difference in judged.differences],
            "plan": judged.plan,
        }
    )


def _beside_others(run: ImportRun, found: Sequence[Judged], marks: dict[int, str]) -> Iterable[Judged]:
    """Yield each row as judged, but for one that its file has twice, and one that an earlier file brought already."""
    rows = ImportRow.objects.filter(key_index__in=set(marks.values()))
    first = dict(rows.filter(run=run).order_by("-number").values_list("key_index", "number"))
    others = rows.filter(run__clinic=run.clinic_id, run__kind=run.kind, outcome=ImportRow.Outcome.WRITTEN)
    before = set(others.exclude(run=run).values_list("key_index", flat=True))
    for one in sorted(found, key=lambda one: one.number):
        mark = marks.get(one.number)
        if mark is None or one.verdict == Verdict.REFUSED:
            yield one
        elif mark in first:
            told = Finding(_TWICE, "", {"row": str(first[mark])})
            yield replace(one, verdict=Verdict.REFUSED, findings=[told], differences=[])
        else:
            first[mark] = one.number
            again = one.verdict == Verdict.NEW and mark in before
            yield replace(one, verdict=Verdict.DOUBTFUL, findings=[Finding(_BEFORE)]) if again else one


def tally(run: ImportRun) -> Counter[str]:
    """Return the counts of verdicts and outcomes as they are now, or as they were before the rows were deleted."""
    if run.emptied_at is not None or run.state in {
        ImportRun.State.CHECKED,
        ImportRun.State.DONE,
        ImportRun.State.DROPPED,
    }:
        return Counter(run.counts)
    return Counter(counted(run, "verdict")) + Counter(counted(run, "outcome"))
