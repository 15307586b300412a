"""Leave the waitlist; an offer that stands is taken back and goes to who is next."""

import uuid

from appointments.errors import WishClosed
from appointments.locks import lock_entry
from appointments.models import WaitlistEntry, WaitlistOffer
from appointments.rules.waitlist import Why
from appointments.services.booking import Caller
from mediconnect.api.versions import Expected
from mediconnect.errors import NotFound, VersionConflict
from mediconnect.resilience.transactions import Restart, decide
from mediconnect.telemetry.request_id import current_request_id

from .ending import close_entries, end_and_go_on

OPEN = (WaitlistEntry.State.WAITING, WaitlistEntry.State.OFFERED)


def withdraw_entry(*, entry_id: uuid.UUID, caller: Caller, expected: Expected | None = None) -> WaitlistEntry:
    """Return the withdrawn wish; one that is withdrawn already is returned as it is.

    Raises `NotFound`, `VersionConflict` where `expected` is another version, and `WishClosed` for one that was met or ran
    out.
    """

    def work() -> WaitlistEntry:
        seen = WaitlistEntry.objects.filter(pk=entry_id).first()
        if seen is None:
            raise NotFound
        if seen.state == WaitlistEntry.State.WITHDRAWN:
            return seen
        if seen.state not in OPEN:
            raise WishClosed(state=seen.state)
        check_entry_version(seen, expected)
        offer = WaitlistOffer.objects.filter(entry=entry_id, state=WaitlistOffer.State.OFFERED).first()
        if offer is not None:  # its resources come before the wish in the order of locks
            end_and_go_on(offer.pk, WaitlistOffer.State.WITHDRAWN, why=Why.LEFT, close_entry=True)
        else:
            check_entry_version(lock_entry(entry_id), expected)
            close_entries([entry_id], WaitlistEntry.State.WITHDRAWN)
        left = lock_entry(entry_id)
        if left.state != WaitlistEntry.State.WITHDRAWN:
            raise Restart  # it was offered something, or answered, between the look and the lock
        return left

    return decide(work, actor_id=caller.user_id, request_id=current_request_id())


def check_entry_version(entry: WaitlistEntry, expected: Expected | None) -> None:
    """Raise `VersionConflict`, with the wish as `entry`, unless it has the version that the caller saw; None is any."""
    if expected is not None and entry.version != expected.version:
        conflict = VersionConflict(by_header=expected.by_header, current_version=entry.version)
        conflict.entry = entry  # type: ignore[attr-defined]
        raise conflict
