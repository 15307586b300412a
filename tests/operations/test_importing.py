"""Bringing people and places in: what is right comes in once, what is wrong is named by its line, and nothing is said of it."""

import datetime as dt
import io
import json
import os
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from appointments.models import Appointment
from mediconnect.accounts.models import User
from mediconnect.operations.importing import Report, Wishes, import_files
from mediconnect.operations.importing.reporting import Fate
from mediconnect.operations.importing.zones import region_of_address, zone_of_address
from mediconnect.operations.verifying import broken
from patients.models import ContactPoint, Patient, Registration
from providers.models import AppointmentType, Clinic, Opening, PractitionerRole, Provider, WorkingHours
from tests.http import Api

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).parent.parent.parent
SAMPLE = ROOT / "mediconnect" / "operations" / "sample"
SPECS = Path(os.environ.get("MEDICONNECT_SPECS") or ROOT.parent / "shared" / "specs")
SYNTHEA = [
    str(SPECS / "synthea" / f"{kind}.ndjson")
    for kind in ("Patient", "PractitionerRole", "Practitioner", "Location", "Organization")
]  # the roles before those whom they name: order is of no importance


@pytest.fixture
def synthea() -> list[str]:
    missing = [path for path in SYNTHEA if not Path(path).is_file()]
    if missing and os.environ.get("MEDICONNECT_SPECS_REQUIRED"):
        pytest.fail(f"The synthetic people are not there: {missing[0]}. Set MEDICONNECT_SPECS to their folder.")
    if missing:
        pytest.skip(f"The synthetic people are not there: {missing[0]}. Set MEDICONNECT_SPECS to their folder.")
    return SYNTHEA


def patient(**changes: Any) -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "id": "p1",
        "name": [{"family": "Marlowe", "given": ["Iris"]}],
        "birthDate": "1980-05-17",
    } | changes


def place(**changes: Any) -> dict[str, Any]:
    return {
        "resourceType": "Organization",
        "id": "o1",
        "name": "Corner Practice",
        "address": [{"city": "Boston", "state": "MA", "country": "US"}],
    } | changes


def write(folder: Path, *lines: object, name: str = "people.ndjson") -> str:
    path = folder / name
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    path.write_text(text + "\n", encoding="utf-8")
    return str(path)


def run(*paths: str, **wishes: Any) -> Report:
    return import_files(list(paths), Wishes(**wishes))


def counts(report: Report) -> dict[str, int]:
    return {f"{kind} {fate.value}": count for (kind, fate), count in report.counts.items()}


def everything() -> tuple[int, ...]:
    models = (
        Clinic,
        Provider,
        PractitionerRole,
        Patient,
        Registration,
        ContactPoint,
        WorkingHours,
        Opening,
        AppointmentType,
    )
    return tuple(model._default_manager.count() for model in models)


def test_the_sample_comes_in_once() -> None:
    report = run(str(SAMPLE), hours=True)
    assert report.bad_lines == 0
    assert counts(report) == {
        "Organization new": 2,
        "Location part of another": 1,
        "Practitioner new": 3,
        "PractitionerRole new": 3,
        "Patient new": 5,
    }
    assert {clinic.name: (clinic.timezone, clinic.region) for clinic in Clinic.objects.all()} == {
        "Elm Street Clinic": ("America/New_York", "US-NY"),
        "Mesa Family Practice": ("America/Phoenix", "US-AZ"),
    }
    julia = Patient.objects.get(source_identifier="https://clinics.example/id|pat-1")
    assert (julia.given_name, julia.family_name, julia.language) == ("Julia", "Romero", "es")
    assert {point.value for point in julia.contact_points.all()} == {"+15185550121", "julia.romero@clinics.example"}
    assert julia.registrations.get().clinic.name == "Elm Street Clinic"
    # Too short for a number: left out and told, the person came in.
    assert [problem.warning for problem in report.problems] == [True]
    before = everything()
    assert set(counts(run(str(SAMPLE), hours=True))) == {
        "Organization known",
        "Location part of another",
        "Practitioner known",
        "PractitionerRole known",
        "Patient known",
    }
    assert everything() == before
    assert broken() == []


def test_a_trial_writes_nothing_and_says_the_same() -> None:
    trial = counts(run(str(SAMPLE), hours=True, dry_run=True))
    assert everything() == (0,) * 9
    assert counts(run(str(SAMPLE), hours=True)) == trial


