"""The doors of what was sent to a webhook: the list, a test, sending again, putting away."""

import uuid
from typing import Any

from django.http import HttpResponse
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from mediconnect.api.access import ADMINS
from mediconnect.errors import DomainError, NotFound
from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.hooks.forms import AgainForm
from mediconnect.portal.hooks.reading import calls_at, hook_at, standing_of
from mediconnect.portal.hooks.words import test_words
from mediconnect.portal.once import once
from mediconnect.portal.people.forms import id_sent
from mediconnect.portal.setup.editing import finished
from mediconnect.portal.setup.reading.overview import address
from mediconnect.portal.showing import refused, show
from notifications.models import Hook
from notifications.services.hooks.pinging import ping_hook
from notifications.services.hooks.replaying import discard_dead, replay_between, replay_call, replay_dead


@require_safe
@desk_page(roles=ADMINS)
def hook(request: DeskRequest, desk: Desk, hook: uuid.UUID) -> HttpResponse:
    """Show a webhook: how it does, and what was sent to it."""
    return page_of(request, desk, hook_at(desk, hook))


@require_POST
@desk_page(roles=ADMINS)
def test(request: DeskRequest, desk: Desk, hook: uuid.UUID) -> HttpResponse:
    """Send a test and say what came back. Once per click: it changes nothing but what is known of the address."""
    row = hook_at(desk, hook)
    try:
        call = ping_hook(hook_id=row.pk)
    except DomainError as error:
        return page_of(request, desk, row, error=error)
    return finished(request, test_words(call), to=address(desk, "setup-hook", hook=row.pk))


@require_POST
@desk_page(roles=ADMINS)
def again(request: DeskRequest, desk: Desk, hook: uuid.UUID) -> HttpResponse:
    """Send again: one call, the days that the form names, or all that were given up."""
    row, call = hook_at(desk, hook), id_sent(request.POST, "call")
    if call is None and "call" in request.POST:
        raise NotFound
    form = AgainForm(request.POST) if "first_day" in request.POST else None
    if form is not None and not form.is_valid():
        return page_of(request, desk, row, again=form)

    def work() -> dict[str, Any]:
        if call is not None:
            replay_call(hook_id=row.pk, call_id=call, by_id=desk.user.pk)
            return {"count": 1}
        if form is not None:
            start, end = form.instants(desk)
            return {"count": replay_between(hook_id=row.pk, start=start, end=end, by_id=desk.user.pk)}
        return {"count": replay_dead(hook_id=row.pk, by_id=desk.user.pk)}

    try:
        count = once(request, desk, work)["count"]
    except DomainError as error:
        return page_of(request, desk, row, error=error)
    said = ngettext("%(count)d call is sent again.", "%(count)d calls are sent again.", count) % {"count": count}
    return finished(request, said, to=address(desk, "setup-hook", hook=row.pk))


@require_POST
@desk_page(roles=ADMINS)
def discard(request: DeskRequest, desk: Desk, hook: uuid.UUID) -> HttpResponse:
    """Put away what was given up."""
    row = hook_at(desk, hook)

    def work() -> dict[str, Any]:
        return {"count": discard_dead(hook_id=row.pk, by_id=desk.user.pk)}

    try:
        count = once(request, desk, work)["count"]
    except DomainError as error:
        return page_of(request, desk, row, error=error)
    said = ngettext("%(count)d call was put away.", "%(count)d calls were put away.", count) % {"count": count}
    return finished(request, said, to=address(desk, "setup-hook", hook=row.pk))


def page_of(
    request: DeskRequest,
    desk: Desk,
    row: Hook,
    *,
    error: DomainError | None = None,
    again: AgainForm | None = None,
    **more: Any,
) -> HttpResponse:
    """Return the page of a webhook, with a refusal or with what was just done to it."""
    today = {"first_day": desk.today, "last_day": desk.today}
    words = {
        "room": "setup",
        "part": "hooks",
        "hook": row,
        "standing": standing_of(row),
        "calls": calls_at(row, request.GET),
        "again": again or AgainForm(initial=today),
        "refusal": refused(error) if error else None,
        **more,
    }
    status = error.status if error else 422 if again else 200
    return show(request, desk, "portal/hooks/page.html", words, status=status)
