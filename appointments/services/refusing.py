"""Turn what the rules or the database refuse into a sentence, with free times beside it."""

import datetime as dt
import uuid
from typing import Any, Final

from django.db import IntegrityError

from appointments.errors import OutsideAvailability, PatientOverlap, SlotTaken
from appointments.queries.availability import Wanted, free_time
from appointments.queries.situation import Wish
from appointments.rules.admission import Blocked
from appointments.rules.starts import local_text
from mediconnect.errors import DomainError, Invalid, NotFound
from mediconnect.resilience.transactions import Restart, constraint, snapshot_is_old

ALTERNATIVES: Final = 3
SHORTEST, LONGEST, STEP = 5, 480, 5  # minutes: what the tables allow, in what a calendar shows
_LOOK_AHEAD: Final = dt.timedelta(days=14)
# Nearly always enough, and a tenth of the work: whoever lost is answered while others wait for the lock.
_NEAR: Final = dt.timedelta(days=2)

# What the last referee says, by the constraint that said it. The rules say it first, under the lock; this is for what
# they could not see.
_SENTENCES: Final[dict[str, type[DomainError]]] = {
    "a_resource_is_claimed_once": SlotTaken,
    "a_seat_is_taken_once": SlotTaken,
    "a_session_seats_no_more_than_its_capacity": SlotTaken,
    "a_group_meets_once_at_a_time": SlotTaken,
    "a_patient_is_in_one_place": PatientOverlap,
    "a_visit_is_booked_once": PatientOverlap,
    "a_visit_lies_inside_the_openings": OutsideAvailability,
}

# In place of the error's own sentence where it is the second of two providers who cannot be there.
_OF_THE_SECOND: Final[dict[type[DomainError], str]] = {
    SlotTaken: "The second provider is taken at this time. Choose one of “alternatives”, at which both are free.",
    OutsideAvailability: "The second provider has no opening for this type of visit at that time.",
}


def refuse(blocked: Blocked, wish: Wish, *, patient_visit: uuid.UUID | None = None) -> DomainError:
    """Return the refusal of a wish that a rule blocks: with alternatives, the visit in the way, or the clinic's phone."""
    kind = blocked.refusal
    detail = _OF_THE_SECOND.get(kind, "") if blocked.second_provider_id else ""
    if kind is SlotTaken:
        return SlotTaken(detail, alternatives=alternatives_to(wish))
    if kind is PatientOverlap:
        return PatientOverlap(appointment=str(patient_visit) if patient_visit else None)
    explain = {"rule": blocked.rule, **blocked.says}
    if blocked.second_provider_id:
        explain["second_provider"] = str(blocked.second_provider_id)
    extra: dict[str, Any] = {"explain": explain, "phone": wish.terms.phone or None}
    if kind is OutsideAvailability:
        extra["alternatives"] = alternatives_to(wish)
    return kind(detail, **extra)


def refuse_by_constraint(error: IntegrityError, wish: Wish) -> DomainError:
    """Return the refusal that the database's constraint amounts to; raises the error itself for one nobody foresaw.

    Raises `Restart` under REPEATABLE READ: only a fresh snapshot knows who won, and names what is in the way.
    """
    kind = _SENTENCES.get(constraint(error))
    if kind is None:
        raise error
    if snapshot_is_old():
        raise Restart from error
    if kind is SlotTaken:
        return SlotTaken(alternatives=alternatives_to(wish))
    return kind()


def alternatives_to(wish: Wish) -> list[dict[str, Any]]:
    """Return up to three free starts from the wished day on, of the same provider, or of any where that one has none."""
    terms, start = wish.terms, wish.span.start
    day, _ = terms.local_day(start)
    own, found = [terms.provider_id], list[dict[str, Any]]()
    minutes = wish.span.minutes if wish.span.minutes != terms.duration else None
    for providers, ahead in ((own, _NEAR), (own, _LOOK_AHEAD), (None, _LOOK_AHEAD)):
        try:
            free = free_time(
                Wanted(
                    terms.appointment_type_id,
                    day,
                    day + ahead,
                    providers,
                    wish.by_patient,
                    minutes,
                    terms.second_provider_id,
                ),
                limit=400,
            )
        except NotFound:
            continue
        nearest = sorted(free.starts, key=lambda found: abs(found[0] * 60 - start.timestamp()))[:ALTERNATIVES]
        found = [
            {
                "provider": free.providers[place],
                "clinic": terms.clinic_id,
                "room": room,
                "start": local_text(minute, terms.zone),
                "end": local_text(minute + free.durations[place], terms.zone),
            }
            for minute, place, room in sorted(nearest, key=lambda found: found[0])
        ]
        if len(found) == ALTERNATIVES or (found and ahead is not _NEAR):
            break
    return found


def malformed_start(start: dt.datetime) -> None:
    """Raise `Invalid` for a start that is no whole minute: no calendar shows seconds."""
    if start.second or start.microsecond:
        raise Invalid.field("start", "A visit starts at a whole minute.")


def malformed_length(minutes: int | None) -> None:
    """Raise `Invalid` for a length that no visit has: other than 5 to 480 minutes in steps of five; None is none."""
    if minutes is not None and (not SHORTEST <= minutes <= LONGEST or minutes % STEP):
        raise Invalid.field("minutes", f"A visit lasts {SHORTEST} to {LONGEST} minutes, in steps of {STEP}.")
