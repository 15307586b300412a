"""Times, dates and phone numbers are written as the clinic's country writes them, in the reader's words."""

import datetime as dt
import time
from dataclasses import dataclass

import pytest

from mediconnect.habits import Habits

MONDAY = dt.date(2026, 11, 30)
NOON_IN_LONDON = dt.datetime(2026, 11, 30, 12, 0, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Place:
    region: str = "US-NY"
    timezone: str = "America/New_York"


NEW_YORK = Place()
LONDON = Place("GB-LND", "Europe/London")
PUNE = Place("IN-MH", "Asia/Kolkata")
BOGOTA = Place("CO", "America/Bogota")


def _plain(written: str) -> str:
    return written.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("place", "language", "written"),
    [
        (NEW_YORK, "en", "9:05 AM"),
        (NEW_YORK, "es", "9:05 a.m."),
        (LONDON, "en", "09:05"),
        (LONDON, "es", "09:05"),
        (PUNE, "en", "9:05 am"),
        (BOGOTA, "es", "9:05 a. m."),
    ],
)
def test_the_country_chooses_the_clock_and_the_language_its_words(place: Place, language: str, written: str) -> None:
    assert _plain(Habits.of(place, language).time(dt.time(9, 5))) == written


def test_an_instant_is_shown_by_the_clinics_clock() -> None:
    assert [_plain(Habits.of(place, "en").time(NOON_IN_LONDON)) for place in (NEW_YORK, LONDON, PUNE)] == [
        "7:00 AM",
        "12:00",
        "5:30 pm",
    ]
    assert _plain(Habits.of(NEW_YORK, "en").moment(NOON_IN_LONDON)) == "Nov 30, 2026, 7:00 AM"


def test_a_time_never_breaks_over_two_lines() -> None:
    assert " " not in Habits.of(NEW_YORK, "en").time(dt.time(14, 30)) + Habits.of(BOGOTA, "es").time(dt.time(14, 30))


def test_the_edge_of_a_calendar_is_short() -> None:
    assert [_plain(Habits.of(place, "en").hour(9)) for place in (NEW_YORK, LONDON)] == ["9 AM", "09:00"]


@pytest.mark.parametrize(
    ("place", "language", "written"),
    [
        (NEW_YORK, "en", ("11/30/2026", "Nov 30, 2026", "Monday, November 30, 2026", "Mon, Nov 30", "November 2026")),
        (
            NEW_YORK,
            "es",
            ("11/30/2026", "30 nov 2026", "lunes, 30 de noviembre de 2026", "lun, 30 de nov", "noviembre de 2026"),
        ),
        (LONDON, "en", ("30/11/2026", "30 Nov 2026", "Monday, 30 November 2026", "Mon 30 Nov", "November 2026")),
    ],
)
def test_a_date_has_the_order_of_its_country(place: Place, language: str, written: tuple[str, ...]) -> None:
    habits = Habits.of(place, language)
    assert (
        habits.numeric(MONDAY),
        habits.date(MONDAY),
        habits.day_and_date(MONDAY),
        habits.short_day(MONDAY),
        habits.month(MONDAY),
    ) == written


def test_a_week_begins_where_the_country_begins_it() -> None:
    ours, theirs = Habits.of(NEW_YORK, "es"), Habits.of(LONDON, "en")
    assert (ours.first_weekday, theirs.first_weekday) == (6, 0)
    assert (ours.week, theirs.week) == ((6, 0, 1, 2, 3, 4, 5), (0, 1, 2, 3, 4, 5, 6))
    assert (ours.week_begins(MONDAY), theirs.week_begins(MONDAY)) == (dt.date(2026, 11, 29), MONDAY)
    assert ours.weekday_names[0] == "lunes"
    assert theirs.short_weekday_names == ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@pytest.mark.parametrize(
    ("place", "number", "written"),
    [
        (NEW_YORK, "+12025550123", "(202) 555-0123"),
        (NEW_YORK, "+442079460123", "+44 20 7946 0123"),
        (LONDON, "+442079460123", "020 7946 0123"),
        (LONDON, "+12025550123", "+1 202-555-0123"),
        (LONDON, "ext. 12", "ext. 12"),
        (LONDON, "", ""),
    ],
)
def test_a_number_of_ones_own_country_needs_no_code(place: Place, number: str, written: str) -> None:
    assert Habits.of(place, "en").phone(number) == written


@pytest.mark.parametrize(
    ("minutes", "written"),
    [(0, "0 min"), (45, "45 min"), (60, "1 h"), (75, "1 h 15 min"), (-5, "−5 min")],
)
def test_a_length_of_time_is_read_at_once(minutes: int, written: str) -> None:
    assert _plain(Habits.of(NEW_YORK, "en").duration(minutes)) == written


@pytest.mark.parametrize(
    ("place", "country"),
    [
        (Place("", "America/New_York"), "US"),
        (Place("", "US/Eastern"), "US"),
        (Place("", "Asia/Calcutta"), "IN"),
        (Place("", "UTC"), "001"),
        (Place("us", "UTC"), "US"),
    ],
)
def test_without_a_region_the_zone_tells_the_country(place: Place, country: str) -> None:
    assert Habits.of(place, "en").country == country


def test_unknown_countries_and_languages_are_written_as_the_world_does() -> None:
    nowhere = Habits.of(Place("XX", "UTC"), "tlh")
    assert nowhere.date(MONDAY) == "30 Nov 2026"
    assert Habits.of(NEW_YORK, "es-mx").short_weekday_names[0] == "lun"


def test_a_full_board_is_written_in_no_time() -> None:
    habits = Habits.of(NEW_YORK, "en")
    moments = [NOON_IN_LONDON + dt.timedelta(minutes=number) for number in range(600)]
    for moment in moments:
        habits.time(moment)
    started = time.perf_counter()
    for moment in moments:
        Habits.of(NEW_YORK, "en").time(moment)
    assert time.perf_counter() - started < 0.05
