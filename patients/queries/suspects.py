"""Who may be the person that is about to be registered."""

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Prefetch, Q

from patients.models import ContactPoint, Patient
from patients.rules.duplicates import Described, reasons_to_suspect

# Of many born on one day in a large city the first hundred are compared; more than five nobody compares by eye.
_COMPARED: Final = 100
_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Suspect:
    """A registered patient who may be the same person, and why."""

    patient_id: uuid.UUID
    given_name: str
    family_name: str
    birth_date: dt.date | None
    reasons: tuple[str, ...]

    def shown(self) -> dict[str, Any]:
        """Return what the desk compares with."""
        return {
            "id": self.patient_id,
            "given_name": self.given_name,
            "family_name": self.family_name,
            "birth_date": self.birth_date,
            "reasons": list(self.reasons),
        }


def suspects(person: Patient, *, contacts: Sequence[ContactPoint], clinic_ids: Collection[uuid.UUID]) -> list[Suspect]:
    """Return up to five patients of these clinics who are likely to be this person, the most suspicious first."""
    indexes = [point.value_index for point in contacts]
    like = Q(contact_points__value_index__in=indexes, contact_points__active=True)
    if person.birth_date is not None:
        like |= Q(birth_date=person.birth_date)
    candidates = Patient.objects.active().at_clinics(clinic_ids).filter(like).distinct()
    reached = Prefetch("contact_points", ContactPoint.objects.active().only("patient_id", "value_index"))
    described = _described(person, indexes)
    found = [
        Suspect(other.pk, other.given_name, other.family_name, other.birth_date, tuple(reasons))
        for other in candidates.defer("notes").prefetch_related(reached)[:_COMPARED]
        if (
            reasons := reasons_to_suspect(
                described, _described(other, [point.value_index for point in other.contact_points.all()])
            )
        )
    ]
    return sorted(found, key=lambda suspect: -len(suspect.reasons))[:_SHOWN]


def _described(patient: Patient, contacts: Sequence[str]) -> Described:
    return Described(patient.given_name, patient.family_name, patient.birth_date, frozenset(contacts))
