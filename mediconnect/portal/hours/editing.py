"""One door for each kind of edit of a calendar: look at what it changes, then make it."""

import uuid
from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from mediconnect.portal.desk import Desk, DeskRequest
from mediconnect.portal.setup.editing import Origin, Outcome, attempt, finished, rehearse, status_of
from mediconnect.portal.setup.forms.edits import EditForm
from mediconnect.portal.showing import show
from providers.models import Provider
from providers.services.editing import Edit, Preview

Do = Callable[[bool], Edit[Any]]


def provider_address(desk: Desk, provider_id: uuid.UUID) -> str:
    """Return the address of a provider's page."""
    return reverse("portal:provider", kwargs={"clinic": desk.clinic.pk, "provider": provider_id})


def edit(
    request: DeskRequest, desk: Desk, provider: Provider, form: EditForm, do: Do, *, notice: str, words: dict[str, Any]
) -> HttpResponse:
    """Answer an edit: the form, then what it would change, then the provider's page once it is made.

    `do` makes the edit, or rehearses it where it is called with True.
    """
    back, outcome = provider_address(desk, provider.pk), Outcome()
    if form.is_valid():
        at = Origin(request.path, back)
        ahead = rehearse(request, desk, form, lambda: do(True), at=at)  # noqa: FBT003  the one question of an edit
        outcome = ahead or attempt(request, desk, form, lambda: {"id": do(False).record.pk}, at=at)  # noqa: FBT003
        if outcome.answer is not None:
            return finished(request, notice, to=back)
    context = {"room": "providers", "provider": provider, "form": form, "back": back, **words, **outcome.words}
    return show(request, desk, "portal/hours/edit.html", context, status=status_of(form, outcome))


def together(edits: list[Edit[Any]]) -> Edit[Any]:
    """Return several edits as one, with all that they open, close and touch."""
    effects = [effect for one in edits for effect in one.preview.effects]
    return Edit(edits[0].record, Preview(effects))
