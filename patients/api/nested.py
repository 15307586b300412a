"""Contact points and dependants of a patient, as the desk keeps them."""

import uuid
from typing import ClassVar

from django.http import HttpResponse

from mediconnect.api.access import DESK, STAFF, Access, AccessTable
from mediconnect.api.answers import HttpAnswer
from mediconnect.api.fields import as_date, as_text, as_uuid, members, required
from mediconnect.api.requests import ApiRequest
from mediconnect.api.versions import expected_version
from mediconnect.api.views import ApiView
from mediconnect.idempotency.decorator import idempotent
from mediconnect.resilience.transactions import decide
from mediconnect.telemetry.request_id import current_request_id
from patients.models import ContactPoint
from patients.queries import in_care_of, visible_to
from patients.services.contacts import add_contact_point, change_contact_point
from patients.services.dependants import end_dependant, record_dependant

from . import reading, rendering, schema
from .patients import PatientView, countries_of, seen, today, writable

_READ = Access(staff=STAFF)
_WRITE = Access(staff=DESK)


class ContactPoints(PatientView):
    """The ways in which a patient is reached."""

    access: ClassVar[AccessTable] = {"GET": _READ, "POST": _WRITE}

    @schema.list_contact_points
    def get(self, request: ApiRequest, patient_id: uuid.UUID) -> HttpResponse:
        """List those in use, the one that is tried first on top."""
        seen(request.principal, patient_id)
        points = ContactPoint.objects.active().filter(patient_id=patient_id)
        results = [rendering.contact_point(point) for point in points]
        return HttpAnswer({"next": None, "previous": None, "results": results})

    @schema.add_contact_point
    @idempotent()
    def post(self, request: ApiRequest, patient_id: uuid.UUID) -> HttpResponse:
        """Add one."""
        contact = reading.new_contact(members(request, reading.CONTACT))
        writable(request.principal, patient_id)
        countries = countries_of(request.principal)
        point = add_contact_point(
            patient_id=patient_id, contact=contact, country=countries[0] if len(countries) == 1 else None
        )
        location = f"{request.path}{point.pk}/"
        data = rendering.contact_point(point)
        return HttpAnswer(data, status=201, version=point.version, location=location, resource_id=patient_id)


class ContactPointDetail(ApiView):
    """One contact point."""

    access: ClassVar[AccessTable] = {"PATCH": _WRITE}

    @schema.change_contact_point
    def patch(self, request: ApiRequest, patient_id: uuid.UUID, contact_point_id: uuid.UUID) -> HttpResponse:
        """Change its rank or consent, or retire it with `active: false`."""
        change = reading.contact_change(members(request, reading.CONTACT_CHANGE))
        writable(request.principal, patient_id)
        expected = expected_version(request)
        with rendering.conflicts(request.principal, expected, today=today()):
            point = decide(
                lambda: change_contact_point(
                    patient_id=patient_id,
                    contact_point_id=contact_point_id,
                    version=expected.version,
                    change=change,
                ),
                actor_id=request.principal.user_id,
                request_id=current_request_id(),
            )
        return HttpAnswer(rendering.contact_point(point), version=point.version)


class Dependants(PatientView):
    """Those for whom a patient may act."""

    access: ClassVar[AccessTable] = {"GET": _READ, "POST": _WRITE}

    @schema.list_dependants
    def get(self, request: ApiRequest, patient_id: uuid.UUID) -> HttpResponse:
        """List those whom the caller may see as well."""
        seen(request.principal, patient_id)
        rights = in_care_of(patient_id, today=today(), among=visible_to(request.principal))
        results = [rendering.dependant(right) for right in rights]
        return HttpAnswer({"next": None, "previous": None, "results": results})

    @schema.record_dependant
    @idempotent()
    def post(self, request: ApiRequest, patient_id: uuid.UUID) -> HttpResponse:
        """Record the right, for two patients of the caller's clinics."""
        body = members(request, ("patient", "relationship", "ends_on"))
        writable(request.principal, patient_id)
        cared_for = writable(request.principal, as_uuid(required(body, "patient"), "patient"))
        right = record_dependant(
            guardian_id=patient_id,
            patient_id=cared_for.pk,
            relationship=as_text(required(body, "relationship"), "relationship", longest=160),
            ends_on=as_date(body["ends_on"], "ends_on") if body.get("ends_on") is not None else None,
            recorded_by_id=request.principal.user_id,
            today=today(),
        )
        return HttpAnswer(rendering.dependant(right), status=201, resource_id=patient_id)


class DependantDetail(ApiView):
    """The right to act for one patient."""

    access: ClassVar[AccessTable] = {"DELETE": _WRITE}

    @schema.end_dependant
    def delete(self, request: ApiRequest, patient_id: uuid.UUID, dependant_id: uuid.UUID) -> HttpResponse:
        """End it at once; that it held stays in the history."""
        writable(request.principal, patient_id)
        decide(
            lambda: end_dependant(guardian_id=patient_id, patient_id=dependant_id, today=today()),
            actor_id=request.principal.user_id,
            request_id=current_request_id(),
        )
        return HttpAnswer(status=204)
