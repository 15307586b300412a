"""Make sure that the holder of a link is who the visit is for: by the birth date, a few tries an hour."""

import datetime as dt

from mediconnect.accounts.services.attempts import count_birth_date, forgive_birth_date
from notifications.errors import BirthDateWrong

from .opening import Opened


def check_birth_date(*, opened: Opened, birth_date: dt.date, number: int | None = None) -> tuple[int, ...]:
    """Return the numbers on the page whose patient was born on that day: the patient of visit `number` where one is named.

    Each try is counted in the database before it is looked at. Raises `BirthDateWrong` with the tries that are left, and
    `TooManyAttempts` after five in an hour.
    """
    left = count_birth_date(link_hash=opened.hash)
    patients = opened.patients
    born = [one for one, patient in patients.items() if patient.active and patient.birth_date == birth_date]
    if number is not None:
        meant = opened.told(number).visit.patient_id
        born = [one for one in born if patients[one].pk == meant]
    if not born:
        raise BirthDateWrong(tries_left=left)
    forgive_birth_date(link_hash=opened.hash)
    return tuple(born)


def can_be_checked(opened: Opened) -> bool:
    """Return whether the clinic knows any birth date to compare with."""
    return any(patient.active and patient.birth_date for patient in opened.patients.values())
