"""The doors by which patients are told that they will be seen late."""

import uuid
from typing import Any, Final

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext
from django.views.decorators.http import require_POST

from appointments.services.telling_late import tell_late
from mediconnect.api.access import ADMINS
from mediconnect.errors import DomainError, Invalid
from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.once import once
from mediconnect.portal.setup.editing import version_in
from mediconnect.portal.showing import done, refused
from providers.services.delays import LEAST, MOST, set_delay_threshold

from .reading import late_of
from .views import page

_FIELD: Final = "minutes-"


@require_POST
@desk_page
def tell(request: DeskRequest, desk: Desk) -> HttpResponse:
    """Tell the chosen patients how much later they will be seen."""
    seen = {one.id for one in late_of(desk)}
    try:
        chosen = {visit: _minutes(request, visit) for visit in _chosen(request) if visit in seen}
        if not chosen:
            raise Invalid.field("visit", gettext_noop("Choose at least one person to tell."))

        def work() -> dict[str, Any]:
            return {"told": tell_late(clinic_id=desk.clinic.pk, minutes=chosen, caller=desk.caller)}

        told = once(request, desk, work)["told"]
    except DomainError as error:
        return page(request, desk, refusal=refused(error), status=error.status)
    words = ngettext("%(count)d person is told.", "%(count)d people are told.", told) % {"count": told}
    return done(request, words, to=reverse("portal:waiting-room", kwargs={"clinic": desk.clinic.pk}))


@require_POST
@desk_page(roles=ADMINS)
def by_themselves(request: DeskRequest, desk: Desk) -> HttpResponse:
    """Say from which delay on patients are told by themselves; an empty field says never."""
    typed = request.POST.get("minutes", "").strip()
    try:
        wanted = _whole(typed, "minutes") if typed else None

        def work() -> dict[str, Any]:
            version = version_in(request)
            set_delay_threshold(clinic_id=desk.clinic.pk, version=version, minutes=wanted)
            return {}

        once(request, desk, work, fresh_reads=True)
    except DomainError as error:
        return page(request, desk, refusal=refused(error), status=error.status)
    return done(
        request,
        _("Saved. It holds from now on."),
        to=reverse("portal:waiting-room", kwargs={"clinic": desk.clinic.pk}),
    )


def _chosen(request: DeskRequest) -> list[uuid.UUID]:
    try:
        return [uuid.UUID(text) for text in request.POST.getlist("visit")]
    except ValueError as error:
        raise Invalid.field("visit", gettext_noop("Choose from the list.")) from error


def _minutes(request: DeskRequest, visit: uuid.UUID) -> int:
    return _whole(request.POST.get(f"{_FIELD}{visit}", ""), "minutes")


def _whole(text: str, field: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 5 and LEAST <= int(text) <= MOST):
        raise Invalid.field(field, gettext_noop("A delay is 5 to 240 minutes, as a whole number."))
    return int(text)
