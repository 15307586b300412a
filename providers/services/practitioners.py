"""Say where a provider works and as what, when that ends, and with which sign-in the provider sees the own calendar."""

import datetime as dt
import uuid

from django.db import IntegrityError, transaction
from django.utils import timezone

from mediconnect.errors import NotFound
from mediconnect.outbox import publish
from mediconnect.resilience.transactions import constraint
from providers.errors import SignInOfAnotherClinic, SignInTaken, WorksHereAlready
from providers.events import HoursChanged, PractitionerRoleChanged, ResourceChanged, RolesChanged
from providers.locks import lock_clinic, lock_resource
from providers.models import (
    Clinic,
    Membership,
    OneOffHours,
    PractitionerRole,
    Resource,
    ResourceKind,
    Role,
    WorkingHours,
)

from .editing import Edit, Preview, apply, one_edit, save
from .openings import settle


def add_practitioner_role(*, provider_id: uuid.UUID, clinic_id: uuid.UUID, specialty: str = "") -> PractitionerRole:
    """Let a provider work at a clinic (again), without hours as yet; return the role.

    Raises `NotFound`, `Invalid` by field, and `WorksHereAlready`.
    """
    with one_edit(dry_run=False):
        clinic, provider = _place(provider_id, clinic_id)
        role = PractitionerRole.objects.filter(provider=provider_id, clinic=clinic).first()
        if role is not None and role.active:
            raise WorksHereAlready
        role = role or PractitionerRole(provider_id=provider.pk, clinic=clinic)
        role.active, role.specialty = True, specialty
        save(role)
        _publish(role)
        return role


def change_specialty(*, provider_id: uuid.UUID, clinic_id: uuid.UUID, specialty: str) -> PractitionerRole:
    """Say as what a provider works at a clinic; return the role. Raises `NotFound` and `Invalid` by field."""
    with one_edit(dry_run=False):
        _place(provider_id, clinic_id)
        role = _active_role(provider_id, clinic_id)
        changed = apply(role, {"specialty": specialty})
        save(role, changed)
        if changed:
            _publish(role)
        return role


def end_practitioner_role(
    *, provider_id: uuid.UUID, clinic_id: uuid.UUID, dry_run: bool = False
) -> Edit[PractitionerRole]:
    """Let a provider cease to work at a clinic from now on; return the role with what closes and which visits it touches.

    Hours there end with yesterday, and hours of single days to come are taken away; what is past stays as it was.
    Raises `NotFound`, and `VisitsInTheWay` for visits to come.
    """
    with one_edit(dry_run=dry_run):
        clinic, _ = _place(provider_id, clinic_id)
        role = _active_role(provider_id, clinic_id)
        role.active = False
        save(role, ["active"])
        preview = _without_hours(provider_id, clinic, dry_run=dry_run)
        _publish(role)
        return Edit(role, preview)


def give_sign_in(*, provider_id: uuid.UUID, clinic_id: uuid.UUID, user_id: uuid.UUID | None) -> Resource:
    """Let somebody who works at the clinic sign in as this provider, or nobody (None); return the provider.

    Whoever gets the calendar gets the role of a provider at the clinic with it, without which it stays shut.

    Raises `NotFound` unless both work there, `SignInTaken` for the sign-in of another provider, and
    `SignInOfAnotherClinic` rather than replace the sign-in of somebody who does not work here.
    """
    with one_edit(dry_run=False):
        _, provider = _place(provider_id, clinic_id)
        _active_role(provider_id, clinic_id)
        if provider.user_id == user_id:
            return provider
        if user_id is not None and not _works(user_id, clinic_id):
            raise NotFound
        if provider.user_id is not None and not _may_replace(provider.user_id, clinic_id):
            raise SignInOfAnotherClinic
        provider.user_id = user_id
        _save_sign_in(provider)
        if user_id is not None:
            _make_provider(user_id, clinic_id)
        publish(ResourceChanged(resource_id=provider.pk), aggregate_id=provider.pk)
        return provider


def _place(provider_id: uuid.UUID, clinic_id: uuid.UUID) -> tuple[Clinic, Resource]:
    clinic, provider = lock_clinic(clinic_id), lock_resource(provider_id)
    if provider.kind != ResourceKind.PROVIDER:
        raise NotFound
    return clinic, provider


def _active_role(provider_id: uuid.UUID, clinic_id: uuid.UUID) -> PractitionerRole:
    role = PractitionerRole.objects.filter(provider=provider_id, clinic=clinic_id, active=True).first()
    if role is None:
        raise NotFound
    return role


def _without_hours(provider_id: uuid.UUID, clinic: Clinic, *, dry_run: bool) -> Preview:
    today = timezone.now().astimezone(clinic.zone).date()
    hours = WorkingHours.objects.filter(resource=provider_id, clinic=clinic)
    hours.filter(valid_from__gte=today).delete()
    for row in hours.exclude(valid_until__lt=today):
        row.valid_until = today - dt.timedelta(days=1)
        row.save(update_fields=["valid_until"])
    OneOffHours.objects.filter(resource=provider_id, clinic=clinic, date__gte=today).delete()
    preview = settle([(provider_id, clinic.pk)], dry_run=dry_run)
    publish(HoursChanged(resource_id=provider_id, clinic_id=clinic.pk), aggregate_id=provider_id)
    return preview


def _works(user_id: uuid.UUID, clinic_id: uuid.UUID) -> bool:
    return Membership.objects.filter(user=user_id, clinic=clinic_id).exists()


def _make_provider(user_id: uuid.UUID, clinic_id: uuid.UUID) -> None:
    role = {"user_id": user_id, "clinic_id": clinic_id, "role": Role.PROVIDER}
    if not Membership.objects.filter(**role).exists():
        Membership.objects.create(**role)
        publish(RolesChanged(clinic_id=clinic_id, user_id=user_id), aggregate_id=user_id)


def _may_replace(user_id: uuid.UUID, clinic_id: uuid.UUID) -> bool:
    """Return whether a sign-in is this clinic's to replace: its owner works here, or nowhere any more."""
    return _works(user_id, clinic_id) or not Membership.objects.filter(user=user_id).exists()


def _save_sign_in(provider: Resource) -> None:
    try:
        with transaction.atomic():
            provider.save(update_fields=["user"])
    except IntegrityError as error:
        if constraint(error) == "providers_resource_user_id_key":
            raise SignInTaken from error
        raise


def _publish(role: PractitionerRole) -> None:
    event = PractitionerRoleChanged(provider_id=role.provider_id, clinic_id=role.clinic_id)
    publish(event, aggregate_id=role.provider_id)
