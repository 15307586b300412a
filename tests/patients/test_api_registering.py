"""Registering over HTTP: once per key, never a duplicate unawares, and every malformed body refused by field."""

import uuid
from typing import Any

import pytest
from django.db import connection

from mediconnect.records.models import Change
from patients.models import Patient, Registration
from providers.models import Clinic
from tests.factories import (
    UserFactory,
)

from .conftest import Staff

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
