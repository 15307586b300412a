"""The door by which an address is written to again."""

import uuid
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from mediconnect.api.access import DESK
from mediconnect.errors import DomainError
from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.messages.standing import standing_at
from mediconnect.portal.people.reading.record import patient_of
from mediconnect.portal.people.views.record import address_of, page
from mediconnect.portal.showing import done, refused
from notifications.services.standing import clear_standing


@desk_page(roles=DESK)
def standing(request: DeskRequest, desk: Desk, patient: uuid.UUID, contact: uuid.UUID) -> HttpResponse:
    """Take back what stands against writing to a contact. Carried out twice it is the same as once, so it needs no key."""
    found = patient_of(desk, patient)
    back = f"{address_of(desk, found.pk)}#contacts"
    if request.method != "POST":
        return HttpResponseRedirect(back)
    note = " ".join(request.POST.get("note", "").split())[:200]
    try:
        clear_standing(standing_id=standing_at(found.pk, contact), by_id=desk.user.pk, note=note)
    except DomainError as error:
        words: dict[str, Any] = {"section": "contacts", "typed": request.POST, "refusal": refused(error)}
        return page(request, desk, found, words, status=error.status)
    return done(request, _("Messages may go there again."), to=back)
