"""The doors of what a clinic's messages follow: its own rules, and the reminders of each type of visit."""

import uuid
from typing import Any, Final, Protocol

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mediconnect.api.access import DESK
from mediconnect.errors import DomainError
from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.once import acted, once
from mediconnect.portal.setup.clashing import clash_between
from mediconnect.portal.setup.editing import SURE, Origin, Outcome, finished, mark_of, status_of, stopped
from mediconnect.portal.setup.forms.edits import EditForm
from mediconnect.portal.setup.forms.messages import MessagePolicyForm, StepsForm, TypeRemindersForm, leads_words
from mediconnect.portal.setup.reading.messages import services, types_with_reminders
from mediconnect.portal.setup.reading.offers import type_of
from mediconnect.portal.setup.reading.overview import address
from mediconnect.portal.showing import show
from mediconnect.records.administration.history import told
from mediconnect.records.models import Change, VersionedModel
from notifications.models import MessagePolicy, TypeReminders
from notifications.queries.policies import policy_of, reminders_of
from notifications.services.policies import PolicyValues, Saved, save_policy, save_type_reminders
from notifications.services.replanning import Replanned
from providers.errors import ChangedMeanwhile

_PART: Final = {"room": "setup", "part": "messages"}
_STEPS: Final = {"steps": "portal/setup/_messages_steps.html"}
# The button that adds or removes a row, and decides nothing.
_ROWS: Final = "rows"


class Do(Protocol):
    """An edit, or with `dry_run` what it would do."""

    def __call__(self, *, dry_run: bool) -> Saved[Any]:
        """Return what was saved, or would be."""


@desk_page(roles=DESK)
def messages(request: DeskRequest, desk: Desk) -> HttpResponse:
    """Show what the clinic's messages follow; who runs it changes that, after a look at the reminders it touches."""
    refuse_others_to_write(request, desk)
    policy = policy_of(desk.clinic.pk)
    form = MessagePolicyForm(request.POST or None, initial=MessagePolicyForm.initial_of(desk, policy))
    words = {
        **_PART,
        "policy": policy,
        "steps_words": leads_words(policy.reminder_minutes),
        "types": types_with_reminders(desk, policy),
        "services": services(),
    }
    if _ROWS in request.POST:
        return _with_rows(request, desk, form, "portal/setup/messages.html", words)
    outcome, ahead = Outcome(), None
    if form.is_valid():

        def do(*, dry_run: bool) -> Saved[MessagePolicy]:
            values = PolicyValues(**form.values())  # type: ignore[typeddict-item]  # the form's fields are its names
            version = form.cleaned_data["version"] or 0
            return save_policy(clinic_id=desk.clinic.pk, version=version, values=values, dry_run=dry_run)

        usual = MessagePolicy(clinic=desk.clinic, version=0)
        outcome, ahead = _edited(request, desk, form, do, usual, at=Origin(request.path, request.path))
        if outcome.answer is not None:
            return finished(request, _saved(outcome), to=request.path)
    words |= {"form": form, "ahead": replanned_words(ahead), **outcome.words}
    return show(request, desk, "portal/setup/messages.html", words, status=status_of(form, outcome))


