"""The port that accounts ask: whose birth date, which contacts, whose account."""

import datetime as dt
import uuid

import pytest

from mediconnect.accounts.errors import AlreadyClaimed
from mediconnect.accounts.models import User
from mediconnect.accounts.ports import ContactHint, subjects
from mediconnect.errors import NotFound
from patients import accounts
from patients.errors import AlreadyHasAccount, CannotBeInvited
from patients.models import Patient
from tests.factories import ContactPointFactory, PatientFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_the_port_is_filled_by_this_app() -> None:
    assert subjects() is accounts


def test_a_birth_date_is_right_or_wrong_and_nothing_else(maria: Patient) -> None:
    assert accounts.birth_date_matches(maria.pk, dt.date(1980, 2, 29))
    assert not accounts.birth_date_matches(maria.pk, dt.date(1980, 2, 28))
    assert not accounts.birth_date_matches(uuid.uuid4(), dt.date(1980, 2, 29))


def test_codes_go_to_the_first_of_a_kind_that_may_be_written_to(maria: Patient) -> None:
    ContactPointFactory.create(patient=maria, value="+12125550001", consent=False)
    ContactPointFactory.create(patient=maria, value="+12125550002", active=False)
    ContactPointFactory.create(patient=maria, value="+12125550003", rank=2)
    ContactPointFactory.create(patient=maria, value="+12125554821", rank=1)
    ContactPointFactory.create(patient=maria, system="email", value="Maria@example.org")
    assert accounts.deliverable_contacts(maria.pk) == [
        ContactHint("email", "M•••@example.org"),
        ContactHint("sms", "•••• 4821"),
    ]
    assert accounts.contact_matches(maria.pk, "email", " maria@EXAMPLE.org ")
    assert accounts.contact_matches(maria.pk, "sms", "+1 212 555 4821")
    assert not accounts.contact_matches(maria.pk, "sms", "+12125550003")
    assert not accounts.contact_matches(maria.pk, "fax", "+12125554821")
    assert not accounts.contact_matches(uuid.uuid4(), "email", "maria@example.org")


def test_a_record_gets_one_account_and_an_account_one_record(maria: Patient) -> None:
    first: User = UserFactory.create()
    accounts.attach_user(maria.pk, first.pk)
    accounts.attach_user(maria.pk, first.pk)
    maria.refresh_from_db()
    assert maria.user == first
    with pytest.raises(AlreadyClaimed):
        accounts.attach_user(maria.pk, UserFactory.create().pk)
    with pytest.raises(AlreadyClaimed):
        accounts.attach_user(PatientFactory.create().pk, first.pk)
    with pytest.raises(NotFound):
        accounts.attach_user(uuid.uuid4(), first.pk)


def test_an_invitation_needs_what_a_claim_is_proven_with(maria: Patient) -> None:
    nameless = PatientFactory.create(birth_date=None)
    with pytest.raises(CannotBeInvited) as refusal:
        accounts.invite(patient_id=nameless.pk, by=None)
    assert refusal.value.extra["missing"] == ["birth_date", "contact"]
    ContactPointFactory.create(patient=maria)
    assert accounts.invite(patient_id=maria.pk, by=None).subject_id == maria.pk
    maria.user = UserFactory.create()
    maria.save(update_fields=["user"])
    with pytest.raises(AlreadyHasAccount):
        accounts.invite(patient_id=maria.pk, by=None)
