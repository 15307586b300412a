"""Read visits: whose they are to see, a page of them, and what other apps ask about them."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet

from appointments.models import ACTIVE, Appointment
from mediconnect.api.access import CLINIC_ADMIN, FRONT_DESK, PROVIDER
from mediconnect.api.principal import Principal
from mediconnect.errors import NotFound
from mediconnect.records.models import Change
from providers.models import AppointmentType, Provider

# What an answer about a visit is made of; a list reads these columns and builds no models.
COLUMNS = (
    "id", "version", "status", "clinic_id", "clinic__timezone", "provider_id", "second_provider_id", "room_id", "device_id", "appointment_type_id",
    "patient_id", "session_id", "seat", "starts_at", "ends_at", "reason", "patient_note", "internal_note", "source",
    "cancellation_reason", "override_reason", "overridden_by_id", "arrived_at", "roomed_at", "started_at", "ended_at",
    "created_at", "updated_at", "series_id", "occurrence", "series__size",
)  # fmt: skip


def visible_to(principal: Principal) -> QuerySet[Appointment]:
    """Return the visits that the caller may see: a patient's own and its dependants', a desk's clinic, a provider's calendar.

    A provider sees those as well at which it is the second one.
    """
    visits = Appointment.objects.all()
    if principal.is_superuser and principal.kind == "staff":
        return visits
    if principal.kind == "patient":
        return visits.filter(patient__in=principal.patient_ids)
    if principal.kind == "staff":
        desk = principal.clinics(FRONT_DESK) | principal.clinics(CLINIC_ADMIN)
        own = principal.clinics(PROVIDER) - desk
        words = Q(clinic__in=desk)
        theirs = Q(provider__user=principal.user_id) | Q(second_provider__user=principal.user_id)
        return visits.filter(words | (Q(clinic__in=own) & theirs) if own else words)
    return visits.none()


def require_visible(principal: Principal, appointment_id: uuid.UUID) -> None:
    """Raise `NotFound` unless the caller may see the visit: somebody else's looks like none at all."""
    if not visible_to(principal).filter(pk=appointment_id).exists():
        raise NotFound


def visit_columns(principal: Principal, appointment_id: uuid.UUID) -> dict[str, Any]:
    """Return one visit's `COLUMNS`; raises `NotFound`."""
    row = visible_to(principal).filter(pk=appointment_id).values(*COLUMNS).first()
    if row is None:
        raise NotFound
    return dict(row)


def may_book(principal: Principal, *, appointment_type_id: uuid.UUID, provider_id: uuid.UUID) -> bool:
    """Return whether a member of staff may book this type with this provider: the desk for its clinic, a provider for itself."""
    clinic = AppointmentType.objects.filter(pk=appointment_type_id).values_list("clinic", flat=True).first()
    if clinic is None:
        return False
    if principal.may(FRONT_DESK, clinic) or principal.may(CLINIC_ADMIN, clinic):
        return True
    return principal.may(PROVIDER, clinic) and Provider.objects.filter(pk=provider_id, user=principal.user_id).exists()


def may_book_with(principal: Principal, *, provider_id: uuid.UUID) -> bool:
    """Return whether a member of staff may book in this calendar: a desk in those of its clinics, a provider in the own."""
    if principal.is_superuser:
        return Provider.objects.filter(pk=provider_id).exists()
    desk = principal.clinics(FRONT_DESK) | principal.clinics(CLINIC_ADMIN)
    own = Q(user=principal.user_id) if principal.clinics(PROVIDER) else Q(pk=None)
    here = Q(roles__clinic__in=desk, roles__active=True)
    return Provider.objects.filter(own | here, pk=provider_id).exists()


def history_of(appointment_id: uuid.UUID) -> QuerySet[Change]:
    """Return the changes of a visit, oldest first."""
    return Change.objects.filter(record_type=Appointment._meta.db_table, record_id=appointment_id)


def dashboard_rows(
    patient_ids: Sequence[uuid.UUID], *, now: dt.datetime
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return these patients' next fifty visits and their last twenty past or ended ones, as `COLUMNS`."""
    visits = Appointment.objects.filter(patient__in=patient_ids).values(*COLUMNS)
    upcoming = visits.filter(ends_at__gte=now, status__in=ACTIVE).order_by("starts_at", "id")[:50]
    past = visits.exclude(ends_at__gte=now, status__in=ACTIVE).order_by("-starts_at", "-id")[:20]
    return list(upcoming), list(past)
