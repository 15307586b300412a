"""Identifiers sort by the moment they were made."""

import datetime as dt

from mediconnect.records.identifiers import earliest_id, uuid7


def test_the_earliest_of_a_moment_parts_what_was_made_before_from_what_comes_after() -> None:
    before = uuid7()
    now = dt.datetime.now(dt.UTC)
    second = dt.timedelta(seconds=1)
    assert earliest_id(now - second) < before < earliest_id(now + second)
    assert earliest_id(now).version == 7
