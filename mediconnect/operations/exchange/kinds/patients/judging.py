"""Look at rows about patients: who is meant, what would change, and who may be there already."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from django.db.models import Prefetch, Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_noop

from mediconnect.operations.exchange.cells import read_answer, read_language
from mediconnect.operations.exchange.findings import Difference, Finding, Judged, Line, Unfit
from mediconnect.operations.exchange.scene import Reading, Scene
from mediconnect.operations.models import Verdict
from patients.models import ContactPoint, ContactSystem, Patient, Registration, index_of_value
from patients.rules.contacts import normal_email, normal_phone
from patients.rules.duplicates import Described, reasons_to_suspect
from patients.rules.identity import check_birth_date, check_zone, clean_name, clean_record_number, folded
from patients.services.contacts import preferred

_LONGEST_NOTES: Final = 4_000
_OWN: Final = ("given_name", "family_name", "birth_date", "language", "timezone", "notes")
_CONTACTS: Final = {"phone": ContactSystem.PHONE, "email": ContactSystem.EMAIL}
# Of many born on one day in a large city so many are compared, as at the desk.
_COMPARED: Final = 2_000


@dataclass(frozen=True, slots=True)
class _Read:
    """A row whose cells can be used: `plan` is what it says, by column and without what it leaves empty."""

    line: Line
    plan: dict[str, Any]

    @property
    def number(self) -> str:
        return str(self.plan.get("record_number", ""))


def judge(scene: Scene, lines: Sequence[Line]) -> list[Judged]:
    """Return what each row would do; five statements at most, however many rows there are."""
    judged, read = list[Judged](), list[_Read]()
    for line in lines:
        try:
            read.append(_Read(line, _plan(line, scene)))
        except Unfit as unfit:
            judged.append(Judged(number=line.number, verdict=Verdict.REFUSED, findings=unfit.findings))
    known = _registered(scene, {row.number.upper() for row in read if row.number})
    newcomers = [row for row in read if row.number.upper() not in known]
    likely = _likely(scene, newcomers)
    judged += [_of_known(row, known[row.number.upper()]) for row in read if row.number.upper() in known]
    judged += [_of_newcomer(row, likely) for row in newcomers]
    return judged


def _plan(line: Line, scene: Scene) -> dict[str, Any]:
    reading = Reading(line, scene)
    born = reading.date("birth_date")
    if born is not None:
        reading.take("birth_date", lambda _text: check_birth_date(born, today=scene.today))
    said: dict[str, Any] = {
        "record_number": reading.take("record_number", clean_record_number),
        "given_name": reading.take("given_name", partial(clean_name, field="given_name")),
        "family_name": reading.take("family_name", partial(clean_name, field="family_name")),
        "birth_date": born.isoformat() if born else None,
        "phone": reading.take("phone", partial(normal_phone, country=scene.country)),
        "email": reading.take("email", normal_email),
        "messages_allowed": reading.take("messages_allowed", read_answer),
        "language": reading.take("language", read_language),
        "timezone": reading.take("timezone", check_zone),
        "notes": line.get("notes") or None,
    }
    if len(line.get("notes")) > _LONGEST_NOTES:
        reading.wrong("notes", gettext_noop("Notes have 4,000 characters at most."))
    if not line.get("given_name") and not line.get("family_name"):
        reading.wrong("family_name", gettext_noop("A person has a given or a family name, or both."))
    reading.finish()
    return {name: value for name, value in said.items() if value is not None}


def _registered(scene: Scene, numbers: Iterable[str]) -> Mapping[str, Patient]:
    wanted = list(numbers)
    if not wanted:
        return {}
    found = Registration.objects.annotate(upper=Upper("record_number")).filter(clinic=scene.clinic, upper__in=wanted)
    contacts = Prefetch("patient__contact_points", ContactPoint.objects.active().order_by("system", "rank", "id"))
    return {row.upper: row.patient for row in found.select_related("patient").prefetch_related(contacts)}


def _of_known(row: _Read, patient: Patient) -> Judged:
    if not patient.active:
        gone = Finding(gettext_noop("The record with this number is out of use."), "record_number")
        return Judged(number=row.line.number, verdict=Verdict.REFUSED, findings=[gone])
    found = differences(patient, row.plan)
    return Judged(
        number=row.line.number,
        verdict=Verdict.CHANGE if found else Verdict.SAME,
        differences=found,
        plan=row.plan,
        target=patient.pk,
        seen=patient.version,
        key=f"number {row.number.upper()}",
    )


def differences(patient: Patient, plan: Mapping[str, Any]) -> list[Difference]:
    """Return what a row would change about a patient whose contact points are at hand."""
    found = [
        Difference(name, str(getattr(patient, name) or ""), plan[name])
        for name in _OWN
        if name in plan and plan[name] != str(getattr(patient, name) or "")
    ]
    points = list(patient.contact_points.all())
    for name, system in _CONTACTS.items():
        found += _of_contact(name, system, points, plan)
    return found


def _of_contact(
    name: str, system: ContactSystem, points: Sequence[ContactPoint], plan: Mapping[str, Any]
) -> list[Difference]:
    own = [point for point in points if point.system == system]
    first, allowed = preferred(own, system), plan.get("messages_allowed")
    if name in plan:
        meant = next((p for p in own if p.value_index == index_of_value(system, plan[name])), None)
        if meant is None:
            return [Difference(name, first.value if first else "", plan[name])]
    else:
        meant = None
    if meant is None or allowed is None or meant.consent == allowed:
        return []
    return [Difference("messages_allowed", _word(said=meant.consent), _word(said=allowed))]


def _word(*, said: bool) -> str:
    return "yes" if said else "no"


def _likely(scene: Scene, rows: Sequence[_Read]) -> Sequence[tuple[Patient, Described, str]]:
    """Return the clinic's patients who may be one of the newcomers, each as far as likeness and its number go."""
    born = {row.plan["birth_date"] for row in rows if "birth_date" in row.plan}
    indexes = {index for row in rows for index in _indexes(row.plan)}
    if not born and not indexes:
        return []
    points = ContactPoint.objects.active().filter(value_index__in=indexes)
    contacts = Prefetch("patient__contact_points", ContactPoint.objects.active().order_by("system", "rank", "id"))
    found = Registration.objects.filter(
        Q(patient__birth_date__in=born) | Q(patient__in=points.values("patient")),
        clinic=scene.clinic,
        patient__active=True,
    )
    few = found.select_related("patient").prefetch_related(contacts)[:_COMPARED]
    return [(row.patient, _described(row.patient), row.record_number) for row in few]


