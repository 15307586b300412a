"""Make sure that the holder of a link is who the visit is for: by the birth date, a few tries an hour."""

import datetime as dt

from mediconnect.accounts.services.attempts import count_birth_date, forgive_birth_date
from notifications.errors import BirthDateWrong

from .opening import Opened


def check_birth_date(*, opened: Opened, birth_date: dt.date) -> tuple[int, ...]:
    """Return the numbers of the visits whose patient was born on that day.

    Each try is counted in the database before it is looked at. Raises `BirthDateWrong` with the tries that are left, and
    `TooManyAttempts` after five in an hour.
    """
    left = count_birth_date(link_hash=opened.hash)
    numbers = tuple(
        told.number
        for told in opened.visits
        if told.visit.patient.active and told.visit.patient.birth_date == birth_date
    )
    if not numbers:
        raise BirthDateWrong(tries_left=left)
    forgive_birth_date(link_hash=opened.hash)
    return numbers


def can_be_checked(opened: Opened) -> bool:
    """Return whether the clinic knows any birth date to compare with."""
    return any(told.visit.patient.active and told.visit.patient.birth_date for told in opened.visits)
