"""What patients see and change about themselves."""

from typing import ClassVar

from django.http import HttpResponse
from django.utils import timezone

from mediconnect.api.access import Access, AccessTable
from mediconnect.api.answers import HttpAnswer
from mediconnect.api.fields import members
from mediconnect.api.principal import Principal
from mediconnect.api.requests import ApiRequest
from mediconnect.api.versions import expected_version
from mediconnect.api.views import ApiView
from mediconnect.errors import NotFound
from mediconnect.resilience.transactions import decide
from mediconnect.telemetry.request_id import current_request_id
from patients.models import Patient
from patients.ports import dashboard_of, messages_of
from patients.services.changes import change_profile

from . import reading, rendering, schema
from .patients import today


def oneself(principal: Principal) -> Patient:
    """Return the caller's own record; raises `NotFound` for an account that belongs to none."""
    own = Patient.objects.filter(pk__in=principal.patient_ids[:1])
    patient = own.filter(user_id=principal.user_id).first() if principal.user_id else None
    if patient is None:
        raise NotFound
    return patient


class Me(ApiView):
    """The caller's own record."""

    access: ClassVar[AccessTable] = {"GET": Access(patient="profile:read"), "PATCH": Access(patient="profile:write")}

    @schema.read_me
    def get(self, request: ApiRequest) -> HttpResponse:
        """Show the profile, the contact channels and those in the caller's care."""
        data = rendering.shown(request.principal, oneself(request.principal), today=today())
        return HttpAnswer(data, version=data["version"])

    @schema.change_me
    def patch(self, request: ApiRequest) -> HttpResponse:
        """Change language, zone, contact channels and consent."""
        change = reading.profile_change(members(request, reading.PROFILE))
        patient_id = oneself(request.principal).pk
        expected = expected_version(request)
        with rendering.conflicts(request.principal, expected, today=today()):
            patient = decide(
                lambda: change_profile(patient_id=patient_id, version=expected.version, change=change, today=today()),
                actor_id=request.principal.user_id,
                request_id=current_request_id(),
            )
        data = rendering.shown(request.principal, patient, today=today())
        return HttpAnswer(data, version=data["version"])


class Dashboard(ApiView):
    """The caller's visits and those of whom it cares for."""

    access: ClassVar[AccessTable] = {"GET": Access(patient="appointments:read")}

    @schema.read_dashboard
    def get(self, request: ApiRequest) -> HttpResponse:
        """Show what is to come, what is gone by and what was written last; offers have their place here too."""
        if not request.principal.patient_ids:
            raise NotFound
        visits = dashboard_of(request.principal.patient_ids, now=timezone.now())
        messages = messages_of(request.principal.patient_ids)
        return HttpAnswer({**visits, "offers": [], "messages": messages})
