"""Which patients a caller may see, and all that is shown of each in a fixed number of statements."""

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from typing import Any

from django.db.models import Prefetch, prefetch_related_objects

from mediconnect.api.principal import Principal
from patients.models import ContactPoint, ContactSystem, Dependant, Patient, Registration
from patients.models.dependant import DependantQuerySet
from patients.models.patient import PatientQuerySet


def visible_to(principal: Principal, *, clinic_ids: Collection[uuid.UUID] | None = None) -> PatientQuerySet:
    """Return the patients that the caller may see.

    Staff see those registered at their clinics, patients themselves and those in their care, superusers all, systems none.
    `clinic_ids` narrows staff to some of their clinics, such as those where they may write.
    """
    if principal.is_superuser:
        everyone = Patient.objects.all()
        return everyone if clinic_ids is None else everyone.at_clinics(clinic_ids)
    if principal.kind == "staff":
        own = principal.clinics()
        return Patient.objects.at_clinics(own if clinic_ids is None else own & set(clinic_ids))
    if principal.kind == "patient":
        return Patient.objects.filter(pk__in=principal.patient_ids)
    return Patient.objects.none()


def shown_to(principal: Principal, patients: PatientQuerySet) -> PatientQuerySet:
    """Return the patients with what is shown of each: two statements more, however many they are.

    Registrations at clinics that are not the caller's are left out: where else somebody is seen is nobody's business.
    """
    return patients.prefetch_related(*_shown(principal))


def complete(principal: Principal, patients: Sequence[Patient]) -> None:
    """Bring to patients in hand what `shown_to` reads of each."""
    prefetch_related_objects(patients, *_shown(principal))


def _shown(principal: Principal) -> tuple[Any, ...]:
    registrations = Registration.objects.select_related("clinic").order_by("clinic__name")
    if principal.kind == "staff" and not principal.is_superuser:
        registrations = registrations.filter(clinic__in=principal.clinics())
    contacts = ContactPoint.objects.active().order_by("system", "rank", "id")
    return Prefetch("registrations", registrations), Prefetch("contact_points", contacts)


def phones_of(patient_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Return the number under which each of these patients is called first, of those who have one; a statement, or none for nobody."""
    if not patient_ids:
        return {}
    points = ContactPoint.objects.active().filter(patient__in=patient_ids, system=ContactSystem.PHONE)
    backwards = points.order_by("-rank", "-id")  # so that the first stands last, and stays
    return dict(backwards.values_list("patient_id", "value"))


def in_care_of(guardian_id: uuid.UUID, *, today: dt.date, among: PatientQuerySet) -> DependantQuerySet:
    """Return the rights to act for others that this patient has today, for those `among` whom the caller may see."""
    rights = Dependant.objects.on(today).filter(guardian_id=guardian_id, patient__in=among.values("pk"))
    return rights.select_related("patient").order_by("patient__family_name", "patient__given_name", "id")
