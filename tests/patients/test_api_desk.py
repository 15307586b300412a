"""The desk's endpoints over HTTP: every answer, and what each role of each clinic may do."""

import logging
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mediconnect.accounts.models import Invitation
from mediconnect.outbox.models import Fact
from mediconnect.records.models import Change
from patients.models import ContactPoint, Dependant, Patient, Registration
from providers.models import Clinic, Role
from tests.factories import (
    ContactPointFactory,
    DependantFactory,
    PatientFactory,
    RegistrationFactory,
    UserFactory,
)

from .conftest import Caller, Staff

KEY = {"Idempotency-Key": "0f0f0b0e-registering-once"}
NEWCOMER = {"given_name": "Aisha", "family_name": "Khan", "birth_date": "1990-05-17"}


def test_registering_answers_with_the_patient(staff: Staff, clinic: Clinic) -> None:
    desk = staff(clinic)
    body = NEWCOMER | {"phone": "(212) 555-4821", "email": "aisha@example.org", "notes": "prefers mornings"}
    answer = desk("POST", "/patients/", body)
    assert (answer.status, answer.headers["ETag"]) == (201, '"v1"')
    assert answer.headers["Location"] == f"/api/v1/patients/{answer.json['id']}/"
    assert answer.json["notes"] == "prefers mornings"
    assert [point["value"] for point in answer.json["contact_points"]] == ["aisha@example.org", "+12125554821"]
    (row,) = answer.json["registrations"]
    assert (row["clinic"], row["clinic_name"]) == (str(clinic.pk), "Harbour Clinic")
    assert desk("GET", f"/patients/{answer.json['id']}/").json == answer.json
    kept = Change.objects.filter(record_type="patients_patient").get()
    assert (kept.actor_id is not None, kept.request_id) == (True, answer.headers["X-Request-ID"])


def test_one_key_registers_once_and_replays_to_the_byte(staff: Staff, clinic: Clinic) -> None:
    desk = staff(clinic)
    first, second = (desk("POST", "/patients/", NEWCOMER, headers=KEY) for _ in range(2))
    assert (first.status, second.status, first.text) == (201, 201, second.text)
    assert second.headers["Idempotent-Replayed"] == "true"
    assert Patient.objects.count() == 1
    assert desk("POST", "/patients/", NEWCOMER | {"language": "es"}, headers=KEY).code == "idempotency-key-reused"


def test_a_stored_answer_is_sealed(staff: Staff, clinic: Clinic) -> None:
    staff(clinic)("POST", "/patients/", NEWCOMER | {"notes": "canarybird"}, headers=KEY)
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(kept)::text FROM idempotency_idempotencyrecord kept")
        (stored,) = cursor.fetchone()
    for canary in ("canarybird", "Khan", "1990"):
        assert canary not in stored


def test_a_replay_is_not_for_someone_who_left(staff: Staff, clinic: Clinic) -> None:
    user = UserFactory.create()
    desk = staff(clinic, user=user)
    desk("POST", "/patients/", NEWCOMER, headers=KEY)
    Registration.objects.all().delete()
    assert desk("POST", "/patients/", NEWCOMER, headers=KEY).status == 403


def test_a_possible_duplicate_is_refused_until_confirmed(staff: Staff, clinic: Clinic, maria: Patient) -> None:
    desk = staff(clinic)
    body = {"given_name": "María", "family_name": "González", "birth_date": "1980-02-29"}
    refused = desk("POST", "/patients/", body)
    assert (refused.status, refused.code) == (409, "possible-duplicate")
    assert refused.json["duplicates"] == [
        {
            "id": str(maria.pk),
            "given_name": "Maria",
            "family_name": "Gonzalez",
            "birth_date": "1980-02-29",
            "reasons": ["birth-date-and-name"],
        }
    ]
    assert desk("POST", "/patients/", body | {"confirm_duplicate": True}).status == 201


def test_duplicates_of_a_clinic_that_is_not_ones_own_stay_unseen(
    staff: Staff, clinic: Clinic, elsewhere: Clinic, maria: Patient
) -> None:
    body = {"given_name": "Maria", "family_name": "Gonzalez", "birth_date": "1980-02-29"}
    assert staff(elsewhere)("POST", "/patients/", body).status == 201
    refused = staff(clinic, elsewhere)("POST", "/patients/", body | {"clinic": str(elsewhere.pk)})
    assert str(maria.pk) in refused.text


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ([], "body"),
        ({"given_name": "A\0"}, "given_name"),
        ({"given_name": 5}, "given_name"),
        ({"given_name": None}, "given_name"),
        ({"given_name": ""}, "family_name"),
        ({"given_name": "A" * 81}, "given_name"),
        ({"given_name": "\ud800"}, "given_name"),
        (NEWCOMER | {"birth_date": "17.05.1990"}, "birth_date"),
        (NEWCOMER | {"birth_date": "2990-05-17"}, "birth_date"),
        (NEWCOMER | {"language": "english!"}, "language"),
        (NEWCOMER | {"timezone": "Nowhere"}, "timezone"),
        (NEWCOMER | {"phone": "12"}, "value"),
        (NEWCOMER | {"contact_points": {}}, "contact_points"),
        (NEWCOMER | {"contact_points": [{"system": "fax", "value": "1"}]}, "system"),
        (NEWCOMER | {"contact_points": [{"system": "email"}]}, "value"),
        (NEWCOMER | {"contact_points": [{"system": "email", "value": "a@b.org", "verified": True}]}, "verified"),
        (NEWCOMER | {"contact_points": [{}] * 21}, "contact_points"),
        (NEWCOMER | {"record_number": " "}, "record_number"),
        (NEWCOMER | {"record_number": 7}, "record_number"),
        (NEWCOMER | {"clinic": "here"}, "clinic"),
        (NEWCOMER | {"user": str(uuid.uuid4())}, "user"),
        (NEWCOMER | {"confirm_duplicate": "maybe"}, "confirm_duplicate"),
    ],
)
def test_malformed_registrations_are_refused_by_field(staff: Staff, clinic: Clinic, body: Any, field: str) -> None:
    answer = staff(clinic)("POST", "/patients/", body)
    assert (answer.status, answer.code) == (400, "invalid")
    assert field in answer.json["errors"]
    assert not Patient.objects.exists()


