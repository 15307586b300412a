"""Names, contacts, dates, duplicates and search words, as pure functions."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediconnect.errors import Invalid
from patients.rules.contacts import country_of, masked_email, masked_phone, normal_email, normal_phone
from patients.rules.duplicates import Described, name_likeness, reasons_to_suspect
from patients.rules.identity import (
    check_birth_date,
    check_language,
    check_zone,
    clean_name,
    clean_record_number,
    folded,
    require_a_name,
)
from patients.rules.searching import Sought, read_birth_date, read_search

TODAY = dt.date(2026, 11, 24)
LEAP_DAY = dt.date(1980, 2, 29)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Maria  del   Carmen ", "Maria del Carmen"),
        ("Zoe\u0308", "Zoë"),
        ("محمد", "محمد"),
        ("王", "王"),
        ("Ana 👩‍⚕️", "Ana 👩‍⚕️"),
        ("", ""),
    ],
)
def test_a_name_of_any_script_is_kept_in_one_form(typed: str, kept: str) -> None:
    assert clean_name(typed, "given_name") == kept


@pytest.mark.parametrize("typed", ["a\0b", "a\nb", "a\u202eb", "\ud800", "x" * 81, "\u200d\u200d"])
def test_what_cannot_be_a_name_is_refused_by_field(typed: str) -> None:
    with pytest.raises(Invalid) as refusal:
        clean_name(typed, "given_name")
    assert list(refusal.value.extra["errors"]) == ["given_name"]


@given(st.text(max_size=100))
def test_cleaning_a_clean_name_changes_nothing(typed: str) -> None:
    try:
        name = clean_name(typed, "given_name")
    except Invalid:
        return
    assert clean_name(name, "given_name") == name
    assert len(name) <= 80


def test_a_person_has_some_name() -> None:
    require_a_name("", "Sukarno")
    require_a_name("Madonna", "")
    with pytest.raises(Invalid):
        require_a_name("", "")


def test_a_birth_date_is_neither_to_come_nor_out_of_memory() -> None:
    assert check_birth_date(TODAY, today=TODAY) == TODAY
    tomorrow = TODAY + dt.timedelta(days=1)
    assert check_birth_date(tomorrow, today=TODAY) == tomorrow
    for wrong in (TODAY + dt.timedelta(days=2), dt.date(1895, 12, 31)):
        with pytest.raises(Invalid):
            check_birth_date(wrong, today=TODAY)


@pytest.mark.parametrize(("right", "wrong"), [("pt-BR", "PT"), ("en", "english"), ("gsw", "e")])
def test_a_language_is_a_short_tag(right: str, wrong: str) -> None:
    assert check_language(right) == right
    with pytest.raises(Invalid):
        check_language(wrong)


def test_a_zone_is_known_or_the_clinics() -> None:
    assert (check_zone(""), check_zone("Asia/Kolkata")) == ("", "Asia/Kolkata")
    with pytest.raises(Invalid):
        check_zone("Mars/Olympus")


def test_a_record_number_is_not_empty() -> None:
    assert clean_record_number(" MRN  77 ") == "MRN 77"
    with pytest.raises(Invalid):
        clean_record_number("  ")


@pytest.mark.parametrize(
    ("typed", "country", "kept"),
    [
        ("(212) 555-4821", "US", "+12125554821"),
        ("+44 20 7946 0958", "US", "+442079460958"),
        ("020 7946 0958", "GB", "+442079460958"),
        ("555-010-4821", "US", "+15550104821"),
        ("+1 212 555 4821", None, "+12125554821"),
    ],
)
def test_a_phone_number_is_kept_in_e164(typed: str, country: str | None, kept: str) -> None:
    assert normal_phone(typed, country=country) == kept


@pytest.mark.parametrize(
    ("typed", "country"),
    [("212 555 4821", None), ("12", "US"), ("hello", "US"), ("+1 212 555 4821 x9", "US"), ("1" * 50, "US"), ("", "US")],
)
def test_what_is_no_phone_number_is_refused(typed: str, country: str | None) -> None:
    with pytest.raises(Invalid):
        normal_phone(typed, country=country)


def test_a_region_names_its_country() -> None:
    assert (country_of("US-NY"), country_of("gb"), country_of("")) == ("US", "GB", None)


def test_an_address_keeps_its_first_half_and_lowers_its_domain() -> None:
    assert normal_email("  Maria.G@Example.ORG ") == "Maria.G@example.org"
    for wrong in ("maria", "maria@", "@example.org", "a b@example.org", f"{'a' * 250}@example.org", "a\0@example.org"):
        with pytest.raises(Invalid):
            normal_email(wrong)


def test_hints_show_enough_to_recognise_and_no_more() -> None:
    assert masked_phone("+12125554821") == "•••• 4821"
    assert masked_email("anna@example.org") == "a•••@example.org"
    assert masked_email("a@example.org") == "•••@example.org"


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Jon Smith", "John Smith", True),
        ("Maria Garcia", "María García-Lopez", True),
        ("Garcia Maria", "Maria Garcia", True),
        ("Anna Berg", "Anna Lund", False),
        ("Peter Miller", "Aisha Khan", False),
    ],
)
def test_likeness_of_names_sees_through_accents_and_order(one: str, other: str, *, alike: bool) -> None:
    assert (name_likeness(one, other) >= 0.4) is alike


def test_a_duplicate_needs_birth_date_and_name_or_a_contact() -> None:
    maria = Described("Maria", "Garcia", LEAP_DAY, frozenset({"a"}))
    assert reasons_to_suspect(maria, Described("María", "García", LEAP_DAY)) == ["birth-date-and-name"]
    assert reasons_to_suspect(maria, Described("Peter", "Lund", None, frozenset({"a"}))) == ["contact"]
    assert reasons_to_suspect(maria, Described("Maria", "Garcia", dt.date(1981, 2, 28))) == []
    assert reasons_to_suspect(Described("Maria", "Garcia", None), Described("Maria", "Garcia", None)) == []


@pytest.mark.parametrize(
    ("typed", "language", "means"),
    [
        ("1980-02-29", "en", LEAP_DAY),
        ("29.02.1980", "en", LEAP_DAY),
        ("29.2.1980", "de", LEAP_DAY),
        ("02/29/1980", "en-US", LEAP_DAY),
        ("29/02/1980", "en-US", LEAP_DAY),
        ("03/04/1980", "en", dt.date(1980, 3, 4)),
        ("03/04/1980", "en-GB", dt.date(1980, 4, 3)),
        ("03-04-1980", "fr", dt.date(1980, 4, 3)),
        ("1980/3/4", "fr", dt.date(1980, 3, 4)),
    ],
)
def test_a_birth_date_is_read_in_the_writings_of_the_desk(typed: str, language: str, means: dt.date) -> None:
    assert read_birth_date(typed, language=language) == (means,)


@pytest.mark.parametrize("typed", ["1981-02-29", "30.02.1980", "02/29/80", "1980-02/29", "0000-01-01", "29.02.19800"])
def test_what_names_no_day_is_no_date(typed: str) -> None:
    assert read_birth_date(typed) == ()


def test_one_box_tells_apart_what_is_sought() -> None:
    assert read_search("Mar gon") == Sought(names=("mar", "gon"))
    assert read_search("García, Mª") == Sought(names=("garcia", "ma"))
    assert read_search("gon 1980-02-29") == Sought(names=("gon",), birth_dates=(LEAP_DAY,))
    assert read_search("4821", countries=["US"]) == Sought(record_number="4821", last_four="4821")
    assert read_search("(212) 555-4821", countries=["US"]).phones == ("+12125554821",)
    assert read_search("020 7946 0958", countries=["US", "GB"]).phones[-1] == "+442079460958"
    assert read_search("h-1001") == Sought(record_number="H-1001")
    assert read_search("mrn 77") == Sought(names=("mrn",), record_number="77", whole_number="MRN 77")
    assert read_search("Maria@Example.org") == Sought(email="Maria@Example.org")
    assert read_search("  ").empty
    assert read_search(",").empty


def test_a_search_has_its_limits() -> None:
    for wrong in ("x" * 121, "a\0", "a b c d e f g"):
        with pytest.raises(Invalid):
            read_search(wrong)


@given(st.text(max_size=150))
def test_any_text_is_read_or_refused(typed: str) -> None:
    try:
        read_search(typed, countries=["US", "GB"])
    except Invalid:
        return


def test_folding_takes_case_and_accents() -> None:
    assert folded("ÉLOÏSE Ångström") == "eloise angstrom"