@desk_page(roles=DESK)
def type_reminders(request: DeskRequest, desk: Desk, kind: uuid.UUID) -> HttpResponse:
    """Give a type of visit reminders of its own, or let it follow the clinic."""
    refuse_others_to_write(request, desk)
    kind_row, policy, row = type_of(desk, kind), policy_of(desk.clinic.pk), reminders_of(kind)
    if row.version == 0:
        row.reminder_minutes = policy.reminder_minutes
    form = TypeRemindersForm(request.POST or None, initial=TypeRemindersForm.initial_of(desk, row))
    back = address(desk, "setup-messages")
    words = {**_PART, "kind": kind_row, "back": back, "row": row}
    words |= {"steps_words": leads_words(row.reminder_minutes), "clinic_words": leads_words(policy.reminder_minutes)}
    if _ROWS in request.POST:
        return _with_rows(request, desk, form, "portal/setup/messages_type.html", words)
    outcome, ahead = Outcome(), None
    if form.is_valid():

        def do(*, dry_run: bool) -> Saved[TypeReminders]:
            version = form.cleaned_data["version"] or 0
            return save_type_reminders(appointment_type_id=kind, version=version, minutes=form.minutes, dry_run=dry_run)

        usual = TypeReminders(appointment_type=kind_row, version=0, reminder_minutes=policy.reminder_minutes)
        outcome, ahead = _edited(request, desk, form, do, usual, at=Origin(request.path, request.path))
        if outcome.answer is not None:
            return finished(request, _saved(outcome), to=back)
    words |= {"form": form, "ahead": replanned_words(ahead), **outcome.words}
    return show(request, desk, "portal/setup/messages_type.html", words, status=status_of(form, outcome))


def refuse_others_to_write(request: DeskRequest, desk: Desk) -> None:
    """Raise `PermissionDenied` for a form of somebody who does not run the clinic; a desk may read."""
    if request.method not in {"GET", "HEAD"} and not desk.is_admin:
        raise PermissionDenied


def met(desk: Desk, form: EditForm, error: DomainError, usual: VersionedModel, *, at: Origin) -> Outcome:
    """Return what a page says of a refused edit of a row that may not be kept (version 0): `usual` holds then."""
    seen = form.cleaned_data.get("version") or 0
    if not isinstance(error, ChangedMeanwhile) or (seen and getattr(error.record, "version", 0)):
        return stopped(desk, form, error, at=at)
    record = error.record
    last = told(record, list(Change.objects.of(record))[-1:])
    clash = clash_between(
        form,
        {} if seen else form.initial_of(desk, usual),
        form.initial_of(desk, record),
        who=last[0].who if last else "",
        at=last[0].at if last else None,
        action=at.action,
        version=getattr(record, "version", 0),
        keep=at.keep,
    )
    return Outcome(clash=clash, status=error.status)


def replanned_words(ahead: Replanned | None) -> list[str]:
    """Return what becomes of planned reminders, in words; nothing where nothing does."""
    if ahead is None:
        return []
    counted = (
        (ahead.added, ngettext("%(count)d more reminder planned", "%(count)d more reminders planned", ahead.added)),
        (ahead.dropped, ngettext("%(count)d reminder dropped", "%(count)d reminders dropped", ahead.dropped)),
        (
            ahead.retimed,
            ngettext("%(count)d reminder at another time", "%(count)d reminders at another time", ahead.retimed),
        ),
    )
    return [words % {"count": count} for count, words in counted if count]


def _edited(
    request: DeskRequest, desk: Desk, form: EditForm, do: Do, usual: VersionedModel, *, at: Origin
) -> tuple[Outcome, Replanned | None]:
    """Say what the edit changes among planned reminders, then make it; nothing to say is no question."""
    mark = mark_of(form)

    def work() -> dict[str, Any]:
        done = do(dry_run=False).replanned
        return {"added": done.added, "dropped": done.dropped, "retimed": done.retimed}

    try:
        if request.POST.get(SURE) != mark:
            ahead = acted(desk, lambda: do(dry_run=True).replanned, fresh_reads=True)
            if ahead.changes:
                return Outcome(sure=mark), ahead
        return Outcome(answer=once(request, desk, work, fresh_reads=True)), None
    except DomainError as error:
        return met(desk, form, error, usual, at=at), None


def _saved(outcome: Outcome) -> str:
    counts = replanned_words(Replanned(**(outcome.answer or {})))
    return f"{_('Saved.')} {', '.join(counts)}{'.' if counts else ''}".strip()


def _with_rows(request: DeskRequest, desk: Desk, form: StepsForm, template: str, words: dict[str, Any]) -> HttpResponse:
    """Show the form as it was typed, with one row more or less."""
    shown = form.retyped(rows=request.POST[_ROWS])
    return show(request, desk, template, {**words, "form": shown}, fragments=_STEPS)
