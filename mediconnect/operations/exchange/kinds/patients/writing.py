"""Write a row about a patient: registered as at the desk, or changed as the desk changes it, version by version."""

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any, Final

from mediconnect.operations.exchange.kinds.kind import Order
from mediconnect.operations.exchange.scene import Scene
from mediconnect.operations.models import Verdict
from patients.models import ContactPoint, ContactSystem, index_of_value
from patients.services.changes import PatientChange, change_patient
from patients.services.contacts import ContactChange, NewContact, add_contact_point, change_contact_point
from patients.services.registration import NewPatient, register

_CONTACTS: Final = {"phone": ContactSystem.PHONE, "email": ContactSystem.EMAIL}


def write(scene: Scene, order: Order) -> uuid.UUID:
    """Register or change the patient of a row; return the patient's id. Raises what those services raise."""
    plan = order.plan
    if order.target is None:
        return _register(scene, plan, confirmed=order.verdict == Verdict.DOUBTFUL)
    change = PatientChange(
        given_name=plan.get("given_name"),
        family_name=plan.get("family_name"),
        birth_date=_day(plan),
        language=plan.get("language"),
        timezone=plan.get("timezone"),
        notes=plan.get("notes"),
    )
    change_patient(patient_id=order.target, version=order.seen or 0, change=change, today=scene.today)
    for name, system in _CONTACTS.items():
        if name in plan:
            _reach(scene, order.target, system, plan[name], plan.get("messages_allowed"))
    return order.target


def _register(scene: Scene, plan: Mapping[str, Any], *, confirmed: bool) -> uuid.UUID:
    person = NewPatient(
        given_name=plan.get("given_name", ""),
        family_name=plan.get("family_name", ""),
        birth_date=_day(plan),
        language=plan.get("language", "en"),
        timezone=plan.get("timezone", ""),
        notes=plan.get("notes", ""),
        contacts=[
            # Nobody said that this number may be written to, unless the file did.
            NewContact(system=system, value=plan[name], consent=bool(plan.get("messages_allowed")))
            for name, system in _CONTACTS.items()
            if name in plan
        ],
    )
    return register(
        clinic_id=scene.clinic.pk,
        person=person,
        today=scene.today,
        record_number=plan.get("record_number"),
        confirm_duplicate=confirmed,
    ).pk


def _reach(scene: Scene, patient_id: uuid.UUID, system: ContactSystem, value: str, allowed: bool | None) -> None:  # noqa: FBT001 - None says nothing
    """Let a number or address be the patient's; a new one takes the place of what was tried first."""
    points = list(ContactPoint.objects.active().filter(patient=patient_id, system=system).order_by("rank", "id"))
    known = next((point for point in points if point.value_index == index_of_value(system, value)), None)
    if known is None:
        first = points[0] if points else None
        if first is not None:
            _change(first, ContactChange(active=False))
        contact = NewContact(system=system, value=value, rank=first.rank if first else 1, consent=bool(allowed))
        add_contact_point(patient_id=patient_id, contact=contact, country=scene.country)
    elif allowed is not None and known.consent != allowed:
        _change(known, ContactChange(consent=allowed))


def _change(point: ContactPoint, change: ContactChange) -> None:
    change_contact_point(patient_id=point.patient_id, contact_point_id=point.pk, version=point.version, change=change)


def _day(plan: Mapping[str, Any]) -> dt.date | None:
    return dt.date.fromisoformat(plan["birth_date"]) if "birth_date" in plan else None
