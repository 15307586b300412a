"""Two records side by side, what follows from one into the other, and what would go back: in words, for this clinic alone."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from appointments.models import Appointment
from mediconnect.errors import NotFound
from mediconnect.portal.desk import Desk
from mediconnect.portal.people.reading.history import FIELDS, in_words, names_of
from patients.models import ContactPoint, ContactSystem, Merge, Patient, Registration
from patients.rules.merging import CHOSEN, Conflict, Side
from patients.services.merging.looking import Preview, preview_merge
from patients.services.merging.undoing import look_at_undo

# What each conflict means for whoever has to put it in order.
_CONFLICTS: Final[Mapping[str, tuple[str, str]]] = {
    "acts-for-the-other": (
        gettext_noop("One of the two may act for the other"),
        gettext_noop("So they are two people. If that right is a mistake, end it on the record first."),
    ),
    "visits-overlap": (
        gettext_noop("Both have a visit at the same time"),
        gettext_noop("Nobody can be in two places. Move or cancel one of the two visits first."),
    ),
    "offers-twice": (
        gettext_noop("Both wait for the same type of visit, and both have an offer"),
        gettext_noop("Wait until one of the offers is answered or has run out, or decline one."),
    ),
}


@dataclass(frozen=True, slots=True)
class Field:
    """One line of the comparison. Where the two differ `name` is the field of the choice and `side` whose word holds."""

    word: str
    kept: str
    gone: str
    name: str = ""
    side: Side = "kept"


@dataclass(frozen=True, slots=True)
class InTheWay:
    """What keeps the two apart: what it is, what to do, and the visits at this clinic that it is about."""

    title: str
    sentence: str
    visits: Sequence[Appointment] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the page of a merge shows before it is made."""

    kept: Patient
    gone: Patient
    kept_number: str
    gone_number: str
    fields: Sequence[Field]
    follows: Sequence[str]
    beside: Sequence[str]
    in_the_way: Sequence[InTheWay]
    birth_dates_differ: bool

    @property
    def possible(self) -> bool:
        """Whether nothing keeps the two apart."""
        return not self.in_the_way


def compared(desk: Desk, kept_id: uuid.UUID, gone_id: uuid.UUID, typed: Mapping[str, str]) -> Comparison:
    """Return the two records side by side; `typed` keeps the choices of a form that was refused. Raises `NotFound`."""
    preview = preview_merge(kept_id=kept_id, gone_id=gone_id, within={desk.clinic.pk}, today=desk.today)
    ids = [kept_id, gone_id]
    numbers = dict(
        Registration.objects.filter(patient__in=ids, clinic=desk.clinic.pk).values_list("patient_id", "record_number")
    )
    return Comparison(
        kept=preview.kept,
        gone=preview.gone,
        kept_number=numbers.get(kept_id, ""),
        gone_number=numbers.get(gone_id, ""),
        fields=[*_fields(desk, preview, typed), *_contacts(desk, ids), *_accounts(preview, typed)],
        follows=counted(preview.counts),
        beside=_beside(preview),
        in_the_way=_in_the_way(desk, [one for one in preview.conflicts if one.blocks]),
        birth_dates_differ=preview.birth_dates_differ,
    )


def _fields(desk: Desk, preview: Preview, typed: Mapping[str, str]) -> Iterable[Field]:
    for name in CHOSEN:
        kept, gone = (_said(desk, name, getattr(one, name)) for one in (preview.kept, preview.gone))
        if name not in preview.sides:
            yield Field(_(FIELDS[name]), kept, gone)
            continue
        side: Side = "gone" if typed.get(name, preview.sides[name]) == "gone" else "kept"
        yield Field(_(FIELDS[name]), kept, gone, name, side)


def _said(desk: Desk, name: str, value: Any) -> str:
    if name == "timezone" and not value:
        return _("the clinic's")
    return in_words(desk, name, value.isoformat() if isinstance(value, dt.date) else value)


def _contacts(desk: Desk, ids: Sequence[uuid.UUID]) -> Iterable[Field]:
    points = list(ContactPoint.objects.active().filter(patient__in=ids).order_by("rank", "id"))
    for system, word in ((ContactSystem.PHONE, _("Phone")), (ContactSystem.EMAIL, _("E-mail address"))):
        kept, gone = (
            ", ".join(
                desk.habits.phone(point.value) if system == ContactSystem.PHONE else point.value
                for point in points
                if (point.patient_id, point.system) == (patient_id, system)
            )
            for patient_id in ids
        )
        if kept or gone:
            yield Field(word, kept or _("none"), gone or _("none"))