def _described(patient: Patient) -> Described:
    contacts = frozenset(point.value_index for point in patient.contact_points.all())
    return Described(patient.given_name, patient.family_name, patient.birth_date, contacts)


def _indexes(plan: Mapping[str, Any]) -> list[str]:
    return [index_of_value(system, plan[name]) for name, system in _CONTACTS.items() if name in plan]


def _of_newcomer(row: _Read, likely: Sequence[tuple[Patient, Described, str]]) -> Judged:
    plan, key = row.plan, f"number {row.number.upper()}" if row.number else ""
    mine = _as_described(plan)
    suspects = [(p, number) for p, other, number in likely if reasons_to_suspect(mine, other)]
    if not row.number:
        same = next((p for p, _number in suspects if _is_same(p, plan)), None)
        if same is not None:
            return Judged(number=row.line.number, verdict=Verdict.SAME, plan=plan, target=same.pk, seen=same.version)
    if not suspects:
        return Judged(number=row.line.number, verdict=Verdict.NEW, plan=plan, key=key)
    sentence = gettext_noop("May be the patient with record number %(numbers)s: compare names, birth date and phone.")
    numbers = ", ".join(number for _p, number in suspects[:5])
    told = Finding(sentence, "", {"numbers": numbers})
    return Judged(number=row.line.number, verdict=Verdict.DOUBTFUL, findings=[told], plan=plan, key=key)


def _as_described(plan: Mapping[str, Any]) -> Described:
    born = dt.date.fromisoformat(plan["birth_date"]) if "birth_date" in plan else None
    return Described(plan.get("given_name", ""), plan.get("family_name", ""), born, frozenset(_indexes(plan)))


def _is_same(patient: Patient, plan: Mapping[str, Any]) -> bool:
    """Return whether a row without a number says of a patient what is there: names and birth date, and nothing else new."""
    names = [(patient.given_name, plan.get("given_name", "")), (patient.family_name, plan.get("family_name", ""))]
    born = str(patient.birth_date or "")
    alike = all(folded(one) == folded(other) for one, other in names) and born and plan.get("birth_date") == born
    return bool(alike) and not [
        one for one in differences(patient, plan) if one.column not in {"given_name", "family_name"}
    ]
