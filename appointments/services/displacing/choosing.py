"""What the desk decides for one displaced visit: another time, the call list, and what came of the call."""

import datetime as dt
import uuid
from collections.abc import Collection

from django.db import IntegrityError, transaction
from django.utils import timezone

from appointments.errors import ProposalOver, TooSoon
from appointments.events import ProposalWithdrawn
from appointments.locks import lock_appointment, lock_displaced, lock_resources
from appointments.models import Appointment, DisplacedVisit
from appointments.models.displacement import OPEN
from appointments.models.status import MOVABLE
from appointments.queries.displacing.search import Found
from appointments.queries.situation import Wish, situation_of
from appointments.queries.terms import moved_minutes, terms_of
from appointments.rules.admission import free_of
from appointments.rules.terms import Terms
from appointments.services.booking import Caller, admit
from appointments.services.changing import check_status
from appointments.services.refusing import malformed_start, refuse_by_constraint
from appointments.services.sweeping import drop_lapsed
from mediconnect.errors import Invalid, NotFound
from mediconnect.outbox import publish
from mediconnect.resilience.transactions import decide
from mediconnect.telemetry.request_id import current_request_id

from .closing import close, give_back
from .keeping import LAST_ANSWER, hold_for, until

State = DisplacedVisit.State


def choose_another(
    *, displaced_visit_id: uuid.UUID, start: dt.datetime, provider_id: uuid.UUID, caller: Caller
) -> DisplacedVisit:
    """Hold another time for the visit instead, and return its row, ready to be sent.

    A question that stands about the former time is taken back. Refused like a booking of that time; raises `NotFound`,
    `ProposalOver` for a visit that needs no new time any more, and `TooSoon` for one that leaves nobody time to answer.
    """
    malformed_start(start)
    return decide(
        lambda: _choose(displaced_visit_id, start, provider_id),
        actor_id=caller.user_id,
        request_id=current_request_id(),
    )


def to_call_list(*, displaced_visit_id: uuid.UUID, caller: Caller) -> DisplacedVisit:
    """Put the visit on the call list: nothing is held for it any more, and a question that stands is taken back.

    Raises `NotFound`, and `ProposalOver` for a visit that needs no new time any more.
    """

    def work() -> DisplacedVisit:
        row = _locked(displaced_visit_id)[1]
        return row if row.state == State.TO_CALL else close(row, State.TO_CALL)

    return decide(work, actor_id=caller.user_id, request_id=current_request_id())


def note_call(*, displaced_visit_id: uuid.UUID, outcome: str, caller: Caller) -> DisplacedVisit:
    """Note that somebody called, and what came of it; return the row, which stays open until the visit moves or ends.

    Raises `NotFound`, `Invalid` for no outcome or one of more than 120 characters, and `ProposalOver`.
    """
    if not 1 <= len(outcome.strip()) <= 120:
        raise Invalid.field("outcome", "Say what came of the call, in 120 characters at most.")

    def work() -> DisplacedVisit:
        row = _locked(displaced_visit_id)[1]
        row.called_at, row.called_by_id, row.call_outcome = timezone.now(), caller.signed_in_id, outcome.strip()
        row.save(update_fields=["called_at", "called_by", "call_outcome"])
        return row

    return decide(work, actor_id=caller.user_id, request_id=current_request_id())


def _locked(displaced_visit_id: uuid.UUID, states: Collection[str] = OPEN) -> tuple[Appointment, DisplacedVisit]:
    """Lock the visit, then its row, and return both; raises `NotFound`, and `ProposalOver` for a row that is closed."""
    visit_id = DisplacedVisit.objects.filter(pk=displaced_visit_id).values_list("appointment_id", flat=True).first()
    if visit_id is None:
        raise NotFound
    visit = lock_appointment(visit_id)
    row = lock_displaced(displaced_visit_id)
    if row.state not in states:
        raise ProposalOver(f"This visit needs no new time any more: {row.get_state_display()}.", state=row.state)
    return visit, row


def _choose(displaced_visit_id: uuid.UUID, start: dt.datetime, provider_id: uuid.UUID) -> DisplacedVisit:
    seen = DisplacedVisit.objects.select_related("appointment").filter(pk=displaced_visit_id).first()
    if seen is None:
        raise NotFound
    terms = terms_of(
        appointment_type_id=seen.appointment_type_id,
        provider_id=provider_id,
        second_provider_id=seen.appointment.second_provider_id,
    )
    lock_resources(terms.resources)
    visit, row = _locked(displaced_visit_id)
    check_status(visit, MOVABLE)
    was_asked = row.state == State.ASKED
    give_back(row)
    found = _found(visit, terms, start)
    _keep(row, visit, found, terms)
    if was_asked:
        publish(ProposalWithdrawn(row.pk), aggregate_id=visit.pk)
    return row


def _found(visit: Appointment, terms: Terms, start: dt.datetime) -> Found:
    """Return the time as it would be booked; raises what booking it raises."""
    lasting = moved_minutes(visit, terms, None, beside_group=False)
    wish = Wish(terms, terms.span(start, lasting), visit.patient_id, by_patient=False, own_appointment=visit.pk)
    situation = situation_of(wish)
    drop_lapsed(situation.lapsed_holds)
    admit(wish, situation)
    if start <= situation.now + LAST_ANSWER:
        raise TooSoon("Nobody could answer in time. Call the patient and move the visit by hand instead.")
    return Found(
        terms.provider_id,
        wish.span.start,
        wish.span.end,
        wish.span.buffer_before,
        wish.span.buffer_after,
        visit.second_provider_id,
        free_of(terms.rooms, situation, liked=visit.room_id),
        free_of(terms.devices, situation, liked=visit.device_id),
        situation.session_id if situation.meets else None,
    )


def _keep(row: DisplacedVisit, visit: Appointment, found: Found, terms: Terms) -> None:
    row.state = State.PROPOSED
    row.proposed_provider_id = found.provider_id
    row.proposed_starts_at, row.proposed_ends_at = found.starts_at, found.ends_at
    row.expires_at = until(found.starts_at, row.displacement.answer_hours, timezone.now())
    wish = Wish(terms, terms.span(found.starts_at), visit.patient_id, by_patient=False, own_appointment=visit.pk)
    try:
        with transaction.atomic():
            row.save(
                update_fields=["state", "proposed_provider", "proposed_starts_at", "proposed_ends_at", "expires_at"]
            )
            hold_for(row, visit, found).save(force_insert=True)
    except IntegrityError as error:
        raise refuse_by_constraint(error, wish) from error