def test_a_bad_line_is_named_and_stops_nothing(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        place(),
        "{not json",
        patient(id="good"),
        patient(id="bad-date", birthDate="the 5th of Blursday"),
        patient(id="nameless", name=[]),
        patient(id="future", birthDate="2990-01-01"),
        patient(id="reordered", name=[{"family": "Mar\u202elowe"}]),
        "[1, 2]",
        {"resourceType": "Observation", "status": "final"},
        {"resourceType": "Patient", "name": [{"family": "Nobody"}]},
        patient(id="also-good", telecom=[{"system": "phone", "value": "no phone"}]),
    )
    report = run(path)
    assert sorted(problem.origin.line for problem in report.problems if not problem.warning) == [2, 4, 5, 6, 7, 8, 10]
    assert [problem.origin.line for problem in report.problems if problem.warning] == [11]
    assert counts(report)["Patient new"] == 2
    assert counts(report)["Observation ignored"] == 1
    assert str(report.problems[0]).startswith(f"{path}:2: not JSON")


def test_no_problem_repeats_what_a_line_says(tmp_path: Path) -> None:
    secret = "Canarywharf"
    path = write(
        tmp_path,
        place(),
        patient(id="1", birthDate=f"{secret}-01-01"),
        patient(id="2", gender=[secret]),
        patient(id="3", name=[{"family": secret + "\u0007"}]),
        patient(id="4", name=[{"family": secret * 20}]),
        patient(id="5", telecom=[{"system": "phone", "value": secret}, {"system": "email", "value": secret}]),
        patient(id="6", identifier=[{"system": "https://x.example", "value": secret * 40}]),
        f'{{"resourceType": "Patient", {secret}',
    )
    report = run(path)
    assert len(report.problems) == 8
    assert not any(secret in str(problem) for problem in report.problems)


def test_bytes_that_are_no_text_are_one_bad_line(tmp_path: Path) -> None:
    path = tmp_path / "people.ndjson"
    path.write_bytes(b"\xff\xfe\x00broken\n" + json.dumps(place()).encode() + b"\n")
    report = run(str(path))
    assert counts(report) == {"Unreadable not usable": 1, "Organization new": 1}


def test_a_bundle_joins_its_entries_by_their_full_urls(tmp_path: Path) -> None:
    def entry(number: int, resource: dict[str, Any]) -> dict[str, Any]:
        return {"fullUrl": f"urn:uuid:00000000-0000-4000-8000-00000000000{number}", "resource": resource}

    doctor = {"resourceType": "Practitioner", "name": [{"text": "Dr. Ada Quist"}]}
    role = {
        "resourceType": "PractitionerRole",
        "id": "r1",
        "practitioner": {"reference": "urn:uuid:00000000-0000-4000-8000-000000000002"},
        "organization": {"reference": "Organization/o1"},
        "specialty": [{"coding": [{"code": "x", "display": "Cardiology"}]}],
    }
    bundle = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            entry(1, role),
            entry(2, doctor),
            entry(3, place()),
            {"request": {"method": "DELETE", "url": "Patient/9"}},
        ],
    }
    path = tmp_path / "bundle.json"
    path.write_text(json.dumps(bundle, indent=2))
    assert run(str(path)).bad_lines == 0
    role_here = PractitionerRole.objects.select_related("provider", "clinic").get()
    assert (role_here.provider.name, role_here.clinic.name, role_here.specialty) == (
        "Dr. Ada Quist",
        "Corner Practice",
        "Cardiology",
    )


def test_a_role_of_somebody_unknown_is_a_bad_line(tmp_path: Path) -> None:
    role = {"resourceType": "PractitionerRole", "id": "r1", "practitioner": {"reference": "Practitioner/x"}}
    report = run(write(tmp_path, place(), role))
    assert [problem.origin.line for problem in report.problems] == [2]


def test_a_role_finds_whom_an_earlier_import_brought(tmp_path: Path) -> None:
    doctor = {"resourceType": "Practitioner", "id": "d1", "name": [{"family": "Quist", "given": ["Ada"]}]}
    role = {
        "resourceType": "PractitionerRole",
        "id": "r1",
        "practitioner": {"reference": "https://ehr.example/fhir/Practitioner/d1/_history/2"},
        "organization": {"reference": "Organization/o1"},
    }
    run(write(tmp_path, place(), doctor, name="first.ndjson"))
    assert run(write(tmp_path, role, name="second.ndjson")).bad_lines == 0
    assert PractitionerRole.objects.count() == 1


def test_a_state_decides_the_zone_and_a_wish_decides_it_before(tmp_path: Path) -> None:
    nowhere = place(address=[{"city": "Somewhere", "country": "BR"}])
    assert counts(run(write(tmp_path, nowhere))) == {"Organization not usable": 1}
    run(write(tmp_path, nowhere), zone="America/Sao_Paulo")
    assert Clinic.objects.get().timezone == "America/Sao_Paulo"
    assert zone_of_address("", "KS") == "America/Chicago"
    assert (zone_of_address("UK", ""), region_of_address("United Kingdom", "")) == ("Europe/London", "GB")


