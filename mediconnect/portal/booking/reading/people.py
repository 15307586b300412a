"""Who calls: the search as somebody types, the patient who was chosen, and a first guess at somebody new."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _

from appointments.models.status import CLAIMING
from mediconnect.errors import Invalid, NotFound
from mediconnect.portal.desk import Desk
from patients.models import Registration
from patients.queries import best_fits, visible_to
from patients.rules.contacts import country_of
from patients.rules.searching import read_search

SHORTEST_SEARCH: Final = 2
_SHOWN: Final = 8
_HINTS: Final = 3


@dataclass(frozen=True, slots=True)
class Person:
    """A patient as a line of a list: enough to be sure who it is."""

    id: uuid.UUID
    given_name: str
    family_name: str
    birth_date: dt.date | None
    number: str
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """What a search brought; `trouble` says why it could not be made, `short` that it is too short to be made."""

    people: Sequence[Person]
    q: str
    trouble: str = ""

    @property
    def short(self) -> bool:
        """Whether too little was typed."""
        return len(self.q) < SHORTEST_SEARCH


@dataclass(frozen=True, slots=True)
class Other:
    """Another visit of the patient: when, with whom, and whether it is today."""

    id: uuid.UUID
    day: str
    time: str
    provider: str
    today: bool


@dataclass(frozen=True, slots=True)
class Chosen:
    """The patient one books for, and what else this patient has."""

    person: Person
    others: Sequence[Other]


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody who is about to be registered, as typed."""

    given_name: str = ""
    family_name: str = ""
    birth_date: str = ""
    phone: str = ""


def find(desk: Desk, q: str) -> Found:
    """Return the patients of the clinic who fit, best first. Two statements at most."""
    if len(q) < SHORTEST_SEARCH:
        return Found((), q)
    country = country_of(desk.clinic.region)
    try:
        sought = read_search(q, language=f"en-{country}" if country else "en", countries=[country] if country else ())
    except Invalid as refusal:
        sentences = [_(sentence) for sentence in refusal.extra["errors"].get("q", [refusal.detail])]
        return Found((), q, " ".join(sentences))
    patients = best_fits(sought, clinic_ids={desk.clinic.pk}, limit=_SHOWN)
    numbers = record_numbers(desk, [patient.pk for patient in patients])
    people = [
        Person(patient.pk, patient.given_name, patient.family_name, patient.birth_date, numbers.get(patient.pk, ""))
        for patient in patients
    ]
    return Found(people, q)


def record_numbers(desk: Desk, patients: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Return under which number the clinic knows each of these patients."""
    if not patients:
        return {}
    known: Any = Registration.objects.filter(clinic=desk.clinic.pk, patient__in=patients)
    return dict(known.values_list("patient_id", "record_number"))


def require_known(desk: Desk, patient_id: uuid.UUID | None) -> None:
    """Raise `NotFound` for a patient of another clinic: even when they are busy is not this one's to know. One statement."""
    if patient_id is None:
        return
    if not visible_to(desk.principal, clinic_ids={desk.clinic.pk}).active().filter(pk=patient_id).exists():
        raise NotFound


def choose(desk: Desk, patient_id: uuid.UUID) -> Chosen:
    """Return a patient of the clinic with the visits that stand in the calendar already. Raises `NotFound`. Two statements."""
    number = Registration.objects.filter(clinic=desk.clinic.pk, patient=OuterRef("pk")).values("record_number")
    patient: Any = (
        visible_to(desk.principal, clinic_ids={desk.clinic.pk})
        .active()
        .filter(pk=patient_id)
        .values_list("pk", "given_name", "family_name", "birth_date", Subquery(number))
        .first()
    )
    if patient is None:
        raise NotFound
    return Chosen(Person(*patient), _others(desk, patient_id))


def _others(desk: Desk, patient_id: uuid.UUID) -> list[Other]:
    """Return the next few visits, those of today first even when their time has passed."""
    habits = desk.habits
    midnight, _next = desk.span(desk.today)
    visits = (
        desk.visits().filter(patient=patient_id, status__in=CLAIMING, starts_at__gte=midnight).order_by("starts_at")
    )
    rows = visits.values_list("pk", "starts_at", "provider__name")[:_HINTS]
    local = [(pk, starts_at.astimezone(desk.zone), provider) for pk, starts_at, provider in rows]
    return [
        Other(pk, habits.short_day(start.date()), habits.time(start), provider, start.date() == desk.today)
        for pk, start, provider in local
    ]


def guess(desk: Desk, q: str) -> Newcomer:
    """Return what the words of a search say of somebody new: names, a birth date, a phone number.

    The last word is taken for the family name, unless a comma follows the first; what was typed without capitals gets them.
    """
    country = country_of(desk.clinic.region)
    words = q.replace(",", " , ").split()
    names = [word for word in words if not any(character.isdigit() or character == "@" for character in word)]
    numbers = " ".join(word for word in words if any(character.isdigit() for character in word))
    try:
        sought = read_search(numbers, language=f"en-{country}" if country else "en", countries=[country or "US"])
    except Invalid:
        return Newcomer(*_split(names))
    born = sought.birth_dates[0].isoformat() if sought.birth_dates else ""
    return Newcomer(*_split(names), born, numbers if sought.phones and not born else "")


def _split(words: Sequence[str]) -> tuple[str, str]:
    """Return (given name, family name)."""
    if "," in words:
        place = words.index(",")
        family, given = words[:place], [word for word in words[place + 1 :] if word != ","]
    else:
        family, given = list(words[-1:]), list(words[:-1])
    return _capitals(" ".join(given)), _capitals(" ".join(family))


def _capitals(name: str) -> str:
    """Give each word its capital where none was typed; McGregor and van Dyck stay as they were written."""
    return name if name != name.lower() else " ".join(word[:1].upper() + word[1:] for word in name.split(" "))
