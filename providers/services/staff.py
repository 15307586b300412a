"""Say who works at a clinic and as what: invite, give and take roles, remove."""

import uuid
from collections.abc import Collection
from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from mediconnect.accounts.errors import AccountClosed
from mediconnect.accounts.models import User
from mediconnect.accounts.services.endings import end_everything
from mediconnect.accounts.services.passwords import write_to_colleague
from mediconnect.accounts.services.users import edit_user, invite_colleague
from mediconnect.errors import Invalid, NotFound, VersionConflict
from mediconnect.outbox import publish
from mediconnect.resilience.transactions import constraint
from providers.errors import LastAdmin, MemberAlready, OwnAdminRole, SignsInAlready
from providers.events import MemberInvited, MemberRemoved, RolesChanged
from providers.locks import lock_clinic
from providers.models import Clinic, Membership, Role

_LONGEST_NAME: Final = 150


@transaction.atomic
def invite_member(
    *, clinic_id: uuid.UUID, email: str, display_name: str, roles: Collection[str], invited_by_id: uuid.UUID | None
) -> User:
    """Give somebody a first role at a clinic, and an account where the address has none; return the user.

    Whoever has no password yet is sent a link to set one; somebody who signs in already keeps name and password.
    Raises `NotFound`, `Invalid` by field, `MemberAlready`, and `AccountClosed` for an account that was switched off.
    """
    clinic, wanted = lock_clinic(clinic_id), _known(roles)
    address = _address(email)
    user = User.objects.filter(email=address).first() or _new_user(address, _name(display_name))
    if not user.is_active:
        raise AccountClosed
    if Membership.objects.filter(user=user, clinic=clinic).exists():
        raise MemberAlready
    _give(user.pk, clinic, wanted)
    if not user.display_name:
        edit_user(user_id=user.pk, version=user.version, display_name=_name(display_name))
    if not user.has_usable_password():
        write_to_colleague(user_id=user.pk)
    publish(MemberInvited(clinic_id=clinic_id, user_id=user.pk), aggregate_id=user.pk)
    user.refresh_from_db()
    return user


@transaction.atomic
def write_to_member(*, clinic_id: uuid.UUID, user_id: uuid.UUID) -> User:
    """Send a member who never chose a password the link to do so again; the earlier link ends.

    Raises `NotFound`, `SignsInAlready` and `AccountClosed`.
    """
    lock_clinic(clinic_id)
    user = _member(clinic_id, user_id)
    if user.has_usable_password():
        raise SignsInAlready
    write_to_colleague(user_id=user_id)
    return user


@transaction.atomic
def change_roles(
    *,
    clinic_id: uuid.UUID,
    user_id: uuid.UUID,
    roles: Collection[str],
    changed_by_id: uuid.UUID | None,
    seen: Collection[str] | None = None,
    gives_up_own: bool = False,
) -> frozenset[str]:
    """Let a member have exactly these roles at a clinic; return them.

    `seen` are the roles that the change was made against; `VersionConflict` if they are others by now, with `current`.
    Whoever becomes a clinic admin is signed out everywhere, so that the next sign-in asks for the second factor.
    Raises `NotFound`, `Invalid` without a role, `LastAdmin`, and `OwnAdminRole` unless `gives_up_own`.
    """
    clinic, wanted = lock_clinic(clinic_id), _known(roles)
    held = _roles(clinic_id, user_id)
    if seen is not None and frozenset(seen) != held:
        raise VersionConflict(current=sorted(held))
    if wanted == held:
        return held
    if Role.CLINIC_ADMIN in held - wanted:
        _check_admin_may_go(clinic_id, user_id, changed_by_id, gives_up_own=gives_up_own)
    _take(user_id, clinic, held - wanted)
    _give(user_id, clinic, wanted - held)
    publish(RolesChanged(clinic_id=clinic_id, user_id=user_id), aggregate_id=user_id)
    return wanted


