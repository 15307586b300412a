"""What patients see and change about themselves, and what they never see."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from pytest_django import Settings

from patients.models import ContactPoint, Patient
from providers.models import Clinic
from tests.factories import ContactPointFactory, DependantFactory, PatientFactory, UserFactory

from .conftest import Caller, Staff

Bearer = Callable[..., Caller]


def test_a_profile_shows_the_patient_and_nothing_of_the_desk(bearer: Bearer, maria: Patient, clinic: Clinic) -> None:
    ContactPointFactory.create(patient=maria, value="+12125554821")
    DependantFactory.create(guardian=maria, patient=PatientFactory.create(given_name="Ben", notes="secret of Ben"))
    answer = bearer(maria)("GET", "/me/")
    assert answer.status == 200
    assert set(answer.json) == {
        "id", "version", "given_name", "family_name", "birth_date", "language", "timezone", "clinics",
        "contact_points", "dependants", "created_at", "updated_at",
    }  # fmt: skip
    assert answer.json["id"] == str(maria.pk)
    assert answer.json["clinics"] == [
        {"clinic": str(clinic.pk), "clinic_name": "Harbour Clinic", "record_number": "H-1001"}
    ]
    assert [row["given_name"] for row in answer.json["dependants"]] == ["Ben"]
    assert "ramp" not in answer.text
    assert "secret" not in answer.text


def test_a_patient_changes_language_channels_and_consent(bearer: Bearer, maria: Patient) -> None:
    point = ContactPointFactory.create(patient=maria, value="+12125554821")
    me = bearer(maria)
    seen = me("GET", "/me/")
    body = {
        "language": "es",
        "timezone": "America/Chicago",
        "contact_points": [
            {"id": str(point.pk), "consent": False, "rank": 2},
            {"system": "phone", "value": "+44 20 7946 0958"},
        ],
    }
    changed = me("PATCH", "/me/", body, headers={"If-Match": seen.headers["ETag"]})
    assert changed.status == 200
    assert (changed.json["language"], changed.json["timezone"]) == ("es", "America/Chicago")
    assert changed.json["version"] > seen.json["version"]
    assert {(row["value"], row["consent"], row["verified"]) for row in changed.json["contact_points"]} == {
        ("+442079460958", True, False),
        ("+12125554821", False, False),
    }
    retired = me(
        "PATCH",
        "/me/",
        {"contact_points": [{"id": str(point.pk), "active": False}], "version": changed.json["version"]},
    )
    assert [row["value"] for row in retired.json["contact_points"]] == ["+442079460958"]


def test_a_stale_profile_is_shown_as_it_is(bearer: Bearer, maria: Patient) -> None:
    me = bearer(maria)
    seen = me("GET", "/me/").json["version"]
    me("PATCH", "/me/", {"language": "es", "version": seen})
    refused = me("PATCH", "/me/", {"language": "fr", "version": seen})
    assert (refused.status, refused.code, refused.json["current"]["language"]) == (409, "version-conflict", "es")
    assert "notes" not in refused.json["current"]
    assert me("PATCH", "/me/", {"language": "fr"}).status == 428
    assert me("PATCH", "/me/", {"language": "fr"}, headers={"If-Match": '"v1"'}).status == 412


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"given_name": "Other"}, "given_name"),
        ({"notes": "x"}, "notes"),
        ({"birth_date": "2000-01-01"}, "birth_date"),
        ({"language": None}, "language"),
        ({"contact_points": [1]}, "contact_points"),
        ({"contact_points": [{"id": "1"}]}, "contact_points.id"),
        ({"contact_points": [{"system": "phone", "value": "212 555 4821"}]}, "value"),
    ],
)
def test_a_patient_changes_its_own_matters_alone(
    bearer: Bearer, maria: Patient, body: dict[str, Any], field: str
) -> None:
    me = bearer(maria)
    answer = me("PATCH", "/me/", body | {"version": me("GET", "/me/").json["version"]})
    assert (answer.status, list(answer.json["errors"])) == (400, [field])


def test_the_contact_of_somebody_else_is_out_of_reach(bearer: Bearer, maria: Patient) -> None:
    foreign = ContactPointFactory.create()
    me = bearer(maria)
    version = me("GET", "/me/").json["version"]
    answer = me("PATCH", "/me/", {"contact_points": [{"id": str(foreign.pk), "active": False}], "version": version})
    assert answer.status == 404
    assert ContactPoint.objects.get(pk=foreign.pk).active


def test_scopes_and_callers_are_told_apart(bearer: Bearer, staff: Staff, clinic: Clinic, maria: Patient) -> None:
    reader, writer = bearer(maria, "profile:read"), bearer(maria, "profile:write")
    assert (reader("GET", "/me/").status, reader("PATCH", "/me/", {}).status) == (200, 403)
    assert (writer("GET", "/me/").status, reader("GET", "/me/dashboard/").status) == (403, 403)
    assert staff(clinic)("GET", "/me/").status == 403


def test_an_account_without_a_record_finds_nothing(bearer: Bearer, maria: Patient) -> None:
    user = UserFactory.create()
    me = bearer(Patient(user=user))
    assert (me("GET", "/me/").status, me("GET", "/me/dashboard/").status) == (404, 404)


def visits(patient_ids: Sequence[Any], *, now: dt.datetime) -> dict[str, list[dict[str, Any]]]:
    """Stand in for the app that knows visits."""
    assert now.tzinfo is not None
    return {"upcoming": [{"patient": patient} for patient in patient_ids], "past": []}


def test_a_dashboard_shows_the_visits_of_the_patient_and_of_whom_it_cares_for(
    bearer: Bearer, maria: Patient, settings: Settings
) -> None:
    settings.VISITS_OF_PATIENTS = "tests.patients.test_api_me.visits"
    child = DependantFactory.create(guardian=maria).patient
    answer = bearer(maria, "appointments:read")("GET", "/me/dashboard/")
    assert answer.json == {
        "upcoming": [{"patient": str(maria.pk)}, {"patient": str(child.pk)}],
        "past": [],
        "offers": [],
        "messages": [],
    }


def test_the_real_dashboard_is_empty_for_somebody_new(bearer: Bearer, maria: Patient) -> None:
    answer = bearer(maria)("GET", "/me/dashboard/")
    assert (answer.status, answer.json["upcoming"], answer.json["past"]) == (200, [], [])
