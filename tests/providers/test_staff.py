"""Who works at a clinic: invited, given roles, removed; and never without somebody who can set it up."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from django.db import IntegrityError, connection, transaction

from mediconnect.accounts.errors import AccountClosed
from mediconnect.accounts.models import PasswordReset, User
from mediconnect.accounts.services.passwords import reset_password
from mediconnect.errors import DomainError, Invalid, NotFound, VersionConflict
from mediconnect.outbox.models import Fact
from mediconnect.outbox.services.relaying import relay
from mediconnect.records.acting import acting
from mediconnect.records.models import Change
from mediconnect.resilience.transactions import decide
from notifications.models import Message
from providers.errors import LastAdmin, MemberAlready, OwnAdminRole, SignsInAlready
from providers.models import Clinic, Membership, Role
from providers.services import staff
from providers.services.staff import change_roles, invite_member, remove_member, write_to_member
from tests.factories import ClinicFactory, MembershipFactory, UserFactory


def roles(clinic: Clinic, user: User) -> set[str]:
    return set(Membership.objects.filter(clinic=clinic, user=user).values_list("role", flat=True))


def admin_of(clinic: Clinic) -> User:
    return MembershipFactory.create(clinic=clinic, role=Role.CLINIC_ADMIN).user


def invite(clinic: Clinic, email: str = "ines.ferreira@example.org", **changes: object) -> User:
    words: dict[str, object] = {"display_name": "Inês Ferreira", "roles": [Role.FRONT_DESK], "invited_by_id": None}
    return invite_member(clinic_id=clinic.pk, email=email, **(words | changes))  # type: ignore[arg-type]


def facts() -> list[str]:
    return sorted(Fact.objects.values_list("name", flat=True))


@pytest.mark.django_db
def test_a_new_colleague_gets_an_account_roles_and_a_link_to_a_first_password(clinic: Clinic) -> None:
    user = invite(clinic, " Ines.Ferreira@Example.org ", roles=["front_desk", "provider"])
    assert (user.email, user.display_name, roles(clinic, user)) == (
        "ines.ferreira@example.org",
        "Inês Ferreira",
        {"front_desk", "provider"},
    )
    assert not user.has_usable_password()
    assert facts() == ["accounts.ColleagueInvited", "providers.MemberInvited"]


@pytest.mark.django_db
def test_the_mail_leads_to_a_password_and_says_nothing_else(clinic: Clinic) -> None:
    user = invite(clinic)
    relay()
    mail = Message.objects.get(kind="colleague_invited")
    token = next(word for word in mail.body.split() if word.startswith("http")).rstrip("/").rpartition("/")[2]
    assert mail.recipient == user.email
    assert "14 days" in mail.body
    assert clinic.name not in mail.body
    reset_password(token=token, new="a-quiet-harbour-lantern")
    user.refresh_from_db()
    assert user.email_verified_at is not None
    with pytest.raises(SignsInAlready):
        write_to_member(clinic_id=clinic.pk, user_id=user.pk)


@pytest.mark.django_db
def test_somebody_who_signs_in_already_keeps_name_and_password(clinic: Clinic) -> None:
    known = UserFactory.create(email="robin@example.org", display_name="Robin Miller")
    assert invite(clinic, known.email, display_name="Somebody Else") == known
    known.refresh_from_db()
    assert known.display_name == "Robin Miller"
    assert known.has_usable_password()
    assert not PasswordReset.objects.exists()


@pytest.mark.django_db
def test_a_patient_who_becomes_a_colleague_gets_a_name(clinic: Clinic) -> None:
    patient = UserFactory.create(email="robin@example.org", display_name="")
    invite(clinic, patient.email, display_name="Robin Miller")
    patient.refresh_from_db()
    assert patient.display_name == "Robin Miller"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "no address"}, "email"),
        ({"display_name": "  "}, "display_name"),
        ({"display_name": "x" * 151}, "display_name"),
        ({"roles": []}, "roles"),
        ({"roles": ["superuser"]}, "roles"),
    ],
)
def test_what_cannot_be_invited_is_said_by_field(clinic: Clinic, changes: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        invite(clinic, **changes)  # type: ignore[arg-type]
    assert set(refused.value.extra["errors"]) == {field}
    assert not Membership.objects.exists()


@pytest.mark.django_db
def test_who_works_here_is_not_invited_twice_and_who_was_switched_off_not_at_all(clinic: Clinic) -> None:
    user = invite(clinic)
    with pytest.raises(MemberAlready):
        invite(clinic, user.email)
    closed = UserFactory.create(is_active=False)
    with pytest.raises(AccountClosed):
        invite(clinic, closed.email)
    with pytest.raises(NotFound):
        write_to_member(clinic_id=clinic.pk, user_id=closed.pk)


@pytest.mark.django_db
def test_a_second_link_ends_the_first(clinic: Clinic) -> None:
    user = invite(clinic)
    write_to_member(clinic_id=clinic.pk, user_id=user.pk)
    assert PasswordReset.objects.filter(user=user, used_at=None).count() == 1


@pytest.mark.django_db
def test_roles_are_given_and_taken_and_the_history_says_by_whom(clinic: Clinic) -> None:
    boss, user = admin_of(clinic), MembershipFactory.create(clinic=clinic).user
    with acting(actor_id=boss.pk):
        change_roles(clinic_id=clinic.pk, user_id=user.pk, roles=["provider"], changed_by_id=boss.pk)
    assert roles(clinic, user) == {"provider"}
    kept = Change.objects.filter(record_type="providers_membership", actor_id=boss.pk)
    assert sorted(kept.values_list("operation", flat=True)) == ["delete", "insert"]
    assert facts() == ["providers.RolesChanged"]


@pytest.mark.django_db
def test_a_change_against_roles_that_are_others_by_now_is_refused(clinic: Clinic) -> None:
    user = MembershipFactory.create(clinic=clinic).user
    with pytest.raises(VersionConflict) as refused:
        change_roles(
            clinic_id=clinic.pk, user_id=user.pk, roles=["provider"], changed_by_id=None, seen=["clinic_admin"]
        )
    assert refused.value.extra["current"] == ["front_desk"]
    assert roles(clinic, user) == {"front_desk"}


@pytest.mark.django_db
def test_nothing_is_said_where_nothing_changes(clinic: Clinic) -> None:
    user = MembershipFactory.create(clinic=clinic).user
    change_roles(clinic_id=clinic.pk, user_id=user.pk, roles=["front_desk"], changed_by_id=None, seen=["front_desk"])
    assert facts() == []


@pytest.mark.django_db
def test_whoever_becomes_a_clinic_admin_is_signed_out(clinic: Clinic) -> None:
    admin_of(clinic)
    user = MembershipFactory.create(clinic=clinic).user
    change_roles(clinic_id=clinic.pk, user_id=user.pk, roles=["front_desk", "provider"], changed_by_id=None)
    assert epoch(user) == user.session_epoch
    change_roles(clinic_id=clinic.pk, user_id=user.pk, roles=["clinic_admin"], changed_by_id=None)
    assert epoch(user) == user.session_epoch + 1


@pytest.mark.django_db
def test_whoever_comes_to_a_clinic_that_asks_everybody_for_a_second_factor_is_signed_out() -> None:
    strict = ClinicFactory.create(second_factor_for_all=True)
    user = MembershipFactory.create().user
    invite(strict, user.email)
    assert epoch(user) == user.session_epoch + 1


def epoch(user: User) -> int:
    return User.objects.values_list("session_epoch", flat=True).get(pk=user.pk)


@pytest.mark.django_db
def test_the_last_clinic_admin_stays_whatever_is_said(clinic: Clinic) -> None:
    boss = admin_of(clinic)
    admin_of(ClinicFactory.create())
    MembershipFactory.create(clinic=clinic, role=Role.CLINIC_ADMIN, user__is_active=False)
    ways: list[Callable[[], object]] = [
        lambda: change_roles(
            clinic_id=clinic.pk, user_id=boss.pk, roles=["provider"], changed_by_id=boss.pk, gives_up_own=True
        ),
        lambda: remove_member(clinic_id=clinic.pk, user_id=boss.pk, removed_by_id=None),
    ]
    for leave in ways:
        with pytest.raises(LastAdmin):
            leave()
    assert roles(clinic, boss) == {"clinic_admin"}


@pytest.mark.django_db
def test_a_clinic_admin_who_may_not_sign_in_is_no_loss(clinic: Clinic) -> None:
    gone = MembershipFactory.create(clinic=clinic, role=Role.CLINIC_ADMIN, user__is_active=False).user
    remove_member(clinic_id=clinic.pk, user_id=gone.pk, removed_by_id=None)
    assert roles(clinic, gone) == set()


@pytest.mark.django_db
def test_nobody_gives_up_the_own_right_by_slip(clinic: Clinic) -> None:
    admin_of(clinic)
    boss = admin_of(clinic)
    with pytest.raises(OwnAdminRole):
        change_roles(clinic_id=clinic.pk, user_id=boss.pk, roles=["provider"], changed_by_id=boss.pk)
    with pytest.raises(OwnAdminRole):
        remove_member(clinic_id=clinic.pk, user_id=boss.pk, removed_by_id=boss.pk)
    remove_member(clinic_id=clinic.pk, user_id=boss.pk, removed_by_id=boss.pk, gives_up_own=True)
    assert roles(clinic, boss) == set()


@pytest.mark.django_db
def test_a_member_who_is_removed_keeps_the_account_and_other_clinics(clinic: Clinic) -> None:
    user, elsewhere = MembershipFactory.create(clinic=clinic).user, ClinicFactory.create()
    MembershipFactory.create(user=user, clinic=elsewhere)
    assert remove_member(clinic_id=clinic.pk, user_id=user.pk, removed_by_id=None) == {"front_desk"}
    assert roles(elsewhere, user) == {"front_desk"}
    assert facts() == ["providers.MemberRemoved"]
    with pytest.raises(NotFound):
        remove_member(clinic_id=clinic.pk, user_id=user.pk, removed_by_id=None)
    with pytest.raises(NotFound):
        change_roles(clinic_id=clinic.pk, user_id=user.pk, roles=["provider"], changed_by_id=None)


@pytest.mark.django_db
def test_the_database_keeps_the_last_clinic_admin_whatever_door_is_used(clinic: Clinic) -> None:
    boss = admin_of(clinic)
    held = Membership.objects.get(user=boss)
    for leave in (
        held.delete,
        lambda: Membership.objects.filter(pk=held.pk).update(role="provider"),
        lambda: Membership.objects.filter(pk=held.pk).update(clinic=ClinicFactory.create()),
    ):
        with pytest.raises(IntegrityError, match="a clinic keeps an admin"), transaction.atomic():
            leave()


# Two clinic admins take each other's right away at the same moment.

Leave = Callable[[], list[DomainError | None]]


@pytest.fixture
def leaving(monkeypatch: pytest.MonkeyPatch) -> Leave:
    """Return what lets both leave, each looking before either has written, and gives what refused each."""
    clinic = ClinicFactory.create(region="")
    bosses = [admin_of(clinic), admin_of(clinic)]
    meeting = threading.Barrier(2)
    look = staff._check_admin_may_go

    def looked(*question: object, **words: bool) -> None:
        look(*question, **words)  # type: ignore[arg-type]
        try:
            meeting.wait(1.0)  # with a lock the other cannot come here, and this one goes on alone
        except threading.BrokenBarrierError:
            meeting.reset()

    monkeypatch.setattr(staff, "_check_admin_may_go", looked)

    def leave(user: User) -> DomainError | None:
        try:
            decide(
                lambda: remove_member(clinic_id=clinic.pk, user_id=user.pk, removed_by_id=None),
                actor_id=None,
                fresh_reads=True,
            )
        except DomainError as refused:
            return refused
        finally:
            connection.close()
        return None

    def both() -> list[DomainError | None]:
        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(leave, bosses))

    return both


@contextmanager
def without_trigger() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = 'providers_membership'::regclass AND tgname LIKE %s",
            ["%keeps_an_admin%"],
        )
        (name,) = cursor.fetchone()
        cursor.execute(f"ALTER TABLE providers_membership DISABLE TRIGGER {name}")
        try:
            yield
        finally:
            cursor.execute(f"ALTER TABLE providers_membership ENABLE TRIGGER {name}")


def unlocked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staff, "lock_clinic", lambda pk: Clinic.objects.get(pk=pk))


def admins_left() -> int:
    return Membership.objects.filter(role=Role.CLINIC_ADMIN).count()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_two_clinic_admins_who_leave_at_once_one_stays(leaving: Leave) -> None:
    with without_trigger():  # the lock alone is enough
        refused = leaving()
    assert sorted(type(refusal).__name__ for refusal in refused) == ["LastAdmin", "NoneType"]
    assert admins_left() == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_the_database_keeps_one(leaving: Leave, monkeypatch: pytest.MonkeyPatch) -> None:
    unlocked(monkeypatch)
    refused = leaving()
    assert sorted(type(refusal).__name__ for refusal in refused) == ["LastAdmin", "NoneType"]
    assert admins_left() == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_without_any_guard_both_leave(leaving: Leave, monkeypatch: pytest.MonkeyPatch) -> None:
    unlocked(monkeypatch)
    with without_trigger():
        assert leaving() == [None, None]
    assert admins_left() == 0
