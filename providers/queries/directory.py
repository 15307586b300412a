"""Who sees which clinics, providers, rooms and types of visit; each a queryset that a door narrows further."""

import uuid
from collections.abc import Collection
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from mediconnect.api.principal import Principal
from providers.models import AppointmentType, Clinic, PractitionerRole, Provider, Resource, ResourceKind, TypeOverride


def _is_staff(principal: Principal) -> bool:
    return principal.kind == "staff"


def clinics_visible_to(principal: Principal) -> QuerySet[Clinic]:
    """Return the clinics that the caller may see: staff their own, superusers all, everybody else those that are open."""
    clinics = Clinic.objects.all()
    if not _is_staff(principal):
        return clinics.filter(active=True)
    return clinics if principal.is_superuser else clinics.filter(pk__in=principal.clinics())


def roles_visible_to(principal: Principal) -> QuerySet[PractitionerRole]:
    """Return who works where, as far as the caller may see the clinic; patients see what is so today."""
    roles = PractitionerRole.objects.filter(clinic__in=clinics_visible_to(principal).order_by().values("pk"))
    return roles if _is_staff(principal) else roles.filter(active=True)


def providers_visible_to(principal: Principal) -> QuerySet[Provider]:
    """Return the providers who work at a clinic that the caller may see, with those of their roles in one more statement."""
    roles = roles_visible_to(principal)
    providers: QuerySet[Provider] = Provider.objects.filter(pk__in=roles.order_by().values("provider"))
    if not _is_staff(principal):
        providers = providers.filter(active=True)
    shown = roles.select_related("clinic").order_by("clinic__name", "id")
    return providers.prefetch_related(Prefetch("roles", shown, to_attr="shown_roles"))


def types_visible_to(principal: Principal) -> QuerySet[AppointmentType]:
    """Return the types of visit at the clinics that the caller may see; patients see what they can book."""
    types = AppointmentType.objects.filter(clinic__in=clinics_visible_to(principal).order_by().values("pk"))
    return types if _is_staff(principal) else types.filter(active=True, bookable_online=True)


def resources_of(clinic_id: uuid.UUID, kind: ResourceKind) -> QuerySet[Resource]:
    """Return the rooms or devices of a clinic, those out of use included."""
    return Resource.objects.filter(clinic=clinic_id, kind=kind)


def clinics_with(
    clinics: QuerySet[Clinic], *, clinic: uuid.UUID | None, specialty: str, q: str, kind: uuid.UUID | None
) -> QuerySet[Clinic]:
    """Return those of the clinics that a search is after."""
    if clinic:
        clinics = clinics.filter(pk=clinic)
    if specialty:
        clinics = clinics.filter(pk__in=_of_specialty(specialty).values("clinic"))
    if kind:
        clinics = clinics.filter(pk__in=AppointmentType.objects.filter(pk=kind).values("clinic"))
    return clinics.filter(name__icontains=q) if q else clinics


def providers_with(
    providers: QuerySet[Provider],
    *,
    among: QuerySet[PractitionerRole],
    clinic: uuid.UUID | None,
    specialty: str,
    q: str,
    kind: uuid.UUID | None,
) -> QuerySet[Provider]:
    """Return those of the providers that a search is after: one role `among` these fits clinic, specialty and type at once."""
    roles = among
    if clinic:
        roles = roles.filter(clinic=clinic)
    if specialty:
        roles = roles.filter(specialty__icontains=specialty)
    if kind:
        roles = roles.filter(active=True, clinic__in=AppointmentType.objects.filter(pk=kind).values("clinic"))
        not_offered = TypeOverride.objects.filter(appointment_type=kind, offered=False).values("provider")
        providers = providers.exclude(pk__in=not_offered)
    if clinic or specialty or kind:
        providers = providers.filter(pk__in=roles.order_by().values("provider"))
    return providers.filter(name__icontains=q) if q else providers


def types_with(
    types: QuerySet[AppointmentType], *, clinic: uuid.UUID | None, specialty: str, q: str, kind: uuid.UUID | None
) -> QuerySet[AppointmentType]:
    """Return those of the types that a search is after; `specialty` names somebody who works at their clinic."""
    if clinic:
        types = types.filter(clinic=clinic)
    if specialty:
        types = types.filter(clinic__in=_of_specialty(specialty).values("clinic"))
    if kind:
        types = types.filter(pk=kind)
    return types.filter(name__icontains=q) if q else types


def clinics_where_works(provider_id: uuid.UUID, among: Collection[uuid.UUID] | None = None) -> dict[uuid.UUID, str]:
    """Return the clinics (with their zones) where a provider works, those among some of them where that is asked."""
    at = Q() if among is None else Q(clinic__in=among)
    roles = PractitionerRole.objects.filter(at, provider=provider_id, active=True).order_by("clinic__name")
    found: list[tuple[uuid.UUID, Any]] = list(roles.values_list("clinic_id", "clinic__timezone"))
    return dict(found)


def _of_specialty(specialty: str) -> QuerySet[PractitionerRole]:
    return PractitionerRole.objects.filter(active=True, specialty__icontains=specialty).order_by()