@pytest.mark.parametrize("name", ["محمد عبد الله", "王小明", "Zoë 🦊", "O'Brien-Łukasz", "'; DROP TABLE patients; --"])
def test_names_of_any_kind_come_back_as_they_were(staff: Staff, clinic: Clinic, name: str) -> None:
    desk = staff(clinic)
    made = desk("POST", "/patients/", {"family_name": name})
    assert desk("GET", f"/patients/{made.json['id']}/").json["family_name"] == name


def test_a_taken_number_is_a_conflict(staff: Staff, clinic: Clinic, maria: Patient) -> None:
    answer = staff(clinic)("POST", "/patients/", NEWCOMER | {"record_number": "h-1001"})
    assert (answer.status, answer.code) == (409, "record-number-taken")
    assert Patient.objects.count() == 1


def test_who_works_at_several_desks_names_one(staff: Staff, clinic: Clinic, elsewhere: Clinic) -> None:
    desk = staff(clinic, elsewhere)
    assert "clinic" in desk("POST", "/patients/", NEWCOMER).json["errors"]
    assert desk("POST", "/patients/", NEWCOMER | {"clinic": str(elsewhere.pk)}).status == 201
    assert desk("POST", "/patients/", NEWCOMER | {"clinic": str(uuid.uuid4())}).status == 404


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


def doors(patient: Patient) -> list[tuple[str, str, Any]]:
    """Every door to one patient, with a body that would be right."""
    base = f"/patients/{patient.pk}/"
    point = ContactPoint.objects.filter(patient=patient).first() or ContactPointFactory.create(patient=patient)
    child = Dependant.objects.filter(guardian=patient).first() or DependantFactory.create(guardian=patient)
    return [
        ("GET", base, None),
        ("PATCH", base, {"language": "es", "version": 1}),
        ("POST", f"{base}invite/", {}),
        ("POST", f"{base}registrations/", {"clinic": str(uuid.uuid4())}),
        ("GET", f"{base}contact-points/", None),
        ("POST", f"{base}contact-points/", {"system": "email", "value": "new@example.org"}),
        ("PATCH", f"{base}contact-points/{point.pk}/", {"rank": 3, "version": 1}),
        ("GET", f"{base}dependants/", None),
        ("POST", f"{base}dependants/", {"patient": str(patient.pk), "relationship": "child"}),
        ("DELETE", f"{base}dependants/{child.patient_id}/", None),
    ]


def test_another_clinic_finds_no_door(staff: Staff, elsewhere: Clinic, maria: Patient) -> None:
    for role in (Role.FRONT_DESK, Role.CLINIC_ADMIN):
        caller = staff(elsewhere, role=role)
        for method, path, body in doors(maria):
            assert caller(method, path, body).status == 404, (method, path)
        assert caller("GET", "/patients/").json["results"] == []
        assert caller("POST", "/patients/search/", {"q": "gonzalez"}).json["results"] == []
        assert caller("GET", f"/patients/?clinic={uuid.uuid4()}").status == 404


def test_a_provider_reads_and_does_not_write(staff: Staff, clinic: Clinic, maria: Patient) -> None:
    caller = staff(clinic, role=Role.PROVIDER)
    for method, path, body in doors(maria):
        assert caller(method, path, body).status == (200 if method == "GET" else 403), (method, path)
    assert caller("GET", "/patients/").status == 200
    assert caller("POST", "/patients/", NEWCOMER).status == 403


def test_a_desk_elsewhere_who_is_a_provider_here_does_not_write_here(
    staff: Staff, clinic: Clinic, elsewhere: Clinic, maria: Patient
) -> None:
    user = UserFactory.create()
    staff(clinic, role=Role.PROVIDER, user=user)
    caller = staff(elsewhere, user=user)
    for method, path, body in doors(maria):
        assert caller(method, path, body).status == (200 if method == "GET" else 403), (method, path)
    assert caller("POST", "/patients/", NEWCOMER | {"clinic": str(clinic.pk)}).status == 403


def test_patients_and_strangers_have_no_business_at_the_desk(
    bearer: Callable[..., Caller], clinic: Clinic, maria: Patient
) -> None:
    callers = {403: bearer(maria), 401: Caller(Client())}
    for status, caller in callers.items():
        for method, path, body in [*doors(maria), ("GET", "/patients/", None), ("POST", "/patients/", NEWCOMER)]:
            assert caller(method, path, body).status == status, (method, path)


def test_a_superuser_sees_all(staff: Staff, maria: Patient) -> None:
    caller = staff(user=UserFactory.create(is_superuser=True))
    assert caller("GET", f"/patients/{maria.pk}/").status == 200
    assert len(caller("POST", "/patients/search/", {"q": "h-1001"}).json["results"]) == 1
    assert "clinic" in caller("POST", "/patients/", NEWCOMER).json["errors"]


def test_what_is_no_identifier_is_not_there(staff: Staff, clinic: Clinic) -> None:
    desk = staff(clinic)
    assert desk("GET", "/patients/1/").status == 404
    assert desk("GET", f"/patients/{PatientFactory.create().pk}/").status == 404
    assert desk("DELETE", "/patients/").code == "method-not-allowed"