def _accounts(preview: Preview, typed: Mapping[str, str]) -> Iterable[Field]:
    kept, gone = (_("has an account") if one.user_id else _("has no account") for one in (preview.kept, preview.gone))
    side: Side = "gone" if typed.get("account") == "gone" else "kept"
    yield Field(_("Account"), kept, gone, "account" if preview.two_accounts else "", side)


def counted(counts: Mapping[str, int]) -> list[str]:
    """Return counts of rows as phrases, visits first, of what there is any of."""
    words: dict[str, Callable[[int], str]] = {
        "visits": lambda n: ngettext("%(n)d visit", "%(n)d visits", n),
        "series": lambda n: ngettext("%(n)d series of visits", "%(n)d series of visits", n),
        "wishes": lambda n: ngettext("%(n)d wish on the waitlist", "%(n)d wishes on the waitlist", n),
        "messages": lambda n: ngettext("%(n)d message", "%(n)d messages", n),
        "replies": lambda n: ngettext("%(n)d reply", "%(n)d replies", n),
        "contacts": lambda n: ngettext("%(n)d phone or e-mail address", "%(n)d phones or e-mail addresses", n),
        "rights": lambda n: ngettext("%(n)d right to act for somebody", "%(n)d rights to act for somebody", n),
    }
    return [phrase(counts[name]) % {"n": counts[name]} for name, phrase in words.items() if counts.get(name)]


def _beside(preview: Preview) -> list[str]:
    """Return what will not simply follow, as sentences."""
    codes = [one.code for one in preview.conflicts if not one.blocks]
    said = []
    if "contact-twice" in codes:
        said.append(
            _("A phone or e-mail address that both have stays once. Messages go there only if both records allow them.")
        )
    if "wish-twice" in codes:
        said.append(_("Both wait for the same type of visit: the older wish stays, the other is withdrawn."))
    if preview.two_accounts:
        said.append(_("Both have an account: the other one can no longer sign in, and its sessions end."))
    if preview.gone.notes.strip():
        said.append(_("The notes of both are joined."))
    return said


def _in_the_way(desk: Desk, conflicts: Sequence[Conflict]) -> list[InTheWay]:
    wanted = {key for one in conflicts if one.code == "visits-overlap" for key in one.ids}
    visits = desk.visits().filter(pk__in=wanted).select_related("provider", "appointment_type", "patient")
    known = {visit.pk: visit for visit in visits} if wanted else {}
    found = []
    for one in conflicts:
        title, sentence = (_(words) for words in _CONFLICTS[one.code])
        seen = [known[key] for key in one.ids if key in known]
        if one.code == "visits-overlap" and len(seen) < 2:
            sentence = f"{sentence} {_('The patient is busy at another clinic then.')}"
        found.append(InTheWay(title, sentence, seen))
    return found


@dataclass(frozen=True, slots=True)
class Made:
    """A merge that was made: who made it, when, and what undoing it now would do. `until` is the last moment for that."""

    id: uuid.UUID
    at: dt.datetime
    who: str
    gone_name: str
    gone_number: str
    until: dt.datetime
    back: Sequence[str]
    stays: Sequence[str]
    fields: Sequence[str]
    written: Sequence[str]


def merge_of(desk: Desk, patient: Patient, merge_id: uuid.UUID) -> Merge:
    """Return a merge into this record; raises `NotFound`."""
    merge = Merge.objects.select_related("gone").filter(pk=merge_id, kept=patient.pk).first()
    if merge is None:
        raise NotFound
    return merge


def made(desk: Desk, patient: Patient, merge: Merge) -> Made:
    """Return what the page of a merge shows; raises what undoing raises: `MergeFinal`, `MergeIsOver`, `MergeNotLast`."""
    look = look_at_undo(merge_id=merge.pk, within={desk.clinic.pk})
    number = Registration.objects.filter(patient=merge.gone_id, clinic=desk.clinic.pk)
    by = merge.merged_by_id
    return Made(
        id=merge.pk,
        at=merge.created_at,
        who=names_of(desk, patient, [by]).get(by, _("somebody outside this clinic")),
        gone_name=str(merge.gone),
        gone_number=number.values_list("record_number", flat=True).first() or "",
        until=look.final_from,
        back=counted(look.back),
        stays=counted(look.stays),
        fields=[_(FIELDS[name]) for name in look.fields],
        written=[_(FIELDS[name]) for name in look.written],
    )
