"""Tables as files, written as a stream: nothing of them ever lies on a disk, and a spreadsheet calculates nothing in them."""

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

Row = Sequence[str]

# What makes a spreadsheet take text for a formula (OWASP, CSV injection); the wide signs do so in some languages.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_PLAIN_NUMBER: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)
_MARK: Final = "\ufeff"  # says to a spreadsheet that UTF-8 follows
_NO_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_CHUNK: Final = 64 * 1024

_TYPES: Final = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    "{sheets}</Types>"
)
_SHEET_TYPE: Final = (
    '<Override PartName="/xl/worksheets/sheet{number}.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
)
_RELATIONS: Final = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{relations}</Relationships>'
)
_RELATION: Final = (
    '<Relationship Id="rId{number}" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" Target="{target}"/>'
)
_BOOK: Final = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>{sheets}</sheets></workbook>'
)
_SHEET: Final = '<sheet name="{name}" sheetId="{number}" r:id="rId{number}"/>'
_SHEET_BEGINS: Final = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
)
_SHEET_ENDS: Final = "</sheetData></worksheet>"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of a workbook: its name (31 characters at most) and its rows, the header first."""

    name: str
    rows: Iterable[Row]


def harmless(text: str) -> str:
    """Return the text with an apostrophe before it where it would be a formula; a plain negative number stays one.

    What has an apostrophe there already gets another, so that `unguarded` returns every text as it was.
    """
    if text.lstrip("'").startswith(_FORMULA) and not _PLAIN_NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def unguarded(text: str) -> str:
    """Return the text without the apostrophe that `harmless` put before it."""
    return text[1:] if text.startswith("'") and text.lstrip("'").startswith(_FORMULA) else text


def as_csv(sheets: Sequence[Sheet]) -> Iterator[bytes]:
    """Yield the first sheet as CSV (RFC 4180) in UTF-8, in pieces; what would be a formula is none."""
    yield _MARK.encode()
    out = io.StringIO()
    writer = csv.writer(out)
    for row in sheets[0].rows:
        writer.writerow([harmless(cell.replace("\0", "")) for cell in row])
        if out.tell() > _CHUNK:
            yield out.getvalue().encode()
            out.seek(0)
            out.truncate()
    yield out.getvalue().encode()


def as_workbook(sheets: Sequence[Sheet]) -> Iterator[bytes]:
    """Yield the sheets as a workbook, in pieces. Every cell is text by its type, so that none can be a formula."""
    drain = _Drain()
    with zipfile.ZipFile(drain, "w", zipfile.ZIP_DEFLATED) as archive:
        numbers = range(1, len(sheets) + 1)
        archive.writestr("[Content_Types].xml", _TYPES.format(sheets=_each(_SHEET_TYPE, numbers)))
        archive.writestr("_rels/.rels", _relations([("officeDocument", "xl/workbook.xml")]))
        named = "".join(_SHEET.format(name=escape(s.name, {'"': "&quot;"}), number=n) for n, s in enumerate(sheets, 1))
        archive.writestr("xl/workbook.xml", _BOOK.format(sheets=named))
        archive.writestr(
            "xl/_rels/workbook.xml.rels", _relations([("worksheet", f"worksheets/sheet{n}.xml") for n in numbers])
        )
        for number, sheet in enumerate(sheets, start=1):
            with archive.open(f"xl/worksheets/sheet{number}.xml", "w") as part:
                part.write(_SHEET_BEGINS.encode())
                for row in sheet.rows:
                    part.write(_xml(row).encode())
                    if len(drain) > _CHUNK:
                        yield drain.taken()
                part.write(_SHEET_ENDS.encode())
    yield drain.taken()


def _each(pattern: str, numbers: Iterable[int]) -> str:
    return "".join(pattern.format(number=number) for number in numbers)


def _relations(targets: Sequence[tuple[str, str]]) -> str:
    found = (_RELATION.format(number=n, kind=kind, target=target) for n, (kind, target) in enumerate(targets, 1))
    return _RELATIONS.format(relations="".join(found))


def _xml(row: Row) -> str:
    cells = (f'<c t="inlineStr"><is><t xml:space="preserve">{_clean(cell)}</t></is></c>' for cell in row)
    return f"<row>{''.join(cells)}</row>"


def _clean(text: str) -> str:
    return escape(_NO_XML.sub("", text))


class _Drain(io.RawIOBase):
    """Where a ZIP archive writes to that goes out as it grows: it takes bytes, gives them away and never looks back."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []
        self._length = 0

    def writable(self) -> bool:
        """Say that it takes bytes."""
        return True

    def write(self, data: "bytes | bytearray | memoryview") -> int:  # type: ignore[override]  # of all that is bytes
        """Take bytes."""
        piece = bytes(data)
        self._pieces.append(piece)
        self._length += len(piece)
        return len(piece)

    def __len__(self) -> int:
        return self._length

    def taken(self) -> bytes:
        """Return what came in since the last time."""
        found, self._pieces, self._length = b"".join(self._pieces), [], 0
        return found


@dataclass(frozen=True, slots=True)
class Form:
    """A kind of file: its ending, what it is called on the wire, and how it is written."""

    ending: str
    content_type: str
    write: Callable[[Sequence[Sheet]], Iterator[bytes]]


FORMS: Final = {
    "csv": Form("csv", "text/csv; charset=utf-8", as_csv),
    "xlsx": Form("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", as_workbook),
}


def written(form: str, sheets: Sequence[Sheet]) -> Iterator[bytes]:
    """Yield the sheets as a file of this form, `csv` (the first sheet) or `xlsx`, in pieces."""
    return FORMS[form].write(sheets)
