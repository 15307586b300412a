"""The doors of one message: why it was, or was not, sent; on its way once more; put away."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext
from django.views.decorators.http import require_safe

from mediconnect.api.access import DESK
from mediconnect.errors import DomainError, Invalid
from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.messages.beneath import Beneath, show_beside
from mediconnect.portal.messages.reading import message_at, messages_at, row_of
from mediconnect.portal.messages.telling import told
from mediconnect.portal.once import once
from mediconnect.portal.showing import done, refused
from notifications.models import REQUEUABLE, Message
from notifications.queries.why import story_of
from notifications.services.requeueing import discard_message, requeue_message

_STORY = "portal/messages/_story.html"
_DISCARD = "portal/messages/_discard.html"
# As the column has it.
LONGEST_NOTE = 200


@require_safe
@desk_page
def message(request: DeskRequest, desk: Desk, message: uuid.UUID) -> HttpResponse:
    """Tell the whole decision about a message."""
    return _shown(request, desk, message_at(desk, message), _STORY)


@desk_page(roles=DESK)
def requeue(request: DeskRequest, desk: Desk, message: uuid.UUID) -> HttpResponse:
    """Put a message that was given up, or reached nobody, on its way once more."""
    found = message_at(desk, message)
    beneath = _beneath(request, desk, found)
    if request.method != "POST":
        return HttpResponseRedirect(beneath.address("message", message=message))

    def work() -> dict[str, Any]:
        requeue_message(message_id=message, by_id=desk.user.pk)
        return {}

    try:
        once(request, desk, work)
    except DomainError as error:
        return _shown(request, desk, message_at(desk, message), _STORY, {"refusal": refused(error)}, error.status)
    return done(request, _("On its way once more."), to=_next(request, beneath, message))


@desk_page(roles=DESK)
def requeue_shown(request: DeskRequest, desk: Desk) -> HttpResponse:
    """Put all that a page shows on its way once more; what somebody else saw to meanwhile is left as it is."""
    back = reverse("portal:messages", kwargs={"clinic": desk.clinic.pk})
    if request.method != "POST":
        return HttpResponseRedirect(back)
    ids = _ids(request.POST.getlist("message"))

    def work() -> dict[str, Any]:
        own = messages_at(desk).filter(pk__in=ids, state__in=REQUEUABLE).values_list("pk", flat=True)
        return {"count": sum(_requeued(desk, one) for one in sorted(own))}

    count = once(request, desk, work)["count"]
    notice = ngettext(
        "%(count)d message is on its way once more.", "%(count)d messages are on their way once more.", count
    )
    return done(request, notice % {"count": count}, to=back)


@desk_page(roles=DESK)
def discard(request: DeskRequest, desk: Desk, message: uuid.UUID) -> HttpResponse:
    """Put a message away for a reason: the patient was called, or nothing needs to be told any more."""
    found = message_at(desk, message)
    beneath = _beneath(request, desk, found)
    if request.method != "POST":
        return _shown(request, desk, found, _DISCARD)

    def work() -> dict[str, Any]:
        discard_message(message_id=message, reason=note_of(request), by_id=desk.user.pk)
        return {}

    try:
        once(request, desk, work)
    except DomainError as error:
        words = {"refusal": refused(error), "typed": request.POST.get("note", "")}
        return _shown(request, desk, message_at(desk, message), _DISCARD, words, error.status)
    return done(request, _("Put away."), to=_next(request, beneath, message))


def note_of(request: DeskRequest) -> str:
    """Return what somebody wrote down that they did; raises `Invalid` for nothing and for too much."""
    note = " ".join(request.POST.get("note", "").split())
    if not note:
        raise Invalid.field("note", gettext_noop("Say in a few words what was done."))
    if len(note) > LONGEST_NOTE:
        raise Invalid.field("note", gettext_noop("This note is too long: 200 letters at most."))
    return note


def _requeued(desk: Desk, message_id: uuid.UUID) -> bool:
    try:
        requeue_message(message_id=message_id, by_id=desk.user.pk)
    except DomainError:
        return False
    return True


def _ids(sent: list[str]) -> set[uuid.UUID]:
    ids = set()
    for text in sent[:500]:
        try:
            ids.add(uuid.UUID(text))
        except ValueError:
            continue
    return ids


def _beneath(request: DeskRequest, desk: Desk, message: Message) -> Beneath:
    return Beneath.of(request, desk, message.visit, message.patient)


def _next(request: DeskRequest, beneath: Beneath, message_id: uuid.UUID) -> str:
    """Return the list where the button stood in it, else the message's own panel."""
    return (
        beneath.close(request) if request.POST.get("next") == "list" else beneath.address("message", message=message_id)
    )


def _shown(
    request: DeskRequest,
    desk: Desk,
    message: Message,
    panel: str,
    words: Mapping[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    beneath = _beneath(request, desk, message)
    story = story_of(message)
    context = {
        "message": message,
        "row": row_of(desk, message),
        "lines": told(desk, story),
        "story": story,
        "card": beneath.card(request),
        "may_act": desk.is_desk and message.state in REQUEUABLE,
        "here": {
            "requeue": beneath.address("message-requeue", message=message.pk),
            "discard": beneath.address("message-discard", message=message.pk),
            "story": beneath.address("message", message=message.pk),
        },
        **(words or {}),
    }
    return show_beside(request, beneath, panel, context, status=status)
