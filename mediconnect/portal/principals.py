"""Who may what, across users, memberships and patients: one statement for each request."""

import json
import uuid
from collections.abc import Mapping
from typing import Any

from django.db import connection

from mediconnect.api.principal import Principal

# The patient behind an account and those in its care today, self first. Written once, used by both statements.
_PATIENTS = """
    ARRAY(
        SELECT id FROM (
            SELECT p.id, 0 AS rank FROM patients_patient p WHERE p.user_id = u.id
            UNION
            SELECT d.patient_id, 1
            FROM patients_patient g JOIN patients_dependant d ON d.guardian_id = g.id
            WHERE g.user_id = u.id AND (d.ends_on IS NULL OR d.ends_on >= CURRENT_DATE)
        ) AS own ORDER BY rank, id
    )
"""

_BY_TOKEN = f"""
SELECT t.scope, t.user_id, c.client_id, {_PATIENTS}
FROM oauth2_provider_accesstoken t
LEFT JOIN accounts_user u ON u.id = t.user_id
LEFT JOIN oauth2_provider_application c ON c.id = t.application_id
WHERE t.token_checksum = %s AND t.expires > clock_timestamp()
  AND (u.is_active OR (t.user_id IS NULL AND c.authorization_grant_type = 'client-credentials'))
"""  # noqa: S608  composed of constants

_BY_USER = f"""
SELECT u.is_superuser, {_PATIENTS},
       (SELECT jsonb_object_agg(clinic_id, roles) FROM (
            SELECT m.clinic_id, jsonb_agg(m.role) AS roles
            FROM providers_membership m WHERE m.user_id = u.id GROUP BY m.clinic_id
       ) AS held)
FROM accounts_user u WHERE u.id = %s AND u.is_active
"""  # noqa: S608  composed of constants


_SECOND_FACTOR = """
SELECT EXISTS (
    SELECT FROM providers_membership m JOIN providers_clinic c ON c.id = m.clinic_id
    WHERE m.user_id = %s AND (m.role = 'clinic_admin' OR c.second_factor_for_all)
)
"""


def by_token(checksum: str) -> Principal | None:
    """Return the caller behind the SHA-256 of a bearer token; None if it is unknown, expired, revoked or disabled.

    A user's token acts as the patient, even where the user works here too; a client's own token as a system.
    """
    row = _row(_BY_TOKEN, checksum)
    if row is None:
        return None
    scope, user_id, client_id, patient_ids = row
    return Principal(
        user_id=user_id,
        kind="patient" if user_id else "system",
        patient_ids=tuple(patient_ids) if user_id else (),
        scopes=frozenset(scope.split()),
        client_id=client_id or "",
    )


def by_user(user_id: uuid.UUID) -> Principal:
    """Return what a signed-in user may do; raises `LookupError` for a missing or disabled user.

    Whoever works at a clinic, or administers all of them, acts as staff; everybody else as a patient.
    """
    row = _row(_BY_USER, user_id)
    if row is None:
        message = "No such user, or one that may not sign in."
        raise LookupError(message)
    is_superuser, patient_ids, held = row
    staff = is_superuser or bool(held)
    return Principal(
        user_id=user_id,
        kind="staff" if staff else "patient",
        patient_ids=() if staff else tuple(patient_ids),
        roles=_roles(held or {}),
        is_superuser=is_superuser,
    )


def must_have_second_factor(user_id: uuid.UUID) -> bool:
    """Return whether a role of the user, or the policy of a clinic where the user works, asks for a second factor."""
    row = _row(_SECOND_FACTOR, user_id)
    return bool(row and row[0])


def _row(statement: str, parameter: str | uuid.UUID) -> tuple[Any, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, [parameter])
        row: tuple[Any, ...] | None = cursor.fetchone()
        return row


def _roles(held: Mapping[str, list[str]] | str) -> dict[uuid.UUID, frozenset[str]]:
    parsed = json.loads(held) if isinstance(held, str) else held
    return {uuid.UUID(clinic): frozenset(roles) for clinic, roles in parsed.items()}
