"""A displaced visit that is moved, cancelled or taken any other way takes its row along, in the same transaction."""

from typing import Final

from appointments.locks import lock_rows_of
from appointments.models import Appointment, DisplacedVisit, Status
from appointments.models.displacement import OPEN
from appointments.models.status import MOVABLE

from .closing import close

State = DisplacedVisit.State

# What became of a displaced visit that is not to be moved any more: it did not happen, or it went on as it was.
_BY_STATUS: Final = {Status.CANCELLED: State.CANCELLED, Status.NO_SHOW: State.CANCELLED}


def follow(visit: Appointment) -> None:
    """Bring the row of a visit that was displaced (and is locked and written) in line with where the visit stands now.

    Moved by hand: moved. Cancelled, or nobody came: cancelled. The patient came after all: it stays as it was. Each time
    what was held for it is free, and a question that stood is taken back. A visit that comes back from one of these is on
    the call list again. Called where a visit changes, for visits that are or were displaced alone.
    """
    rows = lock_rows_of(visit)
    row = next((one for one in rows if one.state in OPEN), None)
    if visit.displaced and visit.status in MOVABLE:
        if row is None and rows:
            close(rows[0], State.TO_CALL)
    elif row is not None:
        close(row, State.MOVED if not visit.displaced else _BY_STATUS.get(Status(visit.status), State.RESTORED))
