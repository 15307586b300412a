"""What the panel does: book, hold a time while details are typed, register somebody new."""

import uuid
from dataclasses import replace
from typing import Any

from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from appointments.models import Hold, Source
from appointments.services.booking import Booking, Override, book_appointment
from appointments.services.holding import place_hold, release_hold
from mediconnect.errors import DomainError, Invalid, NotFound
from mediconnect.portal.desk import Desk, DeskRequest
from mediconnect.portal.once import acted, once
from mediconnect.portal.showing import Refusal, refused
from patients.models import ContactSystem
from patients.services.contacts import NewContact
from patients.services.registration import NewPatient, register

from .form import LONGEST_OVERRIDE, LONGEST_REASON, Draft, Slot
from .reading.choices import Choices
from .reading.people import Newcomer
from .reading.why import answer_about, beside


def book(request: DeskRequest, desk: Desk, draft: Draft, chosen: Choices, slot: Slot) -> dict[str, Any]:
    """Book the slot once for each key of the form; return the visit's id, version and start.

    A hold of the caller's on the same time is used up, one on another time given back. Raises what `book_appointment`
    raises, and `Invalid` for a reason that is missing or too long.
    """
    if chosen.kind is None or draft.patient is None:
        raise NotFound
    booking = Booking(
        appointment_type_id=chosen.kind.id,
        provider_id=slot.provider_id,
        patient_id=draft.patient,
        start=slot.start,
        source=Source.STAFF,
        hold_id=_hold_for(desk, draft, chosen, slot),
        reason=_fitting(draft.reason, "reason", LONGEST_REASON),
        override=_override(desk, draft, chosen, slot) if draft.override else None,
        second_provider_id=beside(chosen, slot),
    )

    def work() -> dict[str, Any]:
        visit, _terms = book_appointment(booking, caller=desk.caller)
        return {"visit": visit.pk, "version": visit.version, "start": visit.starts_at.isoformat()}

    return once(request, desk, work)


def _hold_for(desk: Desk, draft: Draft, chosen: Choices, slot: Slot) -> uuid.UUID | None:
    """Return the hold that was placed for this very time; give one for another time back."""
    kept = Hold.objects.filter(pk=draft.hold, held_by=desk.user.pk).first() if draft.hold else None
    if kept is None or chosen.kind is None:
        return None  # lapsed: the booking competes like any other
    keeps = (kept.provider_id, kept.second_provider_id, kept.appointment_type_id, kept.starts_at)
    if keeps == (slot.provider_id, beside(chosen, slot), chosen.kind.id, slot.start):
        return kept.pk
    give_back(desk, kept.pk)
    return None


def _override(desk: Desk, draft: Draft, chosen: Choices, slot: Slot) -> Override | None:
    """Return the override asked for, or None where the time has come free meanwhile and needs none."""
    said = answer_about(desk, draft, chosen, slot)
    if said is not None and said.free:
        return None
    reason = _fitting(draft.override_reason, "override_reason", LONGEST_OVERRIDE)
    if not reason:
        raise Invalid.field("override_reason", _("Say in a few words why this visit goes where the rules say no."))
    return Override(desk.user.pk, reason)


def _fitting(words: str, field: str, longest: int) -> str:
    if len(words) > longest:
        raise Invalid.field(field, _("This may have %(longest)d characters at most.") % {"longest": longest})
    return words


def keep(desk: Desk, draft: Draft, chosen: Choices) -> Hold:
    """Hold the picked time, having given back the one held before. Raises what `place_hold` raises."""
    if draft.hold:
        give_back(desk, draft.hold)
    if draft.slot is None or chosen.kind is None:
        raise NotFound
    chosen.name(draft.slot.provider_id)
    kind, slot = chosen.kind.id, draft.slot
    hold, _terms = acted(
        desk,
        lambda: place_hold(
            appointment_type_id=kind,
            provider_id=slot.provider_id,
            start=slot.start,
            caller=desk.caller,
            patient_id=draft.patient,
            second_provider_id=beside(chosen, slot),
        ),
    )
    return hold


def give_back(desk: Desk, hold_id: uuid.UUID) -> None:
    """Free a held time at once; nothing happens to one that has lapsed or is another's."""
    try:
        acted(desk, lambda: release_hold(hold_id=hold_id, caller=desk.caller))
    except NotFound:
        return


def admit(request: DeskRequest, desk: Desk, newcomer: Newcomer, *, confirmed: bool) -> uuid.UUID:
    """Register somebody new once for each key of the form and return the patient's id.

    Raises `Invalid`, and `PossibleDuplicate` unless the desk has compared and `confirmed` that it is somebody else.
    """
    born = None
    if newcomer.birth_date:
        try:
            born = parse_date(newcomer.birth_date)
        except ValueError:
            born = None
        if born is None:
            raise Invalid.field("birth_date", _("There is no such date."))
    contacts = [NewContact(system=ContactSystem.PHONE, value=newcomer.phone)] if newcomer.phone else []
    person = NewPatient(
        given_name=newcomer.given_name, family_name=newcomer.family_name, birth_date=born, contacts=contacts
    )

    def work() -> dict[str, Any]:
        patient = register(clinic_id=desk.clinic.pk, person=person, today=desk.today, confirm_duplicate=confirmed)
        return {"patient": patient.pk}

    return uuid.UUID(once(request, desk, work)["patient"])


def in_words(error: DomainError) -> Refusal:
    """Return a refusal as the panel says it: what happened and that nothing is lost; the ways on stand below it."""
    said = replace(refused(error), extra={})
    known = _sentences().get(error.code)
    if known is not None:
        said = replace(said, title=known[0], sentence=known[1])
    return said


def _sentences() -> dict[str, tuple[str, str]]:
    return {
        "slot-taken": (
            _("This time was taken a moment ago"),
            _("Nothing is booked yet, and what you typed is still here. Choose another time."),
        ),
        "patient-overlap": (
            _("The patient has another visit then"),
            _("Nobody can be in two places, so this cannot be booked all the same. Choose another time."),
        ),
        "outside-availability": (_("This time is not open"), _("What stands in the way is written below.")),
        "daily-limit": (_("The day is full for this type of visit"), _("What stands in the way is written below.")),
        "possible-duplicate": (
            _("This person may be registered already"),
            _("Compare before you make a second record."),
        ),
        "idempotency-in-progress": (
            _("This is being booked right now"),
            _("You sent it a moment ago. Press Book again to see how it went; it is booked once."),
        ),
        "idempotency-key-reused": (
            _("This form was sent already"),
            _("Look at the day to see what was booked. To book something else, press Book again."),
        ),
        "hold-limit": (
            _("You hold many times already"),
            _("This one is not kept for you, but you can book it."),
        ),
        "invalid": (_("Something is missing or cannot be used"), _("What you typed is still here.")),
    }
