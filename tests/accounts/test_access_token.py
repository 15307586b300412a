"""The command that prints a token, and the trace that it leaves."""

import io
import logging

import pytest
from django.core.management import CommandError, call_command

from mediconnect.accounts.models import TokenIssue
from mediconnect.accounts.oauth import PATIENT_SCOPES
from mediconnect.accounts.one_time import digest
from mediconnect.portal.principals import by_token
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def printed(*arguments: str) -> str:
    out = io.StringIO()
    call_command("access_token", *arguments, stdout=out)
    return out.getvalue().removesuffix("\n")


def test_it_prints_a_token_that_works_with_all_that_a_patient_may() -> None:
    user = UserFactory.create()
    principal = by_token(digest(printed(user.email.upper())))
    assert principal is not None
    assert principal.user_id == user.pk
    assert principal.scopes == set(PATIENT_SCOPES)


def test_scopes_and_life_are_chosen() -> None:
    token = printed(UserFactory.create().email, "--scope", "profile:read appointments:read", "--expires", "30")
    principal = by_token(digest(token))
    assert principal is not None
    assert principal.scopes == {"profile:read", "appointments:read"}
    issue = TokenIssue.objects.get()
    assert 28 < (issue.expires_at - issue.issued_at).total_seconds() < 31


def test_each_token_leaves_a_row_and_a_line_without_the_token(caplog: pytest.LogCaptureFixture) -> None:
    user = UserFactory.create()
    with caplog.at_level(logging.WARNING, "mediconnect.accounts"):
        token = printed(user.email)
    issue = TokenIssue.objects.get()
    assert (issue.user, issue.token_checksum) == (user, digest(token))
    assert issue.issued_by
    assert str(issue.pk) in caplog.text
    assert token not in caplog.text
    assert user.email not in caplog.text


@pytest.mark.parametrize(
    "arguments",
    [
        ["nobody@example.org"],
        ["robin@example.org", "--scope", "system/*.read"],
        ["robin@example.org", "--expires", "0"],
        ["robin@example.org", "--expires", "90000"],
    ],
)
def test_what_it_refuses_leaves_nothing(arguments: list[str]) -> None:
    UserFactory.create(email="robin@example.org")
    with pytest.raises(CommandError):
        printed(*arguments)
    assert not TokenIssue.objects.exists()


def test_nobody_gets_a_token_for_the_disabled() -> None:
    user = UserFactory.create(is_active=False)
    with pytest.raises(CommandError):
        printed(user.email)
