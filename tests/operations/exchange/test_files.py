"""Files become tables: whatever program wrote them, and however hostile they are."""

import csv
import datetime as dt
import io
import zipfile
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from mediconnect.operations.errors import UnreadableFile
from mediconnect.operations.exchange.files import Sheet, harmless, read_table, written
from mediconnect.operations.exchange.files.limits import LONGEST_CELL, MOST_BYTES, MOST_COLUMNS, MOST_ROWS
from mediconnect.operations.exchange.files.writing import unguarded

SAID = "Name;Größe\nZoë;1\n"


def workbook(*rows: Sequence[object]) -> bytes:
    book, out = Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    book.save(out)
    return out.getvalue()


def packed(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return out.getvalue()


def refusal(content: bytes) -> str:
    with pytest.raises(UnreadableFile) as error:
        read_table(content)
    return error.value.detail % error.value.values


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_the_encodings_of_peoples_programs_are_read(encoding: str) -> None:
    table = read_table(SAID.encode(encoding))
    assert (list(table.header), [list(cells) for _, cells in table.rows]) == (["Name", "Größe"], [["Zoë", "1"]])


@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_the_sign_between_cells_is_found(sign: str) -> None:
    table = read_table(f'"Name{sign} first"{sign}Born\n"Zoë ""Z""{sign} Lang"{sign}1980\n'.encode())
    assert table.header == [f"Name{sign} first", "Born"]
    assert table.rows == [(2, [f'Zoë "Z"{sign} Lang', "1980"])]


def test_rows_are_numbered_as_a_spreadsheet_numbers_them() -> None:
    table = read_table(b'name\n\n"two\nlines"\n  \nlast\n')
    assert table.rows == [(3, ["two\nlines"]), (5, ["last"])]
    assert read_table(workbook(["name"], [], ["Ann"])).rows == [(3, ["Ann"])]


def test_a_workbook_is_read_as_a_person_would_type_it() -> None:
    moment, number = dt.datetime(1980, 2, 29), 15550104821.0  # noqa: DTZ001 - a cell has no zone
    table = read_table(workbook(["a", "b", "c", "d", "e"], [moment, dt.time(9, 30), number, True, 1.5]))
    assert table.rows == [(2, ["1980-02-29", "09:30", "15550104821", "yes", "1.5"])]


def test_a_formula_is_text() -> None:
    assert read_table(workbook(["name"], ['=HYPERLINK("http://example.org")'])).rows[0][1][0].startswith("=HYPERLINK")
    assert read_table(b"name\n=1+1\n").rows == [(2, ["=1+1"])]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "empty"),
        (b" \r\n\r\n", "empty"),
        (b"name\n", "no row below"),
        (b"x" * (MOST_BYTES + 1), "larger than 5 MB"),
        (b"name\n" + b"a\n" * (MOST_ROWS + 1), "more than 10000 rows"),
        (b"name\n" + b"," * MOST_COLUMNS + b"x\n", "more than 60 columns"),
        (b"name\n" + b"x" * (LONGEST_CELL + 1), "more than 5000 characters"),
        (b'name\n"' + b"x" * 4_000_000 + b'"\n', "too long"),
        (b'name\n"never closed\n', "quotation marks"),
        (b'name\n"a"b\n', "quotation marks"),
        (b"name\nA\0nn\n", "characters that no text has"),
        (b"name\n\x81\x8d\n", "letters of this file"),
        (bytes.fromhex("D0CF11E0A1B11AE1") + b"old", "old Excel workbook"),
        (b"PK\x03\x04" + b"nothing", "damaged"),
        (packed(readme_dot_txt=b"no workbook"), "damaged"),
    ],
)
def test_what_is_no_table_is_refused_in_words(content: bytes, sentence: str) -> None:
    assert sentence in refusal(content)


