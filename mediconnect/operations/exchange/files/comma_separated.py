"""CSV as people's programs write it: in UTF-8, UTF-16 or Windows-1252, with commas, semicolons or tabs between."""

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from typing import Final

from django.utils.translation import gettext_noop

from mediconnect.operations.errors import UnreadableFile

from .limits import LONGEST_CELL
from .writing import unguarded

_DELIMITERS: Final = ",;\t"
_WIDE: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# So many bytes tell the encoding of a wide text without a mark: Latin letters leave every second one empty.
_LOOKED_AT: Final = 400


def rows_of_text(content: bytes) -> Iterator[Sequence[str]]:
    """Yield the rows of a CSV file. Raises `UnreadableFile` for what is no text, or where its quotes do not match."""
    text = _decoded(content)
    if "\0" in text:
        raise UnreadableFile(gettext_noop("The file holds characters that no text has. Save it again as CSV."))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        for row in reader:
            yield [unguarded(cell) for cell in row]
    except csv.Error:
        raise UnreadableFile(
            gettext_noop("Line %(line)s cannot be read: its quotation marks do not match, or it is too long."),
            line=reader.line_num,
        ) from None


def _decoded(content: bytes) -> str:
    for encoding in _candidates(content):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableFile(gettext_noop("The letters of this file cannot be read. Save it as CSV in UTF-8."))


def _candidates(content: bytes) -> Sequence[str]:
    if content.startswith(_WIDE):
        return ("utf-16",)
    beginning = content[:_LOOKED_AT]
    even, odd = beginning[::2].count(0), beginning[1::2].count(0)
    if max(even, odd) > len(beginning) // 5 and min(even, odd) == 0:
        return ("utf-16-be",) if even else ("utf-16-le",)
    return ("utf-8-sig", "cp1252")


def _delimiter(text: str) -> str:
    """Return what parts the header: the sign that stands most often in the first line that says something, outside of quotes."""
    header = next((line for line in text.splitlines() if line.strip()), "")
    outside = "".join(header[: LONGEST_CELL * 4].split('"')[::2])
    return max(_DELIMITERS, key=outside.count)
