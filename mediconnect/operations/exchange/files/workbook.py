"""Excel workbooks, looked at from outside before anything is unpacked. Formulas are text here: nothing is calculated."""

import datetime as dt
import io
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any, Final

from django.utils.translation import gettext_noop
from openpyxl import load_workbook

from mediconnect.operations.errors import UnreadableFile

from .limits import MOST_COLUMNS, MOST_PARTS, MOST_ROWS, MOST_UNPACKED

_ZIP: Final = b"PK\x03\x04"
_OLD: Final = bytes.fromhex("D0CF11E0A1B11AE1")  # the container of .xls, and of a workbook with a password
_PATIENCE: Final = 1_000  # empty rows between full ones; a workbook may claim a million
_DAMAGED: Final = gettext_noop("This workbook is damaged, or it is none. Save it again as .xlsx.")


def is_zip(content: bytes) -> bool:
    """Return whether the content begins as a ZIP archive, which every newer workbook is."""
    return content.startswith(_ZIP)


def is_old_workbook(content: bytes) -> bool:
    """Return whether the content is in the container of old, or of locked, workbooks."""
    return content.startswith(_OLD)


def rows_of_workbook(content: bytes) -> Iterator[Sequence[str]]:
    """Yield the rows of a workbook's first sheet, each cell as the text that a person would type.

    Raises `UnreadableFile` for what is no workbook, unpacks to too much, or carries macros.
    """
    _look_at(content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions that it leaves out, as we do
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # what a file says of its own size is its maker's to say
            rows = sheet.iter_rows(max_row=MOST_ROWS + _PATIENCE, max_col=MOST_COLUMNS + 1, values_only=True)
            found = [[_text(value) for value in row] for row in rows]
            book.close()
    except Exception as error:  # the library raises what it comes upon: KeyError, ValueError, those of XML and ZIP
        raise UnreadableFile(_DAMAGED) from error
    yield from found


def _look_at(content: bytes) -> None:
    """Refuse what would unpack to too much. Python unpacks no more of a part than the archive's index says it is."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except zipfile.BadZipFile as error:
        raise UnreadableFile(_DAMAGED) from error
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise UnreadableFile(
            gettext_noop("This workbook unpacks to more than %(most)s MB. Copy its first sheet into a new workbook."),
            most=MOST_UNPACKED // 1_000_000,
        )
    names = {part.filename.lower() for part in parts}
    if any(name.endswith("vbaproject.bin") or "/activex/" in name for name in names):
        raise UnreadableFile(gettext_noop("This workbook has macros in it. Save it as a workbook without (.xlsx)."))


def _text(value: Any) -> str:
    """Return a cell as text: dates in ISO, whole numbers without a point, yes and no as words."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case dt.datetime() | dt.time() | dt.timedelta():
            return _moment(value)
        case _:
            return str(value).replace("\0", "")


def _moment(value: dt.datetime | dt.time | dt.timedelta) -> str:
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ", "minutes")
    if isinstance(value, dt.time):
        return f"{value:%H:%M}"
    minutes = int(value.total_seconds()) // 60
    return f"{minutes // 60}:{minutes % 60:02}"
