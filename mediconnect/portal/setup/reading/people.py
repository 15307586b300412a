"""Who works at the clinic: members with their roles and how they sign in, providers with their calendars."""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from mediconnect.accounts.models import Authenticator, User
from mediconnect.api.access import CLINIC_ADMIN
from mediconnect.errors import NotFound
from mediconnect.portal.desk import Desk
from providers.models import Membership, PractitionerRole, Provider, Role, TypeOverride, WorkingHours

# Whoever runs the clinic first, then who sits at the desk.
_ORDER: Final = {Role.CLINIC_ADMIN: 0, Role.FRONT_DESK: 1, Role.PROVIDER: 2}


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody with a role here. `invited` has chosen no password yet; `closed` was switched off."""

    user: User
    roles: tuple[Role, ...]
    second_factor: bool
    is_self: bool = False

    @property
    def invited(self) -> bool:
        """Whether the person has never chosen a password."""
        return not self.user.has_usable_password()

    @property
    def closed(self) -> bool:
        """Whether the account was switched off."""
        return not self.user.is_active


@dataclass(frozen=True, slots=True)
class Practitioner:
    """A provider who works here. `differs` counts the types of this clinic that hold otherwise for this one."""

    provider: Provider
    specialty: str
    has_hours: bool
    differs: int


def members_of(desk: Desk) -> list[Member]:
    """Return everybody with a role here: clinic admins first, then by name; two statements."""
    held: dict[User, list[Role]] = defaultdict(list)
    rows = Membership.objects.filter(clinic=desk.clinic.pk).select_related("user").order_by("user__display_name", "id")
    for row in rows:
        held[row.user].append(Role(row.role))
    confirmed = _with_second_factor(user.pk for user in held)
    members = [_member(desk, user, roles, confirmed) for user, roles in held.items()]
    return sorted(members, key=lambda member: _ORDER[member.roles[0]])


def member_of(desk: Desk, user_id: uuid.UUID) -> Member:
    """Return one who has a role here; raises `NotFound`."""
    rows = list(Membership.objects.filter(clinic=desk.clinic.pk, user=user_id).select_related("user"))
    if not rows:
        raise NotFound
    return _member(desk, rows[0].user, [Role(row.role) for row in rows], _with_second_factor([user_id]))


def practitioners_of(desk: Desk) -> list[Practitioner]:
    """Return who sees patients here, by name; two statements."""
    hours = WorkingHours.objects.filter(
        Q(valid_until=None) | Q(valid_until__gte=desk.today), clinic=desk.clinic.pk, resource=OuterRef("provider")
    )
    differences: dict[uuid.UUID, int] = defaultdict(int)
    for provider in _overrides(desk).values_list("provider", flat=True):
        differences[provider] += 1
    roles = (
        _active(desk)
        .select_related("provider__user")
        .annotate(has_hours=Exists(hours))
        .order_by("provider__name", "id")
    )
    return [
        Practitioner(role.provider, role.specialty, role.has_hours, differences[role.provider_id]) for role in roles
    ]


def practitioner_of(desk: Desk, provider_id: uuid.UUID) -> PractitionerRole:
    """Return the role of a provider who works here; raises `NotFound`."""
    role = _active(desk).filter(provider=provider_id).select_related("provider__user").first()
    if role is None:
        raise NotFound
    return role


def differences_of(desk: Desk, provider_id: uuid.UUID) -> list[TypeOverride]:
    """Return how a provider differs from the clinic's types, by the type's name."""
    rows = _overrides(desk).filter(provider=provider_id).select_related("appointment_type")
    return list(rows.order_by("appointment_type__name"))


def sign_ins_for(desk: Desk, provider: Provider | None = None) -> list[tuple[str, str]]:
    """Return the members who may sign in as this provider: those who open no other calendar, and the present one."""
    free = Q(provider=None) | Q(provider=provider.pk) if provider else Q(provider=None)
    here = Membership.objects.filter(clinic=desk.clinic.pk).values("user")
    users = User.objects.filter(free, pk__in=here, is_active=True).order_by("display_name", "email")
    return [(str(user.pk), f"{user.display_name or user.email} ({user.email})") for user in users]


def known_providers(desk: Desk) -> list[tuple[str, str]]:
    """Return the providers who may begin here: from other clinics that the person runs, and who worked here before."""
    run = [clinic.pk for clinic in desk.clinics if desk.principal.may(CLINIC_ADMIN, clinic.pk)]
    elsewhere = PractitionerRole.objects.filter(clinic__in=run, active=True).values("provider")
    before = PractitionerRole.objects.filter(clinic=desk.clinic.pk, active=False).values("provider")
    rows = Provider.objects.filter(Q(pk__in=elsewhere) | Q(pk__in=before), active=True)
    rows = rows.exclude(pk__in=_active(desk).values("provider")).order_by("name", "id")
    return [(str(pk), name) for pk, name in rows.values_list("pk", "name")]


def _active(desk: Desk) -> QuerySet[PractitionerRole]:
    return PractitionerRole.objects.filter(clinic=desk.clinic.pk, active=True, provider__active=True)


def _overrides(desk: Desk) -> QuerySet[TypeOverride]:
    return TypeOverride.objects.filter(appointment_type__clinic=desk.clinic.pk)


def _with_second_factor(users: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    rows = Authenticator.objects.filter(user__in=list(users)).exclude(confirmed_at=None)
    return set(rows.values_list("user", flat=True))


def _member(desk: Desk, user: User, roles: Iterable[Role], confirmed: set[uuid.UUID]) -> Member:
    ordered = tuple(sorted(roles, key=lambda role: _ORDER[role]))
    return Member(user, ordered, user.pk in confirmed, is_self=user.pk == desk.user.pk)
