"""The doors of merging: look at it, do it, take it back."""

import uuid
from typing import Any, ClassVar, Final, cast

from django.http import HttpResponse

from mediconnect.api.access import DESK, Access, AccessTable
from mediconnect.api.answers import HttpAnswer
from mediconnect.api.fields import as_choice, as_date, as_flag, as_uuid, members, required
from mediconnect.api.requests import ApiRequest
from mediconnect.api.versions import expected_version
from mediconnect.errors import Invalid, NotFound, NotPermitted
from mediconnect.idempotency.decorator import idempotent
from patients.errors import MergeIsOver
from patients.models import Merge, Patient
from patients.queries import visible_to
from patients.rules.merging import CHOSEN, SIDES, MergeChoices, Side, final_from
from patients.services.merging.looking import Preview, preview_merge
from patients.services.merging.merging import merge_patients, shown
from patients.services.merging.undoing import undo_merge

from . import reading, rendering, schema
from .patients import PatientView, desks, today, writable

_WRITE = Access(staff=DESK)
_MEMBERS: Final = ("with", "choices", "account", "confirm_birth_date", "dry_run", "version")


class PatientMerge(PatientView):
    """Two records of one person."""

    access: ClassVar[AccessTable] = {"POST": _WRITE}

    @schema.merge_patients
    @idempotent(fresh_reads=True)
    def post(self, request: ApiRequest, patient_id: uuid.UUID) -> HttpResponse:
        """Let the other record become part of this one, or, with `dry_run`, say what that would do."""
        body = members(request, _MEMBERS)
        writable(request.principal, patient_id)
        other = writable(request.principal, as_uuid(required(body, "with"), "with"))
        choices, within = _choices(body), desks(request.principal)
        preview = preview_merge(kept_id=patient_id, gone_id=other.pk, within=within, today=today(), sides=choices.sides)
        if as_flag(body.get("dry_run", False), "dry_run"):
            return _answer(request, patient_id, preview)
        expected = expected_version(request)
        with rendering.conflicts(request.principal, expected, today=today()):
            merge = merge_patients(
                kept_id=patient_id,
                gone_id=other.pk,
                choices=choices,
                version=expected.version,
                by_id=cast("uuid.UUID", request.principal.user_id),
                within=within,
                today=today(),
            )
        return _answer(request, patient_id, preview, merge)


class PatientMergeUndo(PatientView):
    """The merge by which this record became part of another one."""

    access: ClassVar[AccessTable] = {"POST": _WRITE}

    @schema.undo_merge
    @idempotent(fresh_reads=True)
    def post(self, request: ApiRequest, patient_id: uuid.UUID) -> HttpResponse:
        """Let this record stand by itself again."""
        members(request, ())
        _writable_though_merged(request, patient_id)
        merge = Merge.objects.filter(gone=patient_id, undone_at=None).first()
        if merge is None:
            raise MergeIsOver
        by_id = cast("uuid.UUID", request.principal.user_id)
        undone = undo_merge(merge_id=merge.pk, by_id=by_id, within=desks(request.principal))
        data: dict[str, Any] = {
            "merge": merge.pk,
            "stays": undone.stays,
            "kept": merge.kept_id,
            "patient": rendering.shown(request.principal, Patient.objects.get(pk=patient_id), today=today()),
        }
        return HttpAnswer(data, version=data["patient"]["version"], resource_id=patient_id)


def _writable_though_merged(request: ApiRequest, patient_id: uuid.UUID) -> None:
    rows = visible_to(request.principal)
    if not rows.filter(pk=patient_id).exists():
        raise NotFound
    if not visible_to(request.principal, clinic_ids=desks(request.principal)).filter(pk=patient_id).exists():
        raise NotPermitted


def _choices(body: dict[str, Any]) -> MergeChoices:
    """Return whose word holds; raises `Invalid`."""
    named = body.get("choices") or {}
    if not isinstance(named, dict):
        raise Invalid.field("choices", "This is an object.")
    reading.only(named, CHOSEN)
    sides = {name: cast("Side", as_choice(side, f"choices.{name}", SIDES)) for name, side in named.items()}
    typed = body.get("confirm_birth_date")
    return MergeChoices(
        sides=sides,
        account=cast("Side", as_choice(body.get("account", "kept"), "account", SIDES)),
        confirm_birth_date=as_date(typed, "confirm_birth_date") if typed is not None else None,
    )


def _answer(request: ApiRequest, patient_id: uuid.UUID, preview: Preview, merge: Merge | None = None) -> HttpResponse:
    patient = rendering.shown(request.principal, Patient.objects.get(pk=patient_id), today=today())
    data = {
        "merge": merge.pk if merge else None,
        "merged": preview.gone.pk,
        "counts": preview.counts,
        "conflicts": shown(preview.conflicts),
        "choices": preview.sides,
        "birth_dates_differ": preview.birth_dates_differ,
        "two_accounts": preview.two_accounts,
        "possible": preview.possible,
        "undo_until": final_from(merge.created_at) if merge else None,
        "patient": patient,
    }
    return HttpAnswer(data, version=patient["version"], resource_id=patient_id)
