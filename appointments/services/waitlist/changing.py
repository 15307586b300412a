"""Change a wish: its place in the line stays, and so does an offer that was made of what it said before."""

import uuid
from collections.abc import Mapping
from typing import Any, Final

from appointments.errors import WishClosed
from appointments.locks import lock_entry
from appointments.models import WaitlistEntry
from appointments.services.booking import Caller
from mediconnect.api.versions import Expected
from mediconnect.errors import Invalid
from mediconnect.resilience.transactions import decide
from mediconnect.telemetry.request_id import current_request_id

from .leaving import OPEN, check_entry_version
from .wishing import check_wish

CHANGEABLE: Final = frozenset(
    {
        "providers",
        "weekdays",
        "earliest_time",
        "latest_time",
        "from_date",
        "until_date",
        "notice_minutes",
        "priority",
        "note",
    }
)
_LISTS: Final = frozenset({"providers", "weekdays"})


def change_entry(
    *, entry_id: uuid.UUID, expected: Expected | None, change: Mapping[str, Any], caller: Caller
) -> WaitlistEntry:
    """Return the wish with these of `CHANGEABLE` rewritten; what is open and would suit it now is offered within a minute.

    Raises `NotFound`, `VersionConflict`, `WishClosed`, and what joining raises about a wish.
    """
    unknown = change.keys() - CHANGEABLE
    if unknown:
        raise Invalid(errors={name: ["This cannot be changed."] for name in sorted(unknown)})

    def work() -> WaitlistEntry:
        entry = lock_entry(entry_id)
        check_entry_version(entry, expected)
        if entry.state not in OPEN:
            raise WishClosed(state=entry.state)
        values = {name: sorted(set(value)) if name in _LISTS else value for name, value in change.items()}
        changed = [name for name, value in values.items() if getattr(entry, name) != value]
        for name in changed:
            setattr(entry, name, values[name])
        check_wish(entry, caller=caller, changed=changed)
        if changed:
            entry.save(update_fields=[*changed, "updated_at"])
        return entry

    return decide(work, actor_id=caller.user_id, request_id=current_request_id())
