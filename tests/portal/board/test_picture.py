"""A day as blocks: where they lie, what overlaps, what is free."""

import datetime as dt
import uuid
from typing import Any
from zoneinfo import ZoneInfo

from appointments.queries.day import Busy, VisitOfDay
from mediconnect.portal.board.picture import Geometry, column_of, draw, free_between, hours_of, lanes
from providers.queries.day import Calendar

NEW_YORK = ZoneInfo("America/New_York")
DAY = dt.date(2026, 11, 30)


def at(hour: int, minute: int = 0, day: dt.date = DAY) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour, minute), NEW_YORK)


def visit(start: dt.datetime, end: dt.datetime, **words: Any) -> VisitOfDay:
    values: dict[str, Any] = dict.fromkeys(VisitOfDay.__dataclass_fields__)
    values |= {
        "id": uuid.uuid4(), "version": 1, "status": "booked", "start": start, "end": end, "buffer_before": 0,
        "buffer_after": 0, "family_name": "Moreau", "given_name": "Lena",
    }  # fmt: skip
    return VisitOfDay(**(values | words))


def calendar(*opens: tuple[dt.datetime, dt.datetime]) -> Calendar:
    return Calendar(uuid.uuid4(), "Dr. Amara Obi", "", active=True, opens=list(opens))


def test_a_block_lies_where_the_wall_clock_says() -> None:
    geometry = Geometry(DAY, NEW_YORK)
    assert geometry.classes(at(9, 30), at(10, 15)) == "h9 m30 eh10 em15"


def test_a_block_that_reaches_past_midnight_ends_with_the_day() -> None:
    geometry = Geometry(DAY, NEW_YORK)
    assert geometry.classes(at(23), at(1, day=DAY + dt.timedelta(days=1))) == "h23 m0 eh24 em0"


def test_on_a_change_day_a_visit_lies_at_its_own_wall_clock_time() -> None:
    sunday = dt.date(2026, 11, 1)  # the clocks went back at two
    geometry = Geometry(sunday, NEW_YORK)
    assert geometry.classes(at(9, day=sunday), at(9, 30, day=sunday)) == "h9 m0 eh9 em30"


def test_what_overlaps_lies_side_by_side_and_what_touches_does_not() -> None:
    first, second, third = visit(at(9), at(10)), visit(at(9, 30), at(10, 30)), visit(at(10, 30), at(11))
    assert lanes([first, second, third]) == {first.id: (1, 2), second.id: (2, 2), third.id: (1, 1)}


def test_free_is_what_is_open_and_neither_taken_nor_past() -> None:
    opens = [(at(9), at(12)), (at(13), at(17))]
    taken = [(at(10), at(10, 35)), (at(13), at(13, 58))]
    assert free_between(opens, taken, at(9, 30)) == [
        (at(9, 30), at(10)),
        (at(10, 35), at(12)),
        (at(13, 58), at(17)),
    ]


def test_a_gap_too_short_for_any_visit_is_not_offered() -> None:
    assert free_between([(at(9), at(10))], [(at(9), at(9, 56))], at(0)) == []


def test_buffers_are_hatched_and_not_offered() -> None:
    busy = visit(at(9), at(9, 30), buffer_after=10)
    column = column_of(calendar((at(9), at(10))), [busy], [], Geometry(DAY, NEW_YORK), free_since=at(0))
    assert [(item.kind, item.start, item.end) for item in column.items] == [
        ("visit", at(9), at(9, 30)),
        ("buffer", at(9, 30), at(9, 40)),
        ("free", at(9, 40), at(10)),
    ]


def test_a_cancelled_visit_gives_its_time_back_and_is_listed_apart() -> None:
    gone = visit(at(9), at(9, 30), status="cancelled")
    column = column_of(calendar((at(9), at(10))), [gone], [], Geometry(DAY, NEW_YORK), free_since=at(0))
    assert column.gone == [gone]
    assert [(item.kind, item.end) for item in column.items] == [("free", at(10))]


def test_a_group_is_one_block_with_its_members() -> None:
    session = uuid.uuid4()
    members = [visit(at(9), at(10), session_id=session, capacity=8, provider_id=None) for _ in range(3)]
    column = column_of(calendar((at(9), at(10))), members, [], Geometry(DAY, NEW_YORK), free_since=at(0))
    (group,) = column.items
    assert (group.kind, len(group.members)) == ("group", 3)


def test_a_hold_takes_time_and_leave_is_shown() -> None:
    one = calendar((at(9), at(11)))
    hold = Busy("hold", one.id, None, at(9), at(9, 30), at(8), "Sam Whitfield")
    away = Busy("away", one.id, None, at(11), at(18), None, "")
    closed = Busy("closed", None, None, at(20), at(21), None, "Boiler")
    column = column_of(one, [], [hold, away, closed], Geometry(DAY, NEW_YORK), free_since=at(0))
    assert [item.kind for item in column.items] == ["hold", "free", "away", "closed"]
    assert hours_of([column], NEW_YORK) == (9, 11)


def test_a_provider_without_anything_that_day_has_no_column_but_one_on_leave_has() -> None:
    idle, away = calendar(), calendar()
    leave = Busy("away", away.id, None, at(0), at(23), None, "")
    columns = draw([idle, away], [], [leave], Geometry(DAY, NEW_YORK), by_room=False, free_since=at(0))
    assert [column.id for column in columns] == [away.id]


def test_a_day_without_hours_shows_the_usual_ones() -> None:
    assert hours_of([], NEW_YORK) == (8, 18)
