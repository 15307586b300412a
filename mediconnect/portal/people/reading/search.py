"""Find a patient of this clinic by what the desk knows: three statements, however many are found."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _

from mediconnect.errors import Invalid
from mediconnect.portal.desk import Desk
from mediconnect.portal.people.ages import age_on
from patients.models import ContactPoint, ContactSystem, Patient, Registration
from patients.queries import best_fits, visible_to
from patients.rules.contacts import country_of
from patients.rules.searching import read_search

# A desk that has to look through more types one more letter instead.
MOST: Final = 25
SHORTEST: Final = 2


@dataclass(frozen=True, slots=True)
class Hit:
    """A line of a list: enough to tell people apart. `phone` is the number that is tried first."""

    id: uuid.UUID
    given_name: str
    family_name: str
    birth_date: dt.date | None
    age: int | None
    number: str
    phone: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a search brought. `trouble` says why it could not be made; `more` that there are others who fit."""

    q: str
    hits: Sequence[Hit] = ()
    trouble: str = ""
    more: bool = False

    @property
    def short(self) -> bool:
        """Whether too little was typed to look for."""
        return len(self.q) < SHORTEST


def search(desk: Desk, text: str, *, most: int = MOST) -> Found:
    """Return the patients of the clinic who fit the words, best first."""
    q = " ".join(text.split())
    if len(q) < SHORTEST:
        return Found(q)
    country = country_of(desk.clinic.region)
    try:
        sought = read_search(q, language=f"en-{country}" if country else "en", countries=[country] if country else ())
    except Invalid as refusal:
        sentences = refusal.extra["errors"].get("q", [refusal.detail])
        return Found(q, trouble=" ".join(_(sentence) for sentence in sentences))
    patients = best_fits(sought, clinic_ids={desk.clinic.pk}, limit=most + 1)
    return Found(q, _hits(desk, patients[:most]), more=len(patients) > most)


def hit_of(desk: Desk, patient_id: uuid.UUID) -> Hit | None:
    """Return one patient of the clinic as a line of a list, or None for somebody who is not in its book."""
    chosen = visible_to(desk.principal, clinic_ids={desk.clinic.pk}).active().filter(pk=patient_id)
    return next(iter(_hits(desk, list(chosen.defer("notes")))), None)


def _hits(desk: Desk, patients: Sequence[Patient]) -> list[Hit]:
    ids = [patient.pk for patient in patients]
    if not ids:
        return []
    phones = ContactPoint.objects.active().filter(patient=OuterRef("patient"), system=ContactSystem.PHONE)
    first = Subquery(phones.order_by("rank", "id").values("pk")[:1])
    own: Any = Registration.objects.filter(clinic=desk.clinic.pk, patient__in=ids).annotate(phone=first)
    known = {row.patient_id: row for row in own}
    values: Any = ContactPoint.objects.filter(pk__in=[row.phone for row in known.values() if row.phone])
    phone_of = dict(values.values_list("patient_id", "value"))
    return [
        Hit(
            patient.pk,
            patient.given_name,
            patient.family_name,
            patient.birth_date,
            age_on(desk.today, patient.birth_date) if patient.birth_date else None,
            known[patient.pk].record_number if patient.pk in known else "",
            phone_of.get(patient.pk, ""),
        )
        for patient in patients
    ]
