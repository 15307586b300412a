"""What a text message costs, by the carriers' own arithmetic."""

import pytest

from notifications.rules.wording.segments import as_plain_as, count, is_plain, plainer

# 3GPP TS 23.038, 6.2.1 and 6.2.1.1, in the order of their tables.
DEFAULT_ALPHABET = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = "\f^{}\\[~]|€"


def test_the_alphabet_has_127_characters_and_ten_further_ones() -> None:
    assert len(set(DEFAULT_ALPHABET)) == 127  # the 128th place is the escape
    assert all(count(character).encoding == "GSM-7" for character in DEFAULT_ALPHABET + EXTENSION)
    assert {count(character).characters for character in DEFAULT_ALPHABET} == {1}
    assert {count(character).characters for character in EXTENSION} == {2}


@pytest.mark.parametrize(
    ("text", "encoding", "characters", "segments", "left"),
    [
        ("", "GSM-7", 0, 1, 160),
        ("a" * 160, "GSM-7", 160, 1, 0),
        ("a" * 161, "GSM-7", 161, 2, 145),
        ("a" * 306, "GSM-7", 306, 2, 0),
        ("a" * 307, "GSM-7", 307, 3, 152),
        ("a" * 459, "GSM-7", 459, 3, 0),
        ("a" * 460, "GSM-7", 460, 4, 152),
        ("€" * 80, "GSM-7", 160, 1, 0),
        ("€" * 81, "GSM-7", 162, 2, 143),
        ("ñ" * 160, "GSM-7", 160, 1, 0),
        ("í" * 70, "UCS-2", 70, 1, 0),
        ("í" * 71, "UCS-2", 71, 2, 63),
        ("í" * 134, "UCS-2", 134, 2, 0),
        ("í" * 135, "UCS-2", 135, 3, 66),
        ("a" * 69 + "í", "UCS-2", 70, 1, 0),
        ("a" * 70 + "í", "UCS-2", 71, 2, 63),
        ("👍", "UCS-2", 2, 1, 68),
        ("👍" * 35, "UCS-2", 70, 1, 0),
        ("👍" * 36, "UCS-2", 72, 2, 61),
    ],
)
def test_known_lengths(text: str, encoding: str, characters: int, segments: int, left: int) -> None:
    cost = count(text)
    assert (cost.encoding, cost.characters, cost.segments, cost.left) == (encoding, characters, segments, left)


def test_an_escaped_character_is_not_cut_in_two() -> None:
    # 152 places, then one of two: it does not fit into the first part, whose last place stays empty.
    assert count("a" * 152 + "€" + "a" * 151).segments == 2
    assert count("a" * 152 + "€" + "a" * 152).segments == 3
    assert count("a" * 153 + "€" + "a" * 151).segments == 2


def test_a_pair_of_surrogates_is_not_cut_in_two() -> None:
    assert count("í" * 66 + "👍" + "í" * 65).segments == 2
    assert count("í" * 66 + "👍" + "í" * 66).segments == 3


def test_it_says_which_characters_cost() -> None:
    assert count("El miércoles no, ¿mañana? ¡Sí! Más pingüinos").costly == ("í", "á")
    assert count("Dr. García: sábado, sábado, 9:30\u00a0a.\u00a0m.").costly == ("í", "á", "\u00a0")
    assert count("miércoles, mañana, pingüino, ¿qué?").costly == ()


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("sáb, 7 nov", "sab, 7 nov"),
        ("9:30\u00a0a.\u00a0m.", "9:30 a. m."),
        ("miércoles, mañana, Ñuñoa, ¿qué?", "miércoles, mañana, Ñuñoa, ¿qué?"),
        ("ÁÍÓÚ áíóú", "AIOU aiou"),
        ("“Harbour” – café’s…", '"Harbour" - café\'s...'),
        ("Łódź", "Łodz"),
        ("健康 👍", "健康 👍"),
    ],
)
def test_plainer_is_what_a_telephone_would_write(typed: str, plain: str) -> None:
    assert plainer(typed) == plain


def test_values_are_made_plainer_only_where_the_words_are_plain() -> None:
    assert is_plain("{day}: mañana")
    assert as_plain_as("{day}: mañana", {"day": "sáb"}) == {"day": "sab"}
    assert as_plain_as("{day}: más", {"day": "sáb, 9:30\u00a0AM"}) == {"day": "sáb, 9:30 AM"}
