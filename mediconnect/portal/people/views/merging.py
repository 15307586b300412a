"""The same person twice: find the other record, look at both side by side, make them one, and take it back."""

import uuid
from collections.abc import Mapping
from typing import Any, Final

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from mediconnect.api.access import DESK
from mediconnect.errors import DomainError
from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.once import once
from mediconnect.portal.people.forms import date_sent
from mediconnect.portal.people.reading.merging import compared, made, merge_of
from mediconnect.portal.people.reading.record import patient_of
from mediconnect.portal.people.reading.search import search
from mediconnect.portal.showing import Undo, done, refused, show
from mediconnect.portal.visits.forms import expected_of
from patients.errors import ChangedMeanwhile, MergeFinal, MergeIsOver, MergeNotLast
from patients.models import ContactPoint, Patient
from patients.queries import suspects
from patients.rules.merging import CHOSEN, MergeChoices, Side
from patients.services.merging.merging import merge_patients
from patients.services.merging.undoing import undo_merge

from .record import address_of

# Whoever gets more types more.
_CANDIDATES: Final = 10


@desk_page(roles=DESK)
def find(request: DeskRequest, desk: Desk, patient: uuid.UUID) -> HttpResponse:
    """Show who may be the same person, and whoever fits the words; each leads to the comparison."""
    kept = patient_of(desk, patient)
    q = (request.POST or request.GET).get("q", "")
    found = search(desk, q, most=_CANDIDATES)
    words = {
        "room": "patients",
        "patient": kept,
        "found": found,
        "hits": [hit for hit in found.hits if hit.id != kept.pk],
        "suspects": [] if q else _suspects(desk, kept),
    }
    fragments = {"merge-hits": "portal/people/_merge_hits.html"}
    return show(request, desk, "portal/people/merge_find.html", words, fragments=fragments)


def _suspects(desk: Desk, patient: Patient) -> list[Any]:
    points = list(ContactPoint.objects.active().filter(patient=patient))
    like = suspects(patient, contacts=points, clinic_ids=[desk.clinic.pk])
    return [suspect.shown() for suspect in like if suspect.patient_id != patient.pk]


@desk_page(roles=DESK)
def compare(request: DeskRequest, desk: Desk, patient: uuid.UUID, other: uuid.UUID) -> HttpResponse:
    """Show the two side by side; sent, let the other one become part of the first."""
    kept, gone = patient_of(desk, patient), patient_of(desk, other)
    if request.method != "POST":
        return _comparison(request, desk, kept, gone)

    def work() -> dict[str, Any]:
        merge = merge_patients(
            kept_id=kept.pk,
            gone_id=gone.pk,
            choices=_choices(request.POST.dict()),
            version=expected_of(request.POST).version,
            by_id=desk.user.pk,
            within={desk.clinic.pk},
            today=desk.today,
        )
        return {"merge": merge.pk}

    try:
        merged = once(request, desk, work, fresh_reads=True)
    except ChangedMeanwhile as stale:
        fresh = patient_of(desk, patient)
        words = {"refusal": refused(stale), "typed": request.POST}
        return _comparison(request, desk, fresh, gone, words, status=stale.status)
    except DomainError as refusal:
        words = {"refusal": refused(refusal), "typed": request.POST}
        return _comparison(request, desk, kept, gone, words, status=refusal.status)
    undo = Undo(_address(desk, kept, merged["merge"]), 1)
    return done(request, _("The two records are one now."), to=address_of(desk, kept.pk), undo=undo)


def _choices(sent: Mapping[str, str]) -> MergeChoices:
    sides = {name: _side(sent[name]) for name in CHOSEN if name in sent}
    return MergeChoices(
        sides=sides,
        account=_side(sent.get("account", "kept")),
        confirm_birth_date=date_sent(sent, "confirm_birth_date"),
    )


def _side(word: str) -> Side:
    return "gone" if word == "gone" else "kept"


def _comparison(
    request: DeskRequest,
    desk: Desk,
    kept: Patient,
    gone: Patient,
    words: Mapping[str, Any] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    both = compared(desk, kept.pk, gone.pk, (words or {}).get("typed", {}))
    context = {"room": "patients", "patient": kept, "both": both, **(words or {})}
    return show(request, desk, "portal/people/merge.html", context, status=status)


@desk_page(roles=DESK)
def merge(request: DeskRequest, desk: Desk, patient: uuid.UUID, merge: uuid.UUID) -> HttpResponse:
    """Show a merge that was made, and what undoing it would do; sent, undo it."""
    kept = patient_of(desk, patient)
    found = merge_of(desk, kept, merge)
    if request.method == "POST":

        def work() -> dict[str, Any]:
            return {"stays": undo_merge(merge_id=found.pk, by_id=desk.user.pk, within={desk.clinic.pk}).stays}

        try:
            stays = once(request, desk, work, fresh_reads=True)["stays"]
        except (MergeFinal, MergeIsOver, MergeNotLast) as refusal:
            words = {"room": "patients", "patient": kept, "merge": found, "refusal": refused(refusal)}
            return show(request, desk, "portal/people/merged.html", words, status=refusal.status)
        notice = _("Undone: there are two records again.")
        if stays:
            notice = _("Undone: there are two records again. What was changed since the merge stays here.")
        return done(request, notice, to=address_of(desk, kept.pk))
    words = {"room": "patients", "patient": kept, "merge": found}
    try:
        words["made"] = made(desk, kept, found)
    except (MergeFinal, MergeIsOver, MergeNotLast) as refusal:
        words["refusal"] = refused(refusal)
    return show(request, desk, "portal/people/merged.html", words)


def _address(desk: Desk, patient: Patient, merge_id: Any) -> str:
    return reverse("portal:patient-merged", kwargs={"clinic": desk.clinic.pk, "patient": patient.pk, "merge": merge_id})