@transaction.atomic
def remove_member(
    *, clinic_id: uuid.UUID, user_id: uuid.UUID, removed_by_id: uuid.UUID | None, gives_up_own: bool = False
) -> frozenset[str]:
    """Take all roles of somebody at a clinic away; return those that were held. The account itself stays.

    Raises `NotFound`, `LastAdmin`, and `OwnAdminRole` for one's own right to set up the clinic unless `gives_up_own`.
    """
    clinic = lock_clinic(clinic_id)
    held = _roles(clinic_id, user_id)
    if Role.CLINIC_ADMIN in held:
        _check_admin_may_go(clinic_id, user_id, removed_by_id, gives_up_own=gives_up_own)
    _take(user_id, clinic, held)
    publish(MemberRemoved(clinic_id=clinic_id, user_id=user_id), aggregate_id=user_id)
    return held


def _check_admin_may_go(
    clinic_id: uuid.UUID, user_id: uuid.UUID, changed_by_id: uuid.UUID | None, *, gives_up_own: bool
) -> None:
    """Raise unless another clinic admin who may sign in remains; the clinic is locked, so the answer stays true."""
    others = Membership.objects.filter(clinic=clinic_id, role=Role.CLINIC_ADMIN, user__is_active=True)
    leaves_one = others.exclude(user=user_id).exists()
    if not leaves_one and User.objects.filter(pk=user_id, is_active=True).exists():
        raise LastAdmin
    if user_id == changed_by_id and not gives_up_own:
        raise OwnAdminRole


def _give(user_id: uuid.UUID, clinic: Clinic, roles: Collection[str]) -> None:
    """Give roles; where they ask for a second factor now, end the sessions that were opened without."""
    if not roles:
        return
    for role in sorted(roles):
        Membership.objects.create(user_id=user_id, clinic=clinic, role=role)
    if Role.CLINIC_ADMIN in roles or clinic.second_factor_for_all:
        end_everything(user_id=user_id)


def _take(user_id: uuid.UUID, clinic: Clinic, roles: Collection[str]) -> None:
    try:
        with transaction.atomic():
            Membership.objects.filter(user=user_id, clinic=clinic, role__in=roles).delete()
    except IntegrityError as error:
        # Somebody took the other admin's role by a door that takes no lock: the database has the last word.
        if constraint(error) == "a_clinic_keeps_an_admin":
            raise LastAdmin from error
        raise


def _roles(clinic_id: uuid.UUID, user_id: uuid.UUID) -> frozenset[str]:
    held = frozenset(Membership.objects.filter(clinic=clinic_id, user=user_id).values_list("role", flat=True))
    if not held:
        raise NotFound
    return held


def _member(clinic_id: uuid.UUID, user_id: uuid.UUID) -> User:
    _roles(clinic_id, user_id)
    return User.objects.get(pk=user_id)


def _known(roles: Collection[str]) -> frozenset[str]:
    wanted = frozenset(roles)
    if not wanted:
        raise Invalid.field("roles", "Choose one role at least.")
    if not wanted <= set(Role.values):
        raise Invalid.field("roles", "One of these is no role.")
    return frozenset(str(Role(role)) for role in wanted)


def _address(email: str) -> str:
    address = email.strip().lower()
    try:
        validate_email(address)
    except ValidationError:
        raise Invalid.field("email", "This is no e-mail address.") from None
    return address


def _name(display_name: str) -> str:
    name = display_name.strip()
    if not name or len(name) > _LONGEST_NAME:
        raise Invalid.field("display_name", "Give the name that colleagues shall see, 150 characters at most.")
    return name


def _new_user(email: str, name: str) -> User:
    try:
        with transaction.atomic():
            return invite_colleague(email=email, display_name=name)
    except IntegrityError as error:
        # Another clinic invited the same person at the same moment.
        if constraint(error) == "an_email_signs_in_one_user":
            return User.objects.get(email=email)
        raise
