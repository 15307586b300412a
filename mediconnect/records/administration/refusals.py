"""What the database refuses, in words: its constraints are named as sentences, so their names say it."""

from typing import Final

from django.db import DatabaseError, OperationalError

from mediconnect.errors import DomainError, TryAgain
from mediconnect.resilience.transactions import Restart, refusal

# What a person at a form may run into. Anything else is a fault of ours and stays one.
REFUSALS: Final = (DomainError, Restart, DatabaseError)

# For constraints that PostgreSQL or Django named: what kind of rule it was, by SQLSTATE (appendix A of its manual).
_KINDS: Final = {
    "22001": "One of the values is too long.",
    "22003": "One of the numbers is too large.",
    "23502": "A value is missing.",
    "23503": "This refers to something that is not there, or something else refers to it.",
    "23505": "Another record has this value already.",
    "23514": "One of the values is out of range.",
    "23P01": "This overlaps with something else.",
}


def sentences(error: Exception) -> dict[str, list[str]]:
    """Return what to tell the person at the form, by field; "" holds what concerns the whole form.

    Raises the error itself where nobody foresaw it: a fault must not look like a refusal.
    """
    if isinstance(error, DomainError):
        named: dict[str, list[str]] = error.extra.get("errors") or {}
        return named or {"": [error.detail]}
    if isinstance(error, Restart | OperationalError):
        return {"": [TryAgain.sentence]}
    state, name = refusal(error)
    if state not in _KINDS:
        raise error
    return {"": [_spoken(name) or _KINDS[state]]}


def _spoken(name: str) -> str:
    """Return the sentence that a constraint's name is; empty for a generated name, as in patients_patient_user_id_key."""
    first, *rest = name.split("_")
    generated = rest[-1:] in (["key"], ["uniq"], ["check"], ["fkey"]) or "_fk_" in name or "_uniq_" in name
    return "" if generated or not rest else f"The database refuses this: {' '.join([first, *rest])}."
