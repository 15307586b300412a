"""The doors of holds: keep a time while details are typed, give it back."""

import uuid
from typing import ClassVar

from django.http import HttpResponse

from appointments.models import Hold
from appointments.services.holding import place_hold, release_hold
from mediconnect.api.access import AccessTable
from mediconnect.api.answers import HttpAnswer
from mediconnect.api.fields import as_instant, members, required
from mediconnect.api.requests import ApiRequest
from mediconnect.api.views import ApiView
from mediconnect.idempotency import idempotent

from . import schema
from .appointments import WRITE
from .asking import caller_of, patient_of, second_of, what_of
from .rendering import render_hold


class HoldsView(ApiView):
    """Hold a time."""

    access: ClassVar[AccessTable] = {"POST": WRITE}

    def may_see(self, request: ApiRequest, resource_id: uuid.UUID) -> bool:
        """Return whether the hold of a stored answer is still the caller's; one that has lapsed was."""
        owner = Hold.objects.filter(pk=resource_id).values_list("held_by", flat=True).first()
        return owner in {None, request.principal.user_id}

    @schema.place_hold
    @idempotent(required=True)
    def post(self, request: ApiRequest) -> HttpResponse:
        """Hold the time for as many minutes as the clinic allows."""
        body = members(request, {"appointment_type", "provider", "second_provider", "start", "patient"})
        start = as_instant(required(body, "start"), "start")
        kind, provider = what_of(request, body)
        named = request.principal.kind == "patient" or body.get("patient") is not None
        hold, terms = place_hold(
            appointment_type_id=kind,
            provider_id=provider,
            start=start,
            patient_id=patient_of(request, body) if named else None,
            caller=caller_of(request),
            second_provider_id=second_of(request, body),
        )
        return HttpAnswer(render_hold(hold, terms), status=201, resource_id=hold.pk)


class HoldView(ApiView):
    """Give a hold back."""

    access: ClassVar[AccessTable] = {"DELETE": WRITE}

    @schema.release_hold
    def delete(self, request: ApiRequest, hold_id: uuid.UUID) -> HttpResponse:
        """Free the held time at once."""
        release_hold(hold_id=hold_id, caller=caller_of(request))
        return HttpAnswer(status=204)
