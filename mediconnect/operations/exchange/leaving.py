"""Tables go out: a template to fill in, the rows that were refused, and what a clinic has, written down as taken out."""

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from mediconnect.operations.models import ExportRun, ImportRow, ImportRun, Verdict
from providers.models import Clinic

from .columns import Column
from .files import Sheet, written
from .findings import Finding
from .kinds import KINDS, Chosen

_BATCH: Final = 500
_SHEET_NAME: Final = 31  # characters that a spreadsheet allows


def template(kind: str, form: str) -> Iterator[bytes]:
    """Yield an empty file with our headings; a workbook explains each of them on a second sheet."""
    columns = [column for column in KINDS[kind].columns if not column.told]
    explained = [[_("Column"), _("Needed"), _("What stands in it"), _("For example")]]
    explained += [[_(c.label), _("yes") if c.required else "", _(c.help), c.example] for c in columns]
    return written(form, [Sheet(kind, [_headings(columns)]), Sheet(_("Columns")[:_SHEET_NAME], explained)])


def refused_rows(run: ImportRun, form: str) -> Iterator[bytes]:
    """Yield the rows that were not imported for a reason, as they stood in the file, with the reasons in front.

    The heading of the reasons means nothing to an import, so that the file can be corrected and uploaded as it is.
    """
    rows = ImportRow.objects.filter(run=run).order_by("number")
    wanted = rows.filter(outcome=ImportRow.Outcome.FAILED) | rows.filter(
        verdict__in=[Verdict.REFUSED, Verdict.DOUBTFUL]
    )
    header = [_("Why it was not imported"), *json.loads(run.header or "[]")]
    language = get_language()  # a stream is written when the request is over, and with it the reader's language

    def lines() -> Iterator[Sequence[str]]:
        yield header
        for row in wanted.exclude(outcome=ImportRow.Outcome.WRITTEN).iterator(chunk_size=_BATCH):
            with override(language):
                why = "; ".join(in_words(Finding(*packed)) for packed in json.loads(row.told)["findings"])
            yield [why, *json.loads(row.cells)]

    return written(form, [Sheet(run.kind, lines())])


def export(
    *, clinic: Clinic, kind: str, form: str, chosen: Chosen, by_id: uuid.UUID
) -> tuple[ExportRun, Iterator[bytes]]:
    """Write down that this user takes data of the clinic out, and return that with the file, in pieces.

    What is confidential goes out only when it was asked for. The file is read in batches: two statements for 500 rows.
    """
    how = KINDS[kind]
    wanted = how.ids(clinic, chosen)
    run = ExportRun.objects.create(
        clinic=clinic,
        kind=kind,
        by_id=by_id,
        form=form,
        first=chosen.first if how.by_day else None,
        last=chosen.last if how.by_day else None,
        with_notes=chosen.with_notes and bool(how.confidential),
        rows=len(wanted),
    )
    columns = [column for column in how.columns if chosen.with_notes or column.name not in how.confidential]

    headings = _headings(columns)

    def lines() -> Iterator[Sequence[str]]:
        yield headings
        for begin in range(0, len(wanted), _BATCH):
            for row in how.out(clinic, wanted[begin : begin + _BATCH]):
                yield [row[column.name] for column in columns]
        ExportRun.objects.filter(pk=run.pk).update(finished_at=timezone.now())

    return run, written(form, [Sheet(kind, lines())])


def in_words(finding: Finding) -> str:
    """Return a finding in the reader's words."""
    sentence = _(finding.sentence)
    return sentence % _shown(finding.values) if finding.values else sentence


def _shown(values: Mapping[str, str]) -> Mapping[str, str]:
    return {name: value if len(value) <= _LONG else f"{value[:_LONG]}…" for name, value in values.items()}


_LONG: Final = 60


def _headings(columns: Sequence[Column]) -> list[str]:
    return [_(column.label) for column in columns]
