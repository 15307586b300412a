"""The desk over HTTP: lists, searches, changes, invitations, contacts and dependants."""

import logging
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mediconnect.accounts.models import Invitation
from mediconnect.outbox.models import Fact
from patients.models import Dependant, Patient
from providers.models import Clinic
from tests.factories import (
    ContactPointFactory,
    DependantFactory,
    RegistrationFactory,
    UserFactory,
)

from .conftest import Staff


def test_a_list_is_paged_by_name_and_masks_contacts(staff: Staff, clinic: Clinic, elsewhere: Clinic) -> None:
    for family in ("Cook", "Adams", "Baker"):
        row = RegistrationFactory.create(clinic=clinic, patient__family_name=family)
        ContactPointFactory.create(patient=row.patient, value="+12125554821")
        ContactPointFactory.create(patient=row.patient, system="email", value="anna@example.org")
    RegistrationFactory.create(clinic=elsewhere, patient__family_name="Aaron")
    desk = staff(clinic)
    first = desk("GET", "/patients/?limit=2")
    assert [row["family_name"] for row in first.json["results"]] == ["Adams", "Baker"]
    assert (first.json["results"][0]["phone"], first.json["results"][0]["email"]) == ("•••• 4821", "a•••@example.org")
    second = desk("GET", first.json["next"].partition("/api/v1")[2])
    assert [row["family_name"] for row in second.json["results"]] == ["Cook"]
    assert second.json["next"] is None


def test_a_list_costs_the_same_however_long(staff: Staff, clinic: Clinic) -> None:
    desk = staff(clinic)
    counts = []
    for _ in range(2):
        for _ in range(12):
            row = RegistrationFactory.create(clinic=clinic, patient__given_name="Maria")
            ContactPointFactory.create(patient=row.patient)
        for path in ("/patients/", "/patients/?q=maria"):
            with CaptureQueriesContext(connection) as queries:
                assert len(desk("GET", path).json["results"]) >= 12
            counts.append(len(queries))
    assert counts[:2] == counts[2:]
    assert max(counts) <= 6


@pytest.mark.parametrize(
    "words", ["?page=2", "?q=a%00b", "?limit=0", "?limit=201", "?cursor=zzz", "?ordering=user__password"]
)
def test_a_list_takes_its_own_words_alone(staff: Staff, clinic: Clinic, words: str) -> None:
    assert staff(clinic)("GET", f"/patients/{words}").code == "invalid"


def test_searching_by_body_and_by_address_finds_the_same(staff: Staff, clinic: Clinic, maria: Patient) -> None:
    desk = staff(clinic)
    by_body = desk("POST", "/patients/search/", {"q": "mar gon", "limit": 5})
    by_address = desk("GET", "/patients/?q=mar+gon")
    assert by_body.json == by_address.json
    (row,) = by_body.json["results"]
    assert row["id"] == str(maria.pk)
    assert "notes" not in row
    german = desk("POST", "/patients/search/", {"q": "29/02/1980"}, headers={"Accept-Language": "de"})
    assert german.json["results"] == by_body.json["results"]


@pytest.mark.parametrize(
    "body",
    [{}, {"q": ""}, {"q": 5}, {"q": "x" * 121}, {"q": "a", "limit": 0}, {"q": "a", "limit": True}, {"q": "a", "x": 1}],
)
def test_malformed_searches_are_refused(staff: Staff, clinic: Clinic, body: dict[str, Any]) -> None:
    assert staff(clinic)("POST", "/patients/search/", body).code == "invalid"


