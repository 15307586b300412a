"""Find patients by what the desk knows of them: one statement, each branch of it led by an index.

A branch per meaning of the words (names and dates, record number, end of a phone, phone, e-mail) collects ids; their
union is joined with the clinics that may see them, ranked and cut. A branch is cut at `_ENOUGH`, so that a single
letter costs no more than a name: whoever types so little is shown some, and types on.
"""

import uuid
from collections.abc import Collection
from typing import Any, Final

from patients.models import ContactSystem, Patient, index_of_last_four, index_of_value
from patients.rules.searching import Sought

_ENOUGH: Final = 2_000

_CONTACT: Final = """
SELECT c.patient_id, {rank} AS rank, FALSE AS alone FROM patients_contactpoint c
WHERE c.active AND c.{column} = ANY(%({name})s) LIMIT {enough}
"""

# Exact first, then numbers that begin so, then those that hold it somewhere. The number of a record that became part of
# another one stands on papers still: it finds that other one.
_NUMBER: Final = """
SELECT coalesce(g.merged_into_id, r.patient_id) AS patient_id,
       CASE WHEN upper(r.record_number) = %({name})s THEN 0 WHEN upper(r.record_number) LIKE %({name}_start)s THEN 2 ELSE 3 END AS rank,
       {alone} AS alone
FROM patients_registration r JOIN patients_patient g ON g.id = r.patient_id
WHERE upper(r.record_number) LIKE %({name}_part)s {registered} LIMIT {enough}
"""

_NAMED: Final = """
SELECT p.id AS patient_id, CASE WHEN p.search_name LIKE %(beginning)s THEN 1 ELSE 2 END AS rank, FALSE AS alone
FROM patients_patient p
WHERE p.active AND {conditions} {visible} LIMIT {enough}
"""

_RANKED: Final = """
SELECT {columns} FROM ({branches}) AS hit JOIN patients_patient p ON p.id = hit.patient_id
WHERE p.active AND (hit.alone OR ({conditions})) {visible}
GROUP BY p.id
ORDER BY min(hit.rank), similarity(p.search_name, %(names)s) DESC, p.family_name, p.given_name, p.id
LIMIT %(limit)s
"""

# What a row of a list shows.
_COLUMNS: Final = "p.id, p.version, p.given_name, p.family_name, p.birth_date, p.language, p.active"

_VISIBLE: Final = (
    "AND EXISTS (SELECT FROM patients_registration v WHERE v.patient_id = p.id AND v.clinic_id = ANY(%(clinics)s))"
)


def best_fits(sought: Sought, *, clinic_ids: Collection[uuid.UUID] | None, limit: int) -> list[Patient]:
    """Return the patients who fit, best first, at most `limit`, in one statement; notes and the like are not read.

    Only those registered at one of the clinics are found, by whatever they are sought; None stands for all clinics.
    Retired patients are not found.
    """
    if sought.empty:
        return []
    statement, parameters = statement_of(sought, clinic_ids=clinic_ids, limit=limit)
    return list(Patient.objects.raw(statement, parameters))


def found_by(sought: Sought, *, clinic_ids: Collection[uuid.UUID] | None, limit: int) -> list[uuid.UUID]:
    """Return the ids of what `best_fits` returns, for whoever filters by them."""
    return [patient.pk for patient in best_fits(sought, clinic_ids=clinic_ids, limit=limit)]


def statement_of(sought: Sought, *, clinic_ids: Collection[uuid.UUID] | None, limit: int) -> tuple[str, dict[str, Any]]:
    """Return the SQL of a search and its parameters, so that a test may have it explained."""
    parameters: dict[str, Any] = {"names": " ".join(sought.names), "limit": limit}
    visible = registered = ""
    if clinic_ids is not None:
        visible, registered = _VISIBLE, "AND r.clinic_id = ANY(%(clinics)s)"
        parameters["clinics"] = list(clinic_ids)
    conditions = _conditions(sought, parameters)
    branches = _identifier_branches(sought, parameters, registered)
    if not branches:
        parameters["beginning"] = f"{_escaped(' '.join(sought.names))}%"
        branches = [_NAMED.format(conditions=conditions, visible=visible, enough=_ENOUGH)]
    union = " UNION ALL ".join(f"({branch})" for branch in branches)
    return _RANKED.format(columns=_COLUMNS, branches=union, conditions=conditions, visible=visible), parameters


def _conditions(sought: Sought, parameters: dict[str, Any]) -> str:
    """Each word must stand somewhere in the name.

    A word of one or two letters has no trigram of its own, so it must begin one of the name's words: with the space
    before it the index has something to look up.
    """
    conditions = ["TRUE"]
    for number, word in enumerate(sought.names):
        conditions.append(f"p.search_name LIKE %(word{number})s")
        parameters[f"word{number}"] = f"%{' ' if len(word) < 3 else ''}{_escaped(word)}%"
    if sought.birth_dates:
        conditions.append("p.birth_date = ANY(%(birth_dates)s)")
        parameters["birth_dates"] = list(sought.birth_dates)
    return " AND ".join(conditions)


def _identifier_branches(sought: Sought, parameters: dict[str, Any], registered: str) -> list[str]:
    branches = []
    for name, column, rank, indexes in _contacts(sought):
        if indexes:
            branches.append(_CONTACT.format(column=column, name=name, rank=rank, enough=_ENOUGH))
            parameters[name] = indexes
    for name, number, alone in (("number", sought.record_number, "FALSE"), ("whole", sought.whole_number, "TRUE")):
        if number:
            branches.append(_NUMBER.format(name=name, alone=alone, registered=registered, enough=_ENOUGH))
            start = _escaped(number)
            parameters |= {name: number, f"{name}_start": f"{start}%", f"{name}_part": f"%{start}%"}
    return branches


def _contacts(sought: Sought) -> list[tuple[str, str, int, list[str]]]:
    return [
        ("phones", "value_index", 0, [index_of_value(ContactSystem.PHONE, phone) for phone in sought.phones]),
        ("email", "value_index", 0, [index_of_value(ContactSystem.EMAIL, sought.email)] if sought.email else []),
        ("last_four", "last_four_index", 1, [index_of_last_four(sought.last_four)] if sought.last_four else []),
    ]


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
