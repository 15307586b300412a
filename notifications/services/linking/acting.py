"""What the holder of a link does to a visit: everything through the services of appointments, as a patient's own act."""

import datetime as dt
import uuid
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from appointments.models import Appointment, Status
from appointments.services.booking import Caller
from appointments.services.cancelling import cancel_appointment
from appointments.services.flow import advance_appointment
from appointments.services.moving import reschedule_appointment
from appointments.services.undoing import undo_last_step
from mediconnect.api.versions import Expected
from mediconnect.errors import TryAgain, VersionConflict
from mediconnect.resilience.transactions import decide
from mediconnect.telemetry.request_id import current_request_id
from notifications.errors import LinkRevoked
from notifications.models import Reply
from notifications.rules.reasons import Why

from .opening import BY_LINK, Opened, Standing, Told, open_link

_PATIENT: Final = Caller(None, patients_own=True)
# Somebody else was faster so many times in a row: then a person may look again.
_LOOKS: Final = 5


def confirm_by_link(*, token: str, number: int) -> Told:
    """Say that the patient will come, and return the visit as it stands; said twice, it is done once.

    Raises `LinkUnknown`, and `LinkRevoked` where the visit has another time by now, has begun or was cancelled.
    """

    def work(told: Told) -> None:
        if not told.is_confirmed:
            _check_open(told)
            advance_appointment(appointment_id=told.visit.pk, step="confirm", expected=_seen(told), caller=_PATIENT)

    return _settle(token, number, work)


def cancel_by_link(*, token: str, number: int, reason: str) -> Told:
    """Cancel the visit for a reason of the patient's (`patient_…`) and return it; cancelled twice, it is cancelled once.

    Raises `LinkUnknown`, `LinkRevoked`, `Invalid` for a reason that is none, and `TooLateToCancel` with the clinic's phone.
    """

    def work(told: Told) -> None:
        if told.undo_until is None:
            _check_open(told)
            cancel_appointment(appointment_id=told.visit.pk, reason=reason, expected=_seen(told), caller=_PATIENT)

    return _settle(token, number, work)


def undo_by_link(*, token: str, number: int) -> Told:
    """Take back a cancellation that was made by a link, within two minutes, and return the visit.

    Raises `LinkRevoked` where nothing of that kind can be taken back (any more), `SlotTaken` where somebody has the time.
    """

    def work(told: Told) -> None:
        if told.standing is Standing.OPEN:
            return
        if told.undo_until is None:
            raise LinkRevoked
        undo_last_step(appointment_id=told.visit.pk, expected=_seen(told), caller=_PATIENT)

    return _settle(token, number, work)


def move_by_link(*, token: str, number: int, start: dt.datetime) -> Told:
    """Move the visit to a free time of the same provider, within the clinic's rules, and return it.

    Sent twice, it moves once. Raises `LinkRevoked` where it has another time than either, and what moving raises:
    `SlotTaken`, `TooLateToMove` with the clinic's phone, the refusals of the rules.
    """

    def work(told: Told) -> None:
        if told.visit.starts_at == start and told.visit.status == Status.BOOKED:
            return
        _check_open(told)
        reschedule_appointment(appointment_id=told.visit.pk, start=start, expected=_seen(told), caller=_PATIENT)

    return _settle(token, number, work)


def ask_for_call(*, opened: Opened, told: Told) -> Reply:
    """Put into the clinic's inbox that the patient wants to be called about this visit, and return what stands there.

    Asked again while it waits, it is asked once; after somebody closed it, it is asked anew. Raises `LinkRevoked`.
    """
    _check_open(told)

    def work() -> Reply:
        # One look: what waits and how often it was asked belong to one moment, else two clicks find two keys.
        asked = list(Reply.objects.filter(message=opened.message, visit=told.visit, meaning=Reply.Meaning.CALL))
        for reply in asked:
            if reply.state == Reply.State.OPEN:
                return reply
        key = f"link-{opened.message.pk}-{told.visit.pk}-{len(asked)}"
        # The other of two clicks: its row is waited for and found, or the snapshot is too old and the work begins anew.
        Reply.objects.bulk_create([Reply(provider_id=key, **_asked(opened, told))], ignore_conflicts=True)
        return Reply.objects.get(provider_id=key)

    return decide(work, actor_id=None, request_id=current_request_id(), reason=BY_LINK)


def waits_for_call(opened: Opened) -> set[uuid.UUID]:
    """Return the visits about which this link's holder waits for a call."""
    asked = Reply.objects.filter(message=opened.message, meaning=Reply.Meaning.CALL, state=Reply.State.OPEN)
    return set(asked.values_list("visit_id", flat=True))


def _asked(opened: Opened, told: Told) -> dict[str, Any]:
    return {
        "channel": opened.message.channel,
        "sender": opened.message.recipient,
        "sender_index": opened.message.recipient_index,
        "meaning": Reply.Meaning.CALL,
        "state": Reply.State.OPEN,
        "reason": Why.ASKED_BY_LINK,
        "message": opened.message,
        "visit": told.visit,
        "patient_id": told.visit.patient_id,
        "clinic_id": told.visit.clinic_id,
    }


def _settle(token: str, number: int, work: Callable[[Told], None]) -> Told:
    """Do the work on the visit as it was seen, and return it as it is then.

    What was checked was read without a lock, but each service refuses another version than the one that was read: then it
    is looked at again. Clicks that come at once end that way, the first acting and the others finding it done.
    """
    for _ in range(_LOOKS):
        told = open_link(token).told(number)
        try:
            decide(partial(work, told), actor_id=None, request_id=current_request_id(), reason=BY_LINK)
        except VersionConflict:
            continue
        return open_link(token).told(number)
    raise TryAgain


def _check_open(told: Told) -> None:
    if told.standing is not Standing.OPEN:
        raise LinkRevoked


def _seen(told: Told) -> Expected:
    visit: Appointment = told.visit
    return Expected(visit.version, by_header=False)
