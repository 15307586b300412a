"""The door by which a visit comes first, or in its turn again."""

import uuid
from typing import Any, Final

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from appointments.models import Priority
from appointments.services.prioritising import prioritise
from mediconnect.errors import DomainError
from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.once import once
from mediconnect.portal.showing import Undo, done
from mediconnect.portal.visits.around import Around
from mediconnect.portal.visits.forms import expected_of
from mediconnect.portal.visits.reading import visit_at
from mediconnect.portal.visits.views.card import show_card
from mediconnect.portal.visits.writing import Wish, may_act, trouble_of

from .views import address_of

_OTHER: Final = {Priority.URGENT.value: Priority.ROUTINE.value, Priority.ROUTINE.value: Priority.URGENT.value}


@desk_page
def priority(request: DeskRequest, desk: Desk, visit: uuid.UUID) -> HttpResponse:
    """Let a visit come first, or in its turn; a refusal or a clash is shown on its card."""
    found, around = visit_at(desk, visit), Around.of(request, desk, visit)
    may_act(desk, found.provider_id)
    if request.method != "POST":
        return HttpResponseRedirect(around.card)
    wanted = request.POST.get("priority", "")

    def work() -> dict[str, Any]:
        expected = expected_of(request.POST)
        changed = prioritise(appointment_id=visit, priority=wanted, expected=expected, caller=desk.caller)
        return {"version": changed.version}

    try:
        made = once(request, desk, work)
    except DomainError as error:
        wish = Wish(request.get_full_path(), [(_("Priority"), word_of(wanted))], {"priority": wanted})
        return show_card(request, desk, around, trouble_of(error, request, desk, around, wish))
    back = address_of(desk, request.POST.get("who", ""))
    here = reverse("portal:arrivals-priority", kwargs={"clinic": desk.clinic.pk, "visit": visit})
    undo = Undo(
        f"{here}?over=arrivals", made["version"], {"priority": _OTHER[wanted], "who": request.POST.get("who", "")}
    )
    return done(
        request, _("Comes first now.") if wanted == Priority.URGENT else _("Comes in turn now."), to=back, undo=undo
    )


def word_of(priority: str) -> str:
    """Return what a priority is called."""
    return _("urgent") if priority == Priority.URGENT else _("in turn")
