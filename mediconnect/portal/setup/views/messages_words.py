"""The doors of a clinic's own words: looked through, written beside a preview, given up for ours."""

from typing import Any, Final

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from mediconnect.api.access import DESK
from mediconnect.errors import DomainError, VersionConflict
from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.once import once
from mediconnect.portal.setup.editing import Origin, Outcome, finished, status_of, version_in
from mediconnect.portal.setup.forms.messages_words import WordsForm
from mediconnect.portal.setup.reading.messages_words import (
    Which,
    chips_of,
    heads,
    history_of,
    lines_of,
    ours_of,
    own_of,
    which_of,
)
from mediconnect.portal.setup.reading.overview import address
from mediconnect.portal.showing import refused, show
from notifications.models import Template
from notifications.services.framing import blocks_of
from notifications.services.previewing import preview
from notifications.services.templates import reset_template, save_template
from providers.errors import ChangedMeanwhile

from .messages import met, refuse_others_to_write

_PART: Final = {"room": "setup", "part": "messages"}
_FRAGMENTS: Final = {"preview": "portal/setup/_messages_preview.html"}
# The button, and the typing, that ask for a look and save nothing.
_LOOK: Final = "look"


@require_safe
@desk_page(roles=DESK)
def all_words(request: DeskRequest, desk: Desk) -> HttpResponse:
    """List every message with whose words it has."""
    words = {**_PART, "heads": heads(), "lines": lines_of(desk)}
    return show(request, desk, "portal/setup/messages_words.html", words)


@desk_page(roles=DESK)
def edit_words(request: DeskRequest, desk: Desk, kind: str, channel: str, language: str) -> HttpResponse:
    """Show how one message reads, and change its words."""
    refuse_others_to_write(request, desk)
    which = which_of(kind, channel, language)
    own = own_of(desk, which)
    initial, outcome = WordsForm.initial_of(desk, own or _ours(desk, which)), Outcome()
    form = _form(which, request.POST or None, initial)
    if _LOOK in request.POST:
        form = _form(which, None, {name: form[name].data for name in form.fields})
    elif form.is_valid():
        outcome = _saved(request, desk, form, which)
        if outcome.answer is not None:
            return finished(
                request, _("Saved. The next message is worded so."), to=address(desk, "setup-messages-words")
            )
    words = {
        **_PART,
        "form": form,
        "which": which,
        "own": own,
        "ours": ours_of(which),
        "chips": chips_of(which),
        "history": history_of(desk, which) if not request.htmx else (),
        **_looked_at(desk, which, form),
        **outcome.words,
    }
    template = "portal/setup/messages_word.html"
    return show(request, desk, template, words, fragments=_FRAGMENTS, status=status_of(form, outcome))


@desk_page(roles=DESK)
def ours_again(request: DeskRequest, desk: Desk, kind: str, channel: str, language: str) -> HttpResponse:
    """Ask once, with both words side by side, then give the clinic's own up."""
    refuse_others_to_write(request, desk)
    which, refusal, status = which_of(kind, channel, language), None, 200
    back = address(desk, "setup-messages-word", kind=kind, channel=channel, language=language)
    if request.method == "POST":
        version = version_in(request)

        def work() -> dict[str, Any]:
            chosen = {"kind": kind, "channel": channel, "language": language}
            reset_template(clinic_id=desk.clinic.pk, expected=version, by_id=desk.user.pk, **chosen)
            return {}

        try:
            once(request, desk, work)
        except DomainError as error:
            refusal, status = refused(error), error.status
        else:
            return finished(request, _("Our words are used again. Yours are kept below, under changes."), to=back)
    words = {**_PART, "which": which, "own": own_of(desk, which), "ours": ours_of(which), "back": back}
    template = "portal/setup/messages_ours.html"
    return show(request, desk, template, {**words, "refusal": refusal}, status=status)


def _form(which: Which, data: Any, initial: dict[str, Any]) -> WordsForm:
    return WordsForm(data, initial=initial, channel=which.channel, language=which.language)


def _ours(desk: Desk, which: Which) -> Template:
    """Return our words as a row that is not kept."""
    wording = ours_of(which)
    return Template(
        clinic=desk.clinic,
        kind=which.kind,
        channel=which.channel,
        language=which.language,
        subject=wording.subject,
        body=wording.body,
        version=0,
    )


def _saved(request: DeskRequest, desk: Desk, form: WordsForm, which: Which) -> Outcome:
    def work() -> dict[str, Any]:
        try:
            row = save_template(
                clinic_id=desk.clinic.pk,
                kind=which.kind,
                channel=which.channel,
                language=which.language,
                subject=form.cleaned_data.get("subject", ""),
                body=form.cleaned_data["body"],
                expected=form.cleaned_data["version"] or None,
                by_id=desk.user.pk,
            )
        except VersionConflict as error:
            raise ChangedMeanwhile(getattr(error, "template", None) or _ours(desk, which)) from error
        return {"version": row.version}

    try:
        return Outcome(answer=once(request, desk, work))
    except DomainError as error:
        return met(desk, form, error, _ours(desk, which), at=Origin(request.path, request.path))


def _looked_at(desk: Desk, which: Which, form: WordsForm) -> dict[str, Any]:
    """Return the preview of what the form holds at this moment."""
    typed = {"subject": "", **form.typed()}
    seen = preview(desk.clinic, which.kind, which.channel, which.language, typed["subject"], typed["body"])
    return {"seen": seen, "blocks": () if which.is_text else blocks_of(seen.body)}
