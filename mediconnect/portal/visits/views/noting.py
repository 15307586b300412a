"""The door of what is written beside a visit."""

import uuid
from typing import Any, Final

from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from appointments.models import Appointment
from appointments.services.noting import note_appointment
from mediconnect.errors import DomainError, Invalid, VersionConflict
from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.once import once
from mediconnect.portal.showing import done
from mediconnect.portal.visits.around import Around, next_address
from mediconnect.portal.visits.forms import expected_of, version_seen
from mediconnect.portal.visits.history import NOTES, notes_at
from mediconnect.portal.visits.reading import visit_at
from mediconnect.portal.visits.writing import Wish, may_act, trouble_of

from .card import show_card

_LETTERS: Final = {"reason": 1000, "patient_note": 1000, "internal_note": 4000}


@desk_page
def notes(request: DeskRequest, desk: Desk, visit: uuid.UUID) -> HttpResponse:
    """Rewrite those of the three texts that the form carries and changes."""
    around = Around.of(request, desk, visit)
    if request.method != "POST":
        return HttpResponseRedirect(around.card)
    found = visit_at(desk, visit)
    may_act(desk, found.provider_id)
    typed = {name: request.POST[name].replace("\r\n", "\n").strip() for name in NOTES if name in request.POST}

    def work() -> dict[str, Any]:
        expected = expected_of(request.POST)
        _check_lengths(typed)
        changed = _changed(found, typed, version_seen(request.POST))
        if not changed:
            return {"changed": False}
        note_appointment(appointment_id=visit, notes=changed, expected=expected, caller=desk.caller)
        return {"changed": True}

    try:
        made = once(request, desk, work)
    except DomainError as error:
        changed = _changed(found, typed, version_seen(request.POST))
        wish = Wish(around.notes, [(_(NOTES[name]), text) for name, text in changed.items()], changed)
        kept = None if isinstance(error, VersionConflict) else typed
        return show_card(request, desk, around, trouble_of(error, request, desk, around, wish), kept)
    return done(
        request, _("Saved.") if made["changed"] else _("Nothing was changed."), to=next_address(request, around)
    )


def _changed(visit: Appointment, typed: dict[str, str], seen: int) -> dict[str, str]:
    """Return the texts that differ from what the form's page showed: the others' changes since then are not undone."""
    shown = notes_at(visit, seen)
    return {name: text for name, text in typed.items() if text != shown[name].replace("\r\n", "\n").strip()}


def _check_lengths(typed: dict[str, str]) -> None:
    errors = {
        name: [gettext_noop("This text is too long: an internal note has 4000 letters at most, the others 1000.")]
        for name, text in typed.items()
        if len(text) > _LETTERS[name]
    }
    if errors:
        raise Invalid(errors=errors)