def test_what_is_searched_for_stands_in_no_log(
    staff: Staff, clinic: Clinic, maria: Patient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    desk = staff(clinic)
    desk("GET", "/patients/?q=gonzalez+canarybird")
    desk("GET", "/patients/?q=gonzalez&nothing=canarybird")
    desk("GET", f"/patients/{uuid.uuid4()}/?q=canarybird")
    assert "canarybird" not in "".join(
        f"{record.getMessage()} {record.__dict__}" for record in caplog.records if "sql" not in record.__dict__
    )


def test_a_change_needs_the_version_and_shows_conflicts(staff: Staff, clinic: Clinic, maria: Patient) -> None:
    desk, path = staff(clinic), f"/patients/{maria.pk}/"
    assert desk("PATCH", path, {"language": "es"}).code == "version-required"
    assert desk("PATCH", path, {"language": "es", "version": "1"}).code == "invalid"
    changed = desk("PATCH", path, {"language": "es", "notes": "uses a lift"}, headers={"If-Match": '"v1"'})
    assert (changed.status, changed.json["version"], changed.headers["ETag"]) == (200, 2, '"v2"')
    assert changed.json["notes"] == "uses a lift"
    by_header = desk("PATCH", path, {"language": "fr"}, headers={"If-Match": '"v1"'})
    by_body = desk("PATCH", path, {"language": "fr", "version": 1})
    assert (by_header.status, by_body.status, by_body.code) == (412, 409, "version-conflict")
    assert by_body.json["current"] == desk("GET", path).json
    assert desk("PATCH", path, {"has_account": True, "version": 2}).code == "invalid"


def test_an_invitation_goes_to_the_contact_on_file(staff: Staff, clinic: Clinic, maria: Patient) -> None:
    desk, path = staff(clinic), f"/patients/{maria.pk}/invite/"
    missing = desk("POST", path, {})
    assert (missing.status, missing.code, missing.json["missing"]) == (422, "cannot-be-invited", ["contact"])
    ContactPointFactory.create(patient=maria, value="+12125554821")
    invited = desk("POST", path, {})
    assert (invited.status, invited.json["contacts"]) == (201, [{"kind": "sms", "masked": "•••• 4821"}])
    invitation = Invitation.objects.get()
    assert (invitation.subject_id, invitation.invited_by_id is not None) == (maria.pk, True)
    assert Fact.objects.filter(name="accounts.PatientInvited").count() == 1
    maria.user = UserFactory.create()
    maria.save(update_fields=["user"])
    assert desk("POST", path, {}).code == "already-has-account"


def test_a_further_registration_is_for_those_of_both_clinics(
    staff: Staff, clinic: Clinic, elsewhere: Clinic, maria: Patient
) -> None:
    path, body = f"/patients/{maria.pk}/registrations/", {"clinic": str(elsewhere.pk)}
    assert staff(clinic)("POST", path, body).status == 404
    assert staff(elsewhere)("POST", path, body).status == 404
    desk = staff(clinic, elsewhere)
    assert desk("POST", path, {}).code == "invalid"
    made = desk("POST", path, body)
    assert (made.status, made.json["clinic"]) == (201, str(elsewhere.pk))
    assert desk("POST", path, body).code == "already-registered"
    (row,) = staff(elsewhere)("GET", f"/patients/{maria.pk}/").json["registrations"]
    assert row["clinic"] == str(elsewhere.pk)  # where else she is seen stays unseen


def test_contact_points_are_added_changed_and_retired(staff: Staff, clinic: Clinic, maria: Patient) -> None:
    desk, path = staff(clinic), f"/patients/{maria.pk}/contact-points/"
    made = desk("POST", path, {"system": "phone", "value": "(212) 555-4821"})
    assert (made.status, made.json["value"], made.headers["ETag"]) == (201, "+12125554821", '"v1"')
    one = made.headers["Location"].removeprefix("/api/v1")
    assert desk("POST", path, {"system": "phone", "value": "212 555 4821"}).code == "contact-listed"
    assert desk("POST", path, {"system": "phone", "value": "hello"}).code == "invalid"
    assert desk("PATCH", one, {"consent": False}).code == "version-required"
    assert desk("PATCH", one, {"consent": False, "version": 1}).json["consent"] is False
    stale = desk("PATCH", one, {"rank": 2}, headers={"If-Match": '"v1"'})
    assert (stale.status, stale.json["current"]["version"]) == (412, 2)
    assert desk("PATCH", one, {"active": False, "version": 2}).json["active"] is False
    assert desk("GET", path).json["results"] == []
    foreign = ContactPointFactory.create()
    assert desk("PATCH", f"{path}{foreign.pk}/", {"rank": 2, "version": 1}).status == 404


def test_dependants_are_recorded_listed_and_ended(
    staff: Staff, clinic: Clinic, elsewhere: Clinic, maria: Patient
) -> None:
    desk, path = staff(clinic), f"/patients/{maria.pk}/dependants/"
    child = RegistrationFactory.create(clinic=clinic, patient__given_name="Ben").patient
    body = {"patient": str(child.pk), "relationship": "child"}
    made = desk("POST", path, body)
    assert (made.status, made.json["given_name"]) == (201, "Ben")
    assert desk("POST", path, body).code == "dependant-listed"
    assert desk("POST", path, {"patient": str(child.pk)}).code == "invalid"
    stranger = RegistrationFactory.create(clinic=elsewhere).patient
    assert desk("POST", path, {"patient": str(stranger.pk), "relationship": "child"}).status == 404
    assert [row["patient"] for row in desk("GET", path).json["results"]] == [str(child.pk)]
    assert desk("GET", f"/patients/{maria.pk}/").json["dependants"] == desk("GET", path).json["results"]
    assert desk("DELETE", f"{path}{child.pk}/").status == 204
    assert desk("DELETE", f"{path}{child.pk}/").status == 404
    assert not desk("GET", path).json["results"]
    assert Dependant.objects.count() == 1


def test_a_dependant_of_another_clinic_is_not_shown(
    staff: Staff, clinic: Clinic, elsewhere: Clinic, maria: Patient
) -> None:
    stranger = RegistrationFactory.create(clinic=elsewhere, patient__given_name="Unseen").patient
    DependantFactory.create(guardian=maria, patient=stranger)
    assert "Unseen" not in staff(clinic)("GET", f"/patients/{maria.pk}/").text
    assert "Unseen" not in staff(clinic)("GET", f"/patients/{maria.pk}/dependants/").text
