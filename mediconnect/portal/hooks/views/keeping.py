"""The doors of webhooks themselves: listed, added and tested at once, changed, paused, given another secret, removed."""

import uuid
from collections.abc import Callable
from typing import Any, Final

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from mediconnect.api.access import ADMINS
from mediconnect.errors import DomainError
from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.hooks.forms import HookForm
from mediconnect.portal.hooks.reading import hook_at, standings
from mediconnect.portal.hooks.words import test_words
from mediconnect.portal.once import once
from mediconnect.portal.setup.editing import Origin, Outcome, attempt, finished, status_of, version_in
from mediconnect.portal.setup.reading.overview import address
from mediconnect.portal.showing import show
from notifications.models import Hook, HookCall
from notifications.services.hooks.keeping import (
    HookValues,
    change_hook,
    make_hook,
    pause_hook,
    remove_hook,
    resume_hook,
    rotate_secret,
)
from notifications.services.hooks.pinging import ping_hook

from .calls import page_of

PART: Final = {"room": "setup", "part": "hooks"}


@require_safe
@desk_page(roles=ADMINS)
def hooks(request: DeskRequest, desk: Desk) -> HttpResponse:
    """List the programs that the clinic tells of its visits, and how each does."""
    return show(request, desk, "portal/hooks/list.html", {**PART, "hooks": standings(desk)})


@desk_page(roles=ADMINS)
def new_hook(request: DeskRequest, desk: Desk) -> HttpResponse:
    """Add an address, test it at once, and show its secret, this once."""
    listed, outcome = address(desk, "setup-hooks"), Outcome()
    form = HookForm(request.POST or None)
    if form.is_valid():
        made: dict[str, str] = {}

        def work() -> dict[str, Any]:
            hook, made["secret"] = make_hook(clinic_id=desk.clinic.pk, by_id=desk.user.pk, **form.values())
            return {"id": hook.pk}

        outcome = attempt(request, desk, form, work, at=Origin(request.path, listed))
        if outcome.answer is not None:
            return _made(request, desk, uuid.UUID(outcome.answer["id"]), made.get("secret", ""))
    words = {**PART, "form": form, "back": listed, **outcome.words}
    return show(request, desk, "portal/hooks/edit.html", words, status=status_of(form, outcome))


@desk_page(roles=ADMINS)
def edit_hook(request: DeskRequest, desk: Desk, hook: uuid.UUID) -> HttpResponse:
    """Change an address or what it is told; another address is tested at once."""
    row, outcome = hook_at(desk, hook), Outcome()
    here = address(desk, "setup-hook", hook=row.pk)
    form = HookForm(request.POST or None, initial=HookForm.initial_of(desk, row))
    if form.is_valid():

        def work() -> dict[str, Any]:
            values: HookValues = form.values()  # type: ignore[assignment]  # the form's fields are its names
            changed = change_hook(hook_id=row.pk, version=form.cleaned_data["version"] or 0, values=values)
            return {"moved": changed.url != row.url}

        outcome = attempt(request, desk, form, work, at=Origin(request.path, here))
        if outcome.answer is not None:
            if outcome.answer["moved"]:
                return finished(request, test_words(_tested(row.pk)), to=here)
            return finished(request, _("Saved. It holds from now on."), to=here)
    words = {**PART, "form": form, "hook": row, "back": here, **outcome.words}
    return show(request, desk, "portal/hooks/edit.html", words, status=status_of(form, outcome))


@require_POST
@desk_page(roles=ADMINS)
def pause(request: DeskRequest, desk: Desk, hook: uuid.UUID) -> HttpResponse:
    """Send nothing for now."""
    notice = _("Paused. What happens meanwhile waits, for a week at most.")
    return _acted(request, desk, hook, lambda version: pause_hook(hook_id=hook, version=version), notice)


@require_POST
@desk_page(roles=ADMINS)
def resume(request: DeskRequest, desk: Desk, hook: uuid.UUID) -> HttpResponse:
    """Send what waits, and what happens from now on."""
    notice = _("Resumed. What waited is sent now.")
    return _acted(request, desk, hook, lambda version: resume_hook(hook_id=hook, version=version), notice)


@require_POST
@desk_page(roles=ADMINS)
def new_secret(request: DeskRequest, desk: Desk, hook: uuid.UUID) -> HttpResponse:
    """Change the secret and show the new one, this once."""
    row, version = hook_at(desk, hook), version_in(request)
    made: dict[str, str] = {}

    def work() -> dict[str, Any]:
        _hook, made["secret"] = rotate_secret(hook_id=row.pk, version=version)
        return {}

    try:
        once(request, desk, work)
    except DomainError as error:
        return page_of(request, desk, row, error=error)
    if not made:
        return finished(request, _shown_once(), to=address(desk, "setup-hook", hook=row.pk))
    return page_of(request, desk, hook_at(desk, hook), secret=made["secret"], is_changed=True)


@desk_page(roles=ADMINS)
def remove(request: DeskRequest, desk: Desk, hook: uuid.UUID) -> HttpResponse:
    """Ask once, then send nothing there any more."""
    row = hook_at(desk, hook)
    if request.method == "POST":
        version = version_in(request)

        def work() -> dict[str, Any]:
            remove_hook(hook_id=row.pk, version=version)
            return {}

        try:
            once(request, desk, work)
        except DomainError as error:
            return page_of(request, desk, row, error=error)
        return finished(request, _("Removed. Nothing is sent there any more."), to=address(desk, "setup-hooks"))
    words = {**PART, "hook": row, "back": address(desk, "setup-hook", hook=row.pk)}
    return show(request, desk, "portal/hooks/remove.html", words)


def _made(request: DeskRequest, desk: Desk, hook_id: uuid.UUID, secret: str) -> HttpResponse:
    """Test what was just added, once its row is committed, and show its page with the secret."""
    if not secret:
        return finished(request, _shown_once(), to=address(desk, "setup-hook", hook=hook_id))
    call = _tested(hook_id)
    return page_of(request, desk, hook_at(desk, hook_id), secret=secret, said=test_words(call))


def _tested(hook_id: uuid.UUID) -> HookCall | None:
    try:
        return ping_hook(hook_id=hook_id)
    except DomainError:
        return None


def _shown_once() -> str:
    return _("It was made already. The secret is shown only once; change it to get another.")


def _acted(
    request: DeskRequest, desk: Desk, hook_id: uuid.UUID, act: Callable[[int], Hook], notice: str
) -> HttpResponse:
    row, version = hook_at(desk, hook_id), version_in(request)

    def work() -> dict[str, Any]:
        return {"version": act(version).version}

    try:
        once(request, desk, work)
    except DomainError as error:
        return page_of(request, desk, row, error=error)
    return finished(request, notice, to=address(desk, "setup-hook", hook=row.pk))