def test_clinics_of_one_name_are_told_apart_by_their_town(tmp_path: Path) -> None:
    towns = [
        place(id=f"o{n}", address=[{"city": town, "state": "MA", "country": "US"}])
        for n, town in enumerate(("Boston", "Salem", "Salem"))
    ]
    report = run(write(tmp_path, *towns))
    assert counts(report) == {"Organization new": 3}
    names = set(Clinic.objects.values_list("name", flat=True))
    assert names == {"Corner Practice", "Corner Practice (Salem)", "Corner Practice (ation/o2)"}


def test_the_state_s_numbers_are_no_keys(tmp_path: Path) -> None:
    security = {
        "system": "http://hl7.org/fhir/sid/us-ssn",
        "value": "999-00-0000",
        "type": {"coding": [{"code": "SS"}]},
    }
    run(write(tmp_path, place(), patient(identifier=[security])))
    assert Patient.objects.get().source_identifier == "urn:fhir:Patient/p1"


def test_who_has_died_comes_in_but_cannot_be_booked(tmp_path: Path) -> None:
    run(write(tmp_path, place(), patient(deceasedDateTime="2019-02-03")))
    assert Patient.objects.get().active is False


def test_a_named_clinic_gets_all_patients(tmp_path: Path) -> None:
    run(write(tmp_path, place(), place(id="o2", name="Hill Practice"), patient()), clinic="hill practice")
    assert Registration.objects.get().clinic.name == "Hill Practice"


def test_patients_without_any_clinic_are_bad_lines(tmp_path: Path) -> None:
    report = run(write(tmp_path, patient()))
    assert "--clinic" in report.problems[0].reason
    assert not Patient.objects.exists()


def test_the_command_tells_what_became_of_everything(tmp_path: Path) -> None:
    out, err = io.StringIO(), io.StringIO()
    path = write(tmp_path, place(), "{", patient())
    call_command("import_fhir", path, "--dry-run", stdout=out, stderr=err)
    assert "Patient: 1 new" in out.getvalue()
    assert "nothing was written" in out.getvalue()
    assert f"{path}:2: not JSON" in err.getvalue()
    with pytest.raises(SystemExit):
        call_command("import_fhir", path, "--strict", stdout=out, stderr=err)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["missing.ndjson"], "There is no file"),
        ([str(SAMPLE), "--timezone", "Mars/Olympus"], "is not a known time zone"),
        ([str(SAMPLE), "--clinic", "Nowhere"], "There is no clinic"),
    ],
)
def test_wishes_that_cannot_be_met_are_refused(arguments: list[str], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        call_command("import_fhir", *arguments, stdout=io.StringIO())


def test_all_synthetic_people_come_in_and_can_be_booked_moved_and_cancelled(synthea: list[str]) -> None:
    report = run(*synthea, hours=True)
    assert report.bad_lines == 0
    assert {Path(problem.origin.path).stem for problem in report.problems} == {"Organization"}  # two phones too short
    assert (Patient.objects.count(), Provider.objects.count(), report.hours) == (120, 271, 271)
    assert report.counts["Location", Fate.IGNORED] == 1  # “Patient's Home” is a kind of place, no place
    before = everything()
    run(*synthea, hours=True)
    assert everything() == before
    for number, person in enumerate(Patient.objects.filter(active=True).order_by("id")[:4]):
        _book_move_and_cancel(person, PractitionerRole.objects.order_by("id")[number * 50])
    assert Appointment.objects.filter(status="cancelled").count() == 4
    assert broken() == []


def _book_move_and_cancel(person: Patient, role: PractitionerRole) -> None:
    user = User.objects.create_user(f"{person.pk}@example.org")
    Patient.objects.filter(pk=person.pk).update(user=user)
    api = Api.patient(user)
    kind = AppointmentType.objects.get(clinic=role.clinic_id)
    since = Opening.objects.filter(resource=role.provider_id).order_by("during")[2].during.lower
    query = {"appointment_type": str(kind.pk), "provider": str(role.provider_id)}
    days = {"from": since.isoformat(), "to": (since + dt.timedelta(days=7)).isoformat()}
    free = [found["start"] for found in api.get("availability/", query | days).json()["results"]]
    booked = api.post("appointments/", query | {"start": free[0]})
    assert booked.status_code == 201, booked.content
    visit = booked.json()
    moved = api.post(f"appointments/{visit['id']}/reschedule/", {"start": free[5], "version": visit["version"]})
    assert moved.status_code == 200, moved.content
    cancelled = api.post(
        f"appointments/{visit['id']}/cancel/", {"reason": "patient_request", "version": moved.json()["version"]}
    )
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")
