"""Free starts: openings minus what is taken, cut on the clinic's grid. All times are whole minutes since 1970 (UTC)."""

import bisect
import datetime as dt
import zoneinfo
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final

Ranges = list[tuple[int, int]]

_WEEK: Final = 7 * 24 * 60


def merged(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """Return the ranges in order, overlapping and adjoining ones made one."""
    result: Ranges = []
    for low, high in sorted(ranges):
        if result and low <= result[-1][1]:
            if high > result[-1][1]:
                result[-1] = (result[-1][0], high)
        else:
            result.append((low, high))
    return result


def blocked_starts(busy: Iterable[tuple[int, int]], *, before: int, length: int, after: int) -> Ranges:
    """Return when a visit may not begin because of what is taken: each range widened by what the visit would occupy.

    Half-open at both ends in whole minutes: a visit may begin where a range, and the buffer before it, ends.
    """
    return merged((low - length - after + 1, high + before) for low, high in busy)


def common(lists: Sequence[Ranges]) -> Ranges:
    """Return the times that lie in every one of the lists: when no room is free, all rooms are taken."""
    if not lists:
        return []
    result = lists[0]
    for other in lists[1:]:
        result = _intersection(result, other)
    return result


def _intersection(left: Ranges, right: Ranges) -> Ranges:
    result, i, j = [], 0, 0
    while i < len(left) and j < len(right):
        low, high = max(left[i][0], right[j][0]), min(left[i][1], right[j][1])
        if low < high:
            result.append((low, high))
        if left[i][1] < right[j][1]:
            i += 1
        else:
            j += 1
    return result


def minus(ranges: Ranges, taken: Ranges) -> Ranges:
    """Return what is left of the ranges; both lists are in order and disjoint."""
    result, j = [], 0
    for low, high in ranges:
        left = low
        while j < len(taken) and taken[j][1] <= left:
            j += 1
        k = j
        while k < len(taken) and taken[k][0] < high:
            if taken[k][0] > left:
                result.append((left, taken[k][0]))
            left = max(left, taken[k][1])
            k += 1
        if left < high:
            result.append((left, high))
    return result


def outside(ranges: Ranges, window: tuple[int, int]) -> Ranges:
    """Return the part of the window that lies in none of the ranges."""
    return minus([window], ranges)


def between(ranges: Ranges, low: int, high: int) -> Ranges:
    """Return those of the ranges, in order and disjoint, that share a minute with [low, high)."""
    first, last = bisect.bisect_right(ranges, (low,)), bisect.bisect_left(ranges, (high,))
    return ranges[first - 1 if first and ranges[first - 1][1] > low else first : last]


def meets(ranges: Ranges, low: int, high: int) -> bool:
    """Return whether any of the ranges, in order and disjoint, shares a minute with [low, high)."""
    place = bisect.bisect_left(ranges, (high,))
    return place > 0 and ranges[place - 1][1] > low


def covers(ranges: Ranges, low: int, high: int) -> bool:
    """Return whether one of the ranges, in order and disjoint, holds all of [low, high)."""
    place = bisect.bisect_right(ranges, (low, float("inf")))
    return place > 0 and ranges[place - 1][1] >= high


def offset_minutes(minute: int, zone: zoneinfo.ZoneInfo) -> int:
    """Return how many minutes the zone is ahead of UTC at that minute."""
    return _offset(minute // _STEADY, zone)


# Clocks change on the half hour of UTC: within one, a zone's offset is steady. Asked for thousands of times per answer.
_STEADY: Final = 30


@lru_cache(maxsize=50_000)
def _offset(half_hour: int, zone: zoneinfo.ZoneInfo) -> int:
    ahead = dt.datetime.fromtimestamp(half_hour * _STEADY * 60, zone).utcoffset()
    return int(ahead.total_seconds()) // 60 if ahead is not None else 0


@lru_cache(maxsize=100_000)
def local_text(minute: int, zone: zoneinfo.ZoneInfo) -> str:
    """Return the minute in RFC 3339 with the zone's own offset; kept, since every answer about a day writes it again."""
    return dt.datetime.fromtimestamp(minute * 60, zone).isoformat()


def on_grid(ranges: Ranges, *, grid: int, zone: zoneinfo.ZoneInfo) -> Iterator[int]:
    """Yield each minute of the ranges at which the clinic's clock shows a multiple of `grid` after the full hour."""
    for low, high in _short(ranges):
        ahead = offset_minutes(low, zone)
        if ahead == offset_minutes(high, zone):
            yield from range(low + (-(low + ahead)) % grid, high, grid)
        else:  # the clock changes in between: ask it each five minutes, which every grid divides into
            yield from (
                minute
                for minute in range(low + (-low) % 5, high, 5)
                if (minute + offset_minutes(minute, zone)) % grid == 0
            )


def _short(ranges: Ranges) -> Iterator[tuple[int, int]]:
    """Yield the ranges in pieces of a week: no clock changes twice in one, so the ends of a piece tell whether it did."""
    for low, high in ranges:
        for piece in range(low, high, _WEEK):
            yield piece, min(piece + _WEEK, high)


def free_starts(opens: Iterable[tuple[int, int]], blocked: Sequence[Ranges], *, length: int) -> Ranges:
    """Return when a visit of `length` minutes may begin: inside the openings as a whole, and in no blocked range."""
    begin = [(low, high - length + 1) for low, high in merged(opens) if high - low >= length]
    for ranges in blocked:
        begin = minus(begin, ranges)
    return begin
