"""Public holidays are named in the reader's language, where there are names for them."""

import datetime as dt

import pytest
from django.utils import translation

from mediconnect.portal.holidays import holidays_in_words


@pytest.mark.parametrize(
    ("region", "language", "name"),
    [
        ("US-NY", "en", "Christmas Day"),
        ("US-NY", "es", "Navidad"),
        ("MX", "es", "Navidad"),
        ("MX", "en", "Christmas Day"),
        ("US-TX", "es", "Navidad"),
    ],
)
def test_a_holiday_is_named_in_the_readers_language(region: str, language: str, name: str) -> None:
    christmas = dt.date(2026, 12, 25)
    with translation.override(language):
        assert holidays_in_words(region, christmas, christmas) == [(christmas, name)]


def test_a_day_off_in_its_stead_says_so() -> None:
    friday = dt.date(2026, 7, 3)
    with translation.override("es"):
        assert holidays_in_words("US", friday, friday) == [(friday, "Día de la Independencia (día de descanso)")]


def test_a_states_own_day_keeps_its_name_and_no_region_has_none() -> None:
    day = dt.date(2026, 3, 2)
    with translation.override("es"):
        assert holidays_in_words("US-TX", day, day) == [(day, "Texas Independence Day")]
        assert holidays_in_words("", day, day) == []
