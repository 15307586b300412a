"""From the desk's invitation to an account, and every way in which that must not work."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from mediconnect.accounts.errors import AlreadyClaimed, CodeWrong, InvitationSpent, LinkInvalid
from mediconnect.accounts.models import Invitation, User
from mediconnect.accounts.services import invitations
from mediconnect.outbox.models import Fact
from tests.accounts import subjects
from tests.accounts.subjects import ALICE, BIRTH_DATE, EMAIL
from tests.factories import PASSWORD, UserFactory


def invited() -> tuple[Invitation, str]:
    """Return an invitation and the token of its link."""
    invitation = invitations.invite(subject_id=ALICE)
    link = invitations.mint_invitation(invitation_id=invitation.pk)
    assert link is not None
    return invitation, link.path.rstrip("/").rsplit("/", 1)[-1]


def code_for(invitation: Invitation, born: date = BIRTH_DATE, contact: str = "email") -> str:
    invitations.request_code(invitation_id=invitation.pk, birth_date=born, contact=contact)
    message = invitations.mint_account_code(invitation_id=invitation.pk)
    assert message is not None
    assert (message.subject_id, message.contact) == (ALICE, contact)
    return message.code


def proven(contact: str = "email") -> Invitation:
    invitation, _ = invited()
    return invitations.prove(invitation_id=invitation.pk, code=code_for(invitation, contact=contact))


def post(client: Client, path: str, **values: str) -> Any:
    return client.post(f"/accounts/claim/{path}", values)


@pytest.mark.django_db
def test_the_whole_way_with_the_address_on_file(client: Client) -> None:
    invitation, token = invited()
    assert client.get(f"/accounts/invitation/{token}/")["Location"] == "/accounts/claim/"
    assert "a…@example.org" in client.get("/accounts/claim/").content.decode()
    assert post(client, "", birth_date="1987-03-14", contact="email")["Location"] == "/accounts/claim/code/"
    message = invitations.mint_account_code(invitation_id=invitation.pk)
    assert message is not None
    assert post(client, "code/", code=message.code)["Location"] == "/accounts/claim/account/"
    done = post(client, "account/", email=EMAIL.upper(), new=PASSWORD, again=PASSWORD)
    assert done.status_code == 200
    user = User.objects.get(email=EMAIL)
    assert user.email_verified_at is not None
    assert subjects.attached == {ALICE: user.pk}
    assert client.get("/accounts/sessions/").status_code == 200
    assert client.get(f"/accounts/invitation/{token}/").status_code == 404


@pytest.mark.django_db
def test_another_address_is_verified_by_a_code_of_its_own(client: Client) -> None:
    invitation, token = invited()
    client.get(f"/accounts/invitation/{token}/")
    post(client, "", birth_date="1987-03-14", contact="sms")
    message = invitations.mint_account_code(invitation_id=invitation.pk)
    assert message is not None
    post(client, "code/", code=message.code)
    step = post(client, "account/", email="new@example.org", new=PASSWORD, again=PASSWORD)
    assert step["Location"] == "/accounts/claim/e-mail/"
    assert not User.objects.exists()
    check = invitations.mint_email_code(invitation_id=invitation.pk)
    assert check is not None
    assert check.code is not None
    assert post(client, "e-mail/", code=check.code).status_code == 200
    assert User.objects.get(email="new@example.org").email_verified_at is not None


@pytest.mark.django_db
def test_a_wrong_birth_date_looks_like_a_right_one_and_sends_nothing(client: Client) -> None:
    answers = []
    for born in ("1987-03-14", "1987-03-15"):
        invitation, token = invited()
        visitor = Client()
        visitor.get(f"/accounts/invitation/{token}/")
        response = post(visitor, "", birth_date=born, contact="email")
        answers.append((response.status_code, response["Location"]))
        sent = invitations.mint_account_code(invitation_id=invitation.pk)
        assert (sent is not None) == (born == "1987-03-14")
    assert answers[0] == answers[1]
    assert Fact.objects.filter(name="accounts.AccountCodeRequested").count() == 2


@pytest.mark.django_db
def test_an_address_that_has_an_account_looks_like_one_that_has_none() -> None:
    UserFactory.create(email="taken@example.org")
    answers = []
    for email in ("taken@example.org", "free@example.org"):
        invitation = proven(contact="sms")
        answers.append(invitations.propose_account(invitation_id=invitation.pk, email=email, password=PASSWORD))
        check = invitations.mint_email_code(invitation_id=invitation.pk)
        assert check is not None
        assert (check.code is None) == (email == "taken@example.org")
        with pytest.raises(CodeWrong):
            invitations.verify_email(invitation_id=invitation.pk, code="none")
    assert answers == [None, None]


@pytest.mark.django_db
def test_whoever_has_an_account_attaches_the_record_to_it(client: Client) -> None:
    user = UserFactory.create()
    client.force_login(user)
    invitation, token = invited()
    client.get(f"/accounts/invitation/{token}/")
    post(client, "", birth_date="1987-03-14", contact="email")
    message = invitations.mint_account_code(invitation_id=invitation.pk)
    assert message is not None
    post(client, "code/", code=message.code)
    assert user.email in client.get("/accounts/claim/account/").content.decode()
    assert post(client, "attach/").status_code == 200
    assert subjects.attached == {ALICE: user.pk}


@pytest.mark.django_db
def test_no_step_can_be_skipped_or_taken_on_another_browser(client: Client) -> None:
    invitation, token = invited()
    for path in ("", "code/", "account/", "e-mail/"):
        assert client.get(f"/accounts/claim/{path}").status_code == 404
    client.get(f"/accounts/invitation/{token}/")
    assert client.get("/accounts/claim/account/").status_code == 404
    invitations.prove(invitation_id=invitation.pk, code=code_for(invitation))
    # Proven elsewhere: this browser holds the link, not the proof.
    assert client.get("/accounts/claim/account/").status_code == 404
    assert post(client, "account/", email=EMAIL, new=PASSWORD, again=PASSWORD).status_code == 404


@pytest.mark.django_db
def test_a_new_invitation_ends_the_old_one() -> None:
    _, old = invited()
    invited()
    with pytest.raises(LinkInvalid):
        invitations.find_invitation(token=old)


@pytest.mark.django_db
def test_an_invitation_ends_after_two_weeks() -> None:
    invitation, token = invited()
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(LinkInvalid):
        invitations.find_invitation(token=token)
    with pytest.raises(LinkInvalid):
        invitations.request_code(invitation_id=invitation.pk, birth_date=BIRTH_DATE, contact="email")


@pytest.mark.django_db
def test_five_dates_and_five_codes_are_all() -> None:
    invitation, _ = invited()
    for day in range(1, 6):
        invitations.request_code(invitation_id=invitation.pk, birth_date=date(1987, 1, day), contact="email")
    with pytest.raises(InvitationSpent):
        invitations.request_code(invitation_id=invitation.pk, birth_date=BIRTH_DATE, contact="email")
    invitation, _ = invited()
    code = code_for(invitation)
    for _attempt in range(5):
        with pytest.raises(CodeWrong):
            invitations.prove(invitation_id=invitation.pk, code="wrong")
    with pytest.raises(InvitationSpent):
        invitations.prove(invitation_id=invitation.pk, code=code)


@pytest.mark.django_db
def test_a_code_ends_after_a_quarter_of_an_hour_and_with_its_successor() -> None:
    invitation, _ = invited()
    first, second = code_for(invitation), code_for(invitation)
    if first != second:
        with pytest.raises(CodeWrong):
            invitations.prove(invitation_id=invitation.pk, code=first)
    Invitation.objects.update(code_expires_at=timezone.now())
    with pytest.raises(CodeWrong):
        invitations.prove(invitation_id=invitation.pk, code=second)


@pytest.mark.django_db
def test_a_record_that_got_its_account_meanwhile_refuses_and_leaves_nothing() -> None:
    invitation = proven()
    subjects.attached[ALICE] = uuid.uuid4()
    with pytest.raises(AlreadyClaimed):
        invitations.propose_account(invitation_id=invitation.pk, email=EMAIL, password=PASSWORD)
    assert not User.objects.exists()
    assert Invitation.objects.get(pk=invitation.pk).used_at is None


@pytest.mark.django_db
def test_neither_facts_nor_rows_show_codes_links_or_people() -> None:
    invitation, token = invited()
    code = code_for(invitation)
    invitations.prove(invitation_id=invitation.pk, code=code)
    invitations.propose_account(invitation_id=invitation.pk, email="new@example.org", password=PASSWORD)
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(i)::text FROM accounts_invitation i")
        kept = str(cursor.fetchall()) + str(list(Fact.objects.values()))
    for secret in (token, "new@example.org", PASSWORD, "1987-03-14"):
        assert secret not in kept


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_fifty_parallel_claims_of_one_invitation_one_wins() -> None:
    invitation = proven()
    start = threading.Barrier(50)

    def claim(_: int) -> bool:
        start.wait()
        try:
            invitations.propose_account(invitation_id=invitation.pk, email=EMAIL, password=PASSWORD)
        except (LinkInvalid, AlreadyClaimed, InvitationSpent):
            return False
        finally:
            connection.close()
        return subjects.attached.get(ALICE) is not None

    with ThreadPoolExecutor(50) as pool:
        list(pool.map(claim, range(50)))
    assert User.objects.count() == 1
    assert Fact.objects.filter(name="accounts.AccountClaimed").count() == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_fifty_parallel_guesses_five_are_looked_at() -> None:
    invitation, _ = invited()
    code_for(invitation)
    start = threading.Barrier(50)

    def guess(_: int) -> type[Exception]:
        start.wait()
        try:
            invitations.prove(invitation_id=invitation.pk, code="wrong")
        except (CodeWrong, InvitationSpent) as refusal:
            return type(refusal)
        finally:
            connection.close()
        raise AssertionError

    with ThreadPoolExecutor(50) as pool:
        seen = list(pool.map(guess, range(50)))
    assert seen.count(CodeWrong) == 5
    assert seen.count(InvitationSpent) == 45
