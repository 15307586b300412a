"""The doors of one number: called on the screens, and on paper in the patient's hand."""

import uuid
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from appointments.models import Ticket
from appointments.services.tickets import call_ticket
from mediconnect.errors import NotFound
from mediconnect.portal.arrivals.views import address_of
from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.once import once
from mediconnect.portal.showing import done, show
from mediconnect.portal.visits.reading import visit_at
from mediconnect.portal.visits.writing import may_act


@require_POST
@desk_page
def call(request: DeskRequest, desk: Desk, visit: uuid.UUID) -> HttpResponse:
    """Call a number, once more if it was called before."""
    may_act(desk, visit_at(desk, visit).provider_id)

    def work() -> dict[str, Any]:
        return {"number": call_ticket(appointment_id=visit, caller=desk.caller).number}

    number = once(request, desk, work)["number"]
    who = request.POST.get("who", "")
    return done(request, _("Number %(number)d is called.") % {"number": number}, to=address_of(desk, who))


@require_safe
@desk_page
def slip(request: DeskRequest, desk: Desk, visit: uuid.UUID) -> HttpResponse:
    """Show a number as a slip to print. It names the clinic and nobody else."""
    visit_at(desk, visit)
    ticket = Ticket.objects.filter(appointment=visit).first()
    if ticket is None:
        raise NotFound("This visit has no number.")
    return show(request, desk, "portal/waiting_room/slip.html", {"room": "arrivals", "ticket": ticket})
