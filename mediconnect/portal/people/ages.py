"""How old somebody is."""

import datetime as dt


def age_on(day: dt.date, birth_date: dt.date) -> int:
    """Return the full years of age on a day; whoever was born on 29 February has a birthday on 1 March in common years."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))
