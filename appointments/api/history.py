"""How a change looks to staff: who, what, before and after, opened where it was stored sealed."""

from typing import Any, Final

from mediconnect.records.encryption import decrypt
from mediconnect.records.models import Change

_SEALED: Final = frozenset({"reason", "patient_note", "internal_note"})
# Columns that the row's own times and identity already tell.
_LEFT_OUT: Final = frozenset({"id", "created_at", "updated_at", "version", "during"})


def render_change(change: Change) -> dict[str, Any]:
    """Return the change as the contract shows it."""
    return {
        "at": change.at.isoformat(),
        "operation": change.operation,
        "version": change.version,
        "by": change.actor_id,
        "request_id": change.request_id or None,
        "reason": change.reason or None,
        "before": _opened(change.before),
        "after": _opened(change.after),
    }


def _opened(columns: dict[str, Any]) -> dict[str, Any]:
    return {
        name: decrypt(value) if name in _SEALED and isinstance(value, str) else value
        for name, value in columns.items()
        if name not in _LEFT_OUT
    }
