"""Two hands on one record: what the other changed first, and what this one wanted."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from mediconnect.portal.desk import Desk, DeskRequest
from mediconnect.portal.people.reading.history import changed_since, contact_changed_since, names_of
from patients.models import ContactPoint, Patient

# What the forms of the page may hold, and what it is called; what is not here is a button.
_TYPED: Final[Mapping[str, str]] = {
    "given_name": gettext_noop("Given name"),
    "family_name": gettext_noop("Family name"),
    "birth_date": gettext_noop("Birth date"),
    "language": gettext_noop("Language"),
    "notes": gettext_noop("Notes"),
}
_PRESSED: Final[Mapping[str, str]] = {
    "prefer": gettext_noop("Try first"),
    "allow": gettext_noop("Allow messages"),
    "forbid": gettext_noop("No messages"),
    "remove": gettext_noop("Remove"),
    "restore": gettext_noop("Take back"),
}
# Fields that belong to the page and not to what somebody wanted.
_OURS: Final = frozenset({"csrfmiddlewaretoken", "key", "version"})


@dataclass(frozen=True, slots=True)
class Clash:
    """What `components/_clash.html` shows."""

    who: str
    at: dt.datetime | None
    theirs: Sequence[tuple[str, str, str]]
    mine: Sequence[tuple[str, str]]
    action: str
    version: int
    fields: Mapping[str, str]
    keep: str


def clash_over(
    request: DeskRequest, desk: Desk, patient: Patient, record: Patient | ContactPoint, *, keep: str
) -> Clash:
    """Return the clash of the form that was sent with what was written to the patient, or to a contact, meanwhile.

    The notes as they are now are shown to whoever may read them on the page beneath; how they were before is not.
    """
    seen = int(request.POST["version"])
    if isinstance(record, ContactPoint):
        last, said = contact_changed_since(record, seen)
    else:
        last, said = changed_since(desk, patient, seen)
    actor = last.actor_id if last else None
    notes = _("Notes")
    return Clash(
        who=names_of(desk, patient, [actor]).get(actor, "") if actor else "",
        at=last.at if last else None,
        theirs=[(one.word, one.before, patient.notes if one.word == notes else one.after) for one in said],
        mine=_wanted(request),
        action=request.path,
        version=record.version,
        fields={name: value for name, value in request.POST.dict().items() if name not in _OURS},
        keep=keep,
    )


def _wanted(request: DeskRequest) -> list[tuple[str, str]]:
    typed = [(_(word), request.POST[name]) for name, word in _TYPED.items() if name in request.POST]
    pressed = _PRESSED.get(request.POST.get("do", ""))
    return typed + ([(_("Contact"), _(pressed))] if pressed else [])
