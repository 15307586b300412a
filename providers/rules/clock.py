"""From a clinic's wall clock to instants: the only place that knows about clock changes.

A wall-clock range means the instants at which the clinic's clock shows a time in it, each shown time once. So a missing
hour is skipped (02:30 that does not exist becomes 03:00, the first time that does) and an ambiguous hour is taken
once, the first time it is shown. Nobody is offered “01:30” twice, and 09:00–17:00 is 09:00–17:00 on every day.
"""

import datetime as dt
from typing import Final
from zoneinfo import ZoneInfo

Span = tuple[dt.datetime, dt.datetime]

_NOTHING: Final = dt.timedelta()
_SECOND: Final = dt.timedelta(seconds=1)
_DAY: Final = dt.timedelta(days=1)


def spans(start: dt.datetime, end: dt.datetime, zone: ZoneInfo) -> list[Span]:
    """Return the instants (UTC, half-open, in order) at which the wall clock shows a time from `start` up to `end`.

    Both are naive wall-clock times at most a day or so apart, with one clock change between them at most: no zone has had
    two within a week. One span on ordinary days; none if the whole range is missing; two around a repeated hour.
    """
    earliest = min(_utc(start, zone, 0), _utc(start, zone, 1))
    latest = max(_utc(end, zone, 0), _utc(end, zone, 1))
    before, after = _offset(earliest, zone), _offset(latest, zone)
    if before == after:
        return [(_at(start, before), _at(end, before))]
    change = _change_between(earliest, latest, zone)
    first = (_at(start, before), min(_at(end, before), change))
    # What the clock shows again after it was set back is not taken a second time.
    second = (max(_at(start, after), change + max(_NOTHING, before - after)), _at(end, after))
    found = [span for span in (first, second) if span[0] < span[1]]
    if len(found) == 2 and found[0][1] == found[1][0]:
        return [(found[0][0], found[1][1])]
    return found


def hours_on(day: dt.date, start: dt.time, end: dt.time, zone: ZoneInfo) -> list[Span]:
    """Return the instants of hours that begin on this day; an end at or before the start means the next day."""
    last = day if end > start else day + _DAY
    return spans(dt.datetime.combine(day, start), dt.datetime.combine(last, end), zone)


def instant_of(wall: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """Return the first instant (UTC) at which the clock shows this naive time, or where it jumps over it, the jump."""
    earlier, later = _utc(wall, zone, 0), _utc(wall, zone, 1)
    return earlier if earlier <= later else _change_between(later, earlier, zone)


def start_of_day(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    """Return the instant (UTC) at which this day begins in the zone, midnight or the end of a missing hour after it."""
    return instant_of(dt.datetime.combine(day, dt.time()), zone)


def days_as_span(first: dt.date, last: dt.date, zone: ZoneInfo) -> Span:
    """Return the instants of whole days, the last one included."""
    return start_of_day(first, zone), start_of_day(last + _DAY, zone)


def _utc(wall: dt.datetime, zone: ZoneInfo, fold: int) -> dt.datetime:
    return wall.replace(tzinfo=zone, fold=fold).astimezone(dt.UTC)


def _at(wall: dt.datetime, offset: dt.timedelta) -> dt.datetime:
    return (wall - offset).replace(tzinfo=dt.UTC)


def _offset(instant: dt.datetime, zone: ZoneInfo) -> dt.timedelta:
    return instant.astimezone(zone).utcoffset() or _NOTHING


def _change_between(low: dt.datetime, high: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """Return the first instant with the offset of `high`, to the second, as zones change on whole seconds."""
    after = _offset(high, zone)
    while high - low > _SECOND:
        middle = low + dt.timedelta(seconds=(high - low) // _SECOND // 2)
        if _offset(middle, zone) == after:
            high = middle
        else:
            low = middle
    return high
