"""When nobody is disturbed: nights by a person's own clock, on the days when it is changed as well."""

import datetime as dt
from zoneinfo import ZoneInfo

_DAY = dt.timedelta(days=1)


def night_at(
    moment: dt.datetime, *, zone: ZoneInfo, begins: dt.time, ends: dt.time
) -> tuple[dt.datetime, dt.datetime] | None:
    """Return beginning and end, in UTC, of the night that the moment lies in; None by day.

    A night ends at `ends` of the next day, or of the same day where `begins` is before it; with both equal there is none.
    Its end is no longer night. Where the clock shows an hour twice, or leaves one out, the night is the longer one.
    """
    if begins == ends:
        return None
    today = moment.astimezone(zone).date()
    for day in (today - _DAY, today):
        last = day if begins < ends else day + _DAY
        start, end = min(_moments(day, begins, zone)), max(_moments(last, ends, zone))
        if start <= moment < end:
            return start, end
    return None


def quiet_until(moment: dt.datetime, *, zone: ZoneInfo, begins: dt.time, ends: dt.time) -> dt.datetime | None:
    """Return when the night ends that the moment lies in, in UTC; None by day."""
    night = night_at(moment, zone=zone, begins=begins, ends=ends)
    return night[1] if night else None


def _moments(day: dt.date, time: dt.time, zone: ZoneInfo) -> tuple[dt.datetime, dt.datetime]:
    """Return the moments at which the clock shows, or would show, this time: two where it was changed, else one twice."""
    wall = dt.datetime.combine(day, time.replace(tzinfo=None))
    return (
        wall.replace(tzinfo=zone, fold=0).astimezone(dt.UTC),
        wall.replace(tzinfo=zone, fold=1).astimezone(dt.UTC),
    )
