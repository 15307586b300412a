"""The small language of messages: braces are filled in, brackets drop out, and nothing else means anything."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.rules.wording.filling import fill
from notifications.rules.wording.people import one_line

VALUES = {"clinic": "Harbour", "day": "Mon, Nov 30", "phone": "", "time": "9:30 a.m."}


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("{clinic}: {day}", "Harbour: Mon, Nov 30"),
        ("{clinic}.[ Call {phone}.] Bye", "Harbour. Bye"),
        ("{clinic}.[ On {day}.] Bye", "Harbour. On Mon, Nov 30. Bye"),
        ("[{day} {phone}]{clinic}", "Harbour"),
        ("[no placeholder] {clinic}", "[no placeholder] Harbour"),
        ("Call {phone} now", "Call now"),
        ("{nobody_knows} {clinic}", "Harbour"),
        ("One\n\n[Call {phone}]\n\nTwo", "One\n\nTwo"),
        ("{day} at {time}. Come.", "Mon, Nov 30 at 9:30 a.m. Come."),
        ("{Clinic} {clinic.pk} {{clinic}} {% now %}", "{Clinic} {clinic.pk} {Harbour} {% now %}"),
    ],
)
def test_words_are_filled_in(text: str, written: str) -> None:
    assert fill(text, VALUES) == written


def test_what_is_filled_in_is_not_read_again() -> None:
    assert fill("{clinic} {day}", {"clinic": "{day} [x {phone}]", "day": "Monday"}) == "{day} [x {phone}] Monday"


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("Harbour\r\nBcc: everybody@mail.example", "Harbour Bcc: everybody@mail.example"),
        ("Harbour\u2028Clinic\x00\x1b[31m", "Harbour Clinic[31m"),
        ("Harbour \u202egnp.exe\u200b\ufeff", "Harbour gnp.exe"),
        ("  many \t blanks\u00a0here ", "many blanks here"),
        ("عيادة الميناء", "عيادة الميناء"),
        ("Clinic 👩‍⚕️", "Clinic 👩‍⚕️"),
        ("\ud800broken", "broken"),
    ],
)
def test_what_people_type_becomes_one_harmless_line(typed: str, line: str) -> None:
    assert one_line(typed, 60) == line


def test_what_is_too_long_is_cut_at_a_blank() -> None:
    assert one_line("Harbour Family Clinic of the Eastern District", 30) == "Harbour Family Clinic of the"
    assert one_line("x" * 500, 30) == "x" * 30


@given(st.text(max_size=200), st.integers(min_value=1, max_value=80))
def test_a_line_is_one_line_whatever_was_typed(typed: str, limit: int) -> None:
    line = one_line(typed, limit)
    assert len(line) <= limit
    assert line.splitlines() in ([], [line])
    assert one_line(line, limit) == line


@given(st.text(max_size=300), st.text(max_size=30))
def test_filling_never_fails_and_never_leaves_a_known_brace(text: str, value: str) -> None:
    assert "{day}" not in fill(text.replace("{", "(") + "{day}", {"day": value.replace("{", "(")})