def test_a_bomb_is_not_unpacked() -> None:
    bomb = packed(xl__worksheets__sheet1_dot_xml=b"0" * 70_000_000)
    assert len(bomb) < 200_000
    assert "unpacks to more than 60 MB" in refusal(bomb)
    assert "unpacks to more than" in refusal(packed(**{f"part{number}": b"x" for number in range(600)}))


def test_a_bomb_that_lies_about_its_size_is_read_no_further_than_it_says() -> None:
    book = bytearray(workbook(["name"], ["Ann"]))
    place = book.rfind(b"xl/worksheets/sheet1.xml") - 22  # the uncompressed size in the archive's index
    book[place : place + 4] = (10).to_bytes(4, "little")
    assert "damaged" in refusal(bytes(book))


def test_macros_are_refused() -> None:
    out = io.BytesIO(workbook(["name"], ["Ann"]))
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"macro")
    assert "macros" in refusal(out.getvalue())


def test_entities_of_a_workbook_are_not_expanded() -> None:
    original, out = io.BytesIO(workbook(["name"], ["Ann"])), io.BytesIO()
    with zipfile.ZipFile(original) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.namelist():
            content = old.read(part)
            if part == "xl/worksheets/sheet1.xml":
                content = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + content
            new.writestr(part, content)
    assert "damaged" in refusal(out.getvalue())


def test_a_workbook_that_claims_a_million_rows_is_read_in_bounds() -> None:
    book, out = Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    sheet["A1"], sheet["A2"] = "name", "Ann"
    sheet["XFD1048576"] = "far away"
    book.save(out)
    assert read_table(out.getvalue()).rows == [(2, ["Ann"])]


def test_what_is_written_as_a_workbook_is_text_and_nothing_else() -> None:
    rows = [["name", "note"], ["=1+1", "+1555"], ["Zoë & <b>", "two\nlines"]]
    content = b"".join(written("xlsx", [Sheet("patients", rows), Sheet("Columns & more", [["x"]])]))
    book = load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["patients", "Columns & more"]
    assert [[cell.value for cell in row] for row in book["patients"].iter_rows()] == rows
    assert {cell.data_type for row in book["patients"].iter_rows() for cell in row} == {"s"}


def test_a_large_file_is_written_in_pieces() -> None:
    rows = [[str(number) * 20] for number in range(60_000)]
    for form in ("csv", "xlsx"):
        assert len(list(written(form, [Sheet("patients", rows)]))) > 2


@pytest.mark.parametrize("text", ["=1+1", "+1 555", "-x", "@a", "＝1", "'=1", "''+2", "\tx"])
def test_no_cell_of_ours_is_a_formula(text: str) -> None:
    assert harmless(text).startswith("'")


@given(st.text(max_size=40))
def test_what_was_made_harmless_comes_back_as_it_was(text: str) -> None:
    assert unguarded(harmless(text)) == text or text.startswith("'") is False


_CELLS = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=30).map(str.strip).filter(bool)


@given(st.lists(st.lists(_CELLS, min_size=2, max_size=2), min_size=2, max_size=8), st.sampled_from(["csv", "xlsx"]))
def test_what_is_written_is_read_again(rows: list[list[str]], form: str) -> None:
    table = read_table(b"".join(written(form, [Sheet("x", rows)])))
    assert [list(table.header), *(list(cells) for _, cells in table.rows)] == rows


@given(st.binary(max_size=400))
def test_no_bytes_do_more_than_be_refused(content: bytes) -> None:
    try:
        table = read_table(content)
    except UnreadableFile:
        return
    assert table.header
    assert table.rows


@given(
    st.lists(st.lists(_CELLS, min_size=2, max_size=4), min_size=2, max_size=6),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_any_quoted_csv_is_read_as_it_was_meant(rows: list[list[str]], sign: str, encoding: str) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=sign, quoting=csv.QUOTE_ALL).writerows(rows)
    table = read_table(out.getvalue().encode(encoding))
    assert [[unguarded(cell) for cell in row] for row in rows[1:]] == [list(cells) for _, cells in table.rows]
