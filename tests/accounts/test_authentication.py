"""Who an API call comes from: bearer tokens, sessions, and what each may speak for."""

import hashlib
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client, RequestFactory
from django.utils import timezone
from oauth2_provider.models import AccessToken
from pytest_django import DjangoAssertNumQueries
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from mediconnect.accounts.api.authentication import BearerAuthentication, SessionAuthentication
from mediconnect.accounts.models import User
from mediconnect.accounts.services.tokens import issue_token
from mediconnect.api.principal import Principal
from mediconnect.portal.principals import by_user
from patients.models import Dependant, Patient
from providers.models import Clinic, Membership
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def token_of(user: User, scope: str = "appointments:read") -> str:
    return issue_token(email=user.email, scopes=[scope], seconds=60, issued_by="test")


def authenticate(authorization: str) -> tuple[Any, Principal] | None:
    request = RequestFactory().get("/api/v1/clinics/", headers={"authorization": authorization})
    return BearerAuthentication().authenticate(Request(request))


def patient_of(user: User | None, name: str = "Alice") -> Patient:
    return Patient.objects.create(user=user, given_name=name, family_name="Carter")


def clinic(name: str = "Harbour Clinic") -> Clinic:
    return Clinic.objects.create(name=name, timezone="America/New_York")


def test_a_token_is_its_patient_and_the_dependants_by_one_statement(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    user = UserFactory.create()
    own, child, grown = patient_of(user), patient_of(None, "Ben"), patient_of(None, "Carl")
    Dependant.objects.create(guardian=own, patient=child, relationship="child")
    yesterday = timezone.now().date() - timedelta(days=1)
    Dependant.objects.create(guardian=own, patient=grown, relationship="child", ends_on=yesterday)
    token = token_of(user)
    with django_assert_num_queries(1):
        answer = authenticate(f"Bearer {token}")
    assert answer is not None
    caller, principal = answer
    assert (caller.pk, caller.is_authenticated) == (user.pk, True)
    assert principal.kind == "patient"
    assert principal.patient_ids == (own.pk, child.pk)
    assert principal.speaks_for(child.pk)
    assert not principal.speaks_for(grown.pk)
    assert principal.scopes == {"appointments:read"}


def test_a_colleague_who_is_a_patient_too_acts_as_one_or_the_other() -> None:
    user = UserFactory.create()
    own = patient_of(user)
    place = clinic()
    for role in ("provider", "clinic_admin"):
        Membership.objects.create(user=user, clinic=place, role=role)
    answer = authenticate(f"bearer {token_of(user)}")
    assert answer is not None
    by_bearer, by_session = answer[1], by_user(user.pk)
    assert (by_bearer.kind, by_bearer.patient_ids, dict(by_bearer.roles)) == ("patient", (own.pk,), {})
    assert (by_session.kind, by_session.patient_ids) == ("staff", ())
    assert by_session.roles == {place.pk: {"provider", "clinic_admin"}}
    assert by_session.may("provider", place.pk)
    assert not by_session.may("front_desk", place.pk)
    assert not by_session.may("provider", uuid.uuid4())
    assert by_session.clinics("clinic_admin") == {place.pk}


def test_a_superuser_has_every_role_everywhere() -> None:
    principal = by_user(UserFactory.create(is_superuser=True).pk)
    assert principal.kind == "staff"
    assert principal.may("front_desk", uuid.uuid4())


def test_somebody_without_work_or_record_speaks_for_nobody() -> None:
    principal = by_user(UserFactory.create().pk)
    assert (principal.kind, principal.patient_ids, principal.clinics()) == ("patient", (), frozenset())


def test_no_principal_for_the_disabled_and_the_missing() -> None:
    for user_id in (UserFactory.create(is_active=False).pk, uuid.uuid4()):
        with pytest.raises(LookupError):
            by_user(user_id)


@pytest.mark.parametrize(
    "authorization",
    ["Bearer", "Bearer ", "Bearer nonsense", "Bearer a b", "Bearer " + "a" * 300, "bearer ü", "Bearer \x00"],
)
def test_what_is_no_token_of_ours_is_refused(authorization: str) -> None:
    with pytest.raises(AuthenticationFailed):
        authenticate(authorization)


@pytest.mark.parametrize("authorization", ["", "Basic YTpi", "Token abc"])
def test_without_a_bearer_token_somebody_else_is_asked(authorization: str) -> None:
    assert authenticate(authorization) is None


def test_expired_revoked_and_disabled_are_refused() -> None:
    user = UserFactory.create()
    expired, revoked, disabled = token_of(user), token_of(user), token_of(UserFactory.create())
    checksums = {token: hashlib.sha256(token.encode()).hexdigest() for token in (expired, revoked)}
    AccessToken.objects.filter(token_checksum=checksums[expired]).update(expires=timezone.now())
    AccessToken.objects.filter(token_checksum=checksums[revoked]).delete()
    User.objects.exclude(pk=user.pk).update(is_active=False)
    for token in (expired, revoked, disabled):
        with pytest.raises(AuthenticationFailed):
            authenticate(f"Bearer {token}")


def test_a_token_in_the_address_is_no_credential() -> None:
    token = token_of(UserFactory.create())
    request = Request(RequestFactory().get("/api/v1/clinics/", {"access_token": token}))
    assert BearerAuthentication().authenticate(request) is None


def test_a_session_reads_freely_and_writes_with_its_csrf_token() -> None:
    user = UserFactory.create()
    factory = RequestFactory(enforce_csrf_checks=True)
    reading, writing = factory.get("/api/"), factory.post("/api/", {}, content_type="application/json")
    reading.user = writing.user = user
    answer = SessionAuthentication().authenticate(Request(reading))
    assert answer is not None
    assert answer[1].user_id == user.pk
    with pytest.raises(PermissionDenied):
        SessionAuthentication().authenticate(Request(writing))


def test_visitors_and_the_disabled_have_no_session() -> None:
    for user in (AnonymousUser(), UserFactory.create(is_active=False)):
        request = RequestFactory().get("/api/")
        request.user = user
        assert SessionAuthentication().authenticate(Request(request)) is None


def test_a_bad_token_is_challenged(client: Client) -> None:
    request = Request(RequestFactory().get("/api/"))
    assert BearerAuthentication().authenticate_header(request).startswith("Bearer ")
