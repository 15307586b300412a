"""Patients from a table: known by number, registered and changed as the desk does it, and nobody twice."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mediconnect.operations.exchange import looking
from mediconnect.operations.exchange.receiving import receive
from mediconnect.operations.models import ImportRow
from mediconnect.operations.verifying import broken
from mediconnect.records.models import Change
from patients.models import ContactPoint, Patient, Registration
from patients.services.changes import PatientChange, change_patient
from tests.appointments.conftest import small_clinic
from tests.operations.exchange.conftest import Bringer, outcomes, reasons, target, told, verdicts

HEAD = "Record number,Given name,Family name,Birth date,Phone,E-mail,Messages allowed,Language,Notes"
ANN = "A1,Ann,Berg,1980-02-29,+1 202 555 0148,ann@example.org,yes,Spanish,Prefers mornings"
BO = "A2,Bo,Lund,31.12.1990,,,,,"


def test_new_people_are_registered_with_everything(bringer: Bringer) -> None:
    run = bringer.imported("patients", HEAD, ANN, BO)
    assert outcomes(run) == ["written", "written"]
    ann = Patient.objects.get(pk=target(run, 2))
    assert (ann.given_name, ann.family_name, str(ann.birth_date), ann.language, ann.notes) == (
        "Ann", "Berg", "1980-02-29", "es", "Prefers mornings",
    )  # fmt: skip
    points = ContactPoint.objects.filter(patient=ann)
    assert {(p.system, p.value, p.consent) for p in points} == {
        ("phone", "+12025550148", True), ("email", "ann@example.org", True),
    }  # fmt: skip
    assert Registration.objects.get(patient=ann).record_number == "A1"
    change = Change.objects.of(ann).get()
    assert (change.actor_id, change.reason) == (bringer.user.pk, "import")
    assert broken() == []


def test_the_same_file_again_changes_nothing(bringer: Bringer) -> None:
    bringer.imported("patients", HEAD, ANN, BO)
    before = Change.objects.count()
    again = bringer.bring("patients", HEAD, ANN, BO)
    assert verdicts(again) == ["same", "same"]
    assert Change.objects.count() == before


def test_without_a_number_the_next_is_given_and_the_same_person_is_not_made_twice(bringer: Bringer) -> None:
    lines = ("First name,Last name,DOB,Phone", "Ann,Berg,1980-02-29,+12025550148")
    first = bringer.imported("patients", *lines)
    number = Registration.objects.get(patient=target(first, 2)).record_number
    assert number.startswith("P")
    again = bringer.bring("patients", *lines)
    assert verdicts(again) == ["same"]
    assert target(again, 2) == target(first, 2)


def test_a_change_says_before_and_after_and_leaves_what_the_row_leaves_empty(bringer: Bringer) -> None:
    first = bringer.imported("patients", HEAD, ANN)
    run = bringer.bring("patients", "mrn,family name,phone,notes", "a1,Bergman,+12025550149,")
    assert verdicts(run) == ["change"]
    assert told(run, 2)["differences"] == [
        ["family_name", "Berg", "Bergman"],
        ["phone", "+12025550148", "+12025550149"],
    ]
    bringer.carry_out(run)
    ann = Patient.objects.get(pk=target(first, 2))
    assert (ann.given_name, ann.family_name, ann.notes) == ("Ann", "Bergman", "Prefers mornings")
    phones = ContactPoint.objects.filter(patient=ann, system="phone").order_by("created_at")
    assert [(p.value, p.active, p.consent) for p in phones] == [
        ("+12025550148", False, True), ("+12025550149", True, False),
    ]  # fmt: skip


def test_consent_changes_only_when_the_file_says_so(bringer: Bringer) -> None:
    bringer.imported("patients", HEAD, ANN)
    assert verdicts(bringer.bring("patients", "mrn,family name,phone", "A1,Berg,+12025550148")) == ["same"]
    run = bringer.imported("patients", "mrn,family name,phone,consent", "A1,Berg,+12025550148,no")
    assert told(run, 2)["differences"] == [["messages_allowed", "yes", "no"]]
    assert not ContactPoint.objects.get(patient=target(run, 2), system="phone").consent


def test_who_may_be_there_already_is_asked_about(bringer: Bringer) -> None:
    bringer.imported("patients", HEAD, ANN)
    run = bringer.bring("patients", HEAD, "B7,Anne,Berg,1980-02-29,,,,,", "B8,Someone,Else,,+12025550148,,,,")
    assert verdicts(run) == ["doubtful", "doubtful"]
    assert reasons(run, 2) == [("", "May be the patient with record number A1: compare names, birth date and phone.")]
    run = bringer.carry_out(run, with_doubtful=True)
    assert outcomes(run) == ["written", "written"]


def test_doubtful_rows_are_left_out_unless_they_were_ticked(bringer: Bringer) -> None:
    bringer.imported("patients", HEAD, ANN)
    run = bringer.imported("patients", HEAD, "B7,Anne,Berg,1980-02-29,,,,,", BO)
    assert outcomes(run) == ["left", "written"]


def test_everything_wrong_with_a_row_is_said_at_once_by_column(bringer: Bringer) -> None:
    run = bringer.bring("patients", HEAD, "A9,,,2099-01-01,123,nobody,perhaps,Klingonese,")
    assert verdicts(run) == ["refused"]
    assert {column for column, _ in reasons(run, 2)} == {
        "birth_date", "phone", "email", "messages_allowed", "language", "family_name",
    }  # fmt: skip


def test_a_number_twice_in_a_file_is_imported_once(bringer: Bringer) -> None:
    run = bringer.imported("patients", HEAD, BO, BO.replace("A2", "a2"))
    assert verdicts(run) == ["new", "refused"]
    assert reasons(run, 3) == [("", "Row 2 of this file is about the same. Keep one of them.")]


def test_one_person_twice_in_a_file_without_numbers_is_registered_once(bringer: Bringer) -> None:
    run = bringer.imported("patients", "First name,Last name,DOB", "Ann,Berg,1980-02-29", "Ann,Berg,1980-02-29")
    assert outcomes(run) == ["written", "failed"]
    assert "registered after the file was looked at" in reasons(run, 3)[0][1]


def test_what_somebody_changed_meanwhile_is_not_overwritten(bringer: Bringer) -> None:
    first = bringer.imported("patients", HEAD, ANN)
    run = bringer.bring("patients", HEAD, ANN.replace("Berg", "Bergman"))
    ann = Patient.objects.get(pk=target(first, 2))
    change_patient(
        patient_id=ann.pk,
        version=ann.version,
        change=PatientChange(family_name="Lindberg"),
        today=ann.created_at.date(),
    )
    run = bringer.carry_out(run)
    assert outcomes(run) == ["failed"]
    assert "Somebody changed this record" in reasons(run, 2)[0][1]
    ann.refresh_from_db()
    assert ann.family_name == "Lindberg"


def test_a_record_out_of_use_is_left_alone(bringer: Bringer) -> None:
    first = bringer.imported("patients", HEAD, BO)
    Patient.objects.filter(pk=target(first, 2)).update(active=False)
    assert verdicts(bringer.bring("patients", HEAD, BO)) == ["refused"]


def test_another_clinics_patients_are_neither_found_nor_hinted_at(bringer: Bringer) -> None:
    bringer.imported("patients", HEAD, ANN)
    stranger = Bringer(small_clinic(), bringer.user)
    run = stranger.bring("patients", HEAD, ANN)
    assert verdicts(run) == ["new"]
    assert target_or_none(run.rows.get()) is None


def target_or_none(row: ImportRow) -> object:
    return row.target


def test_what_is_kept_is_sealed(bringer: Bringer) -> None:
    run = bringer.imported("patients", HEAD, ANN)
    with connection.cursor() as cursor:
        cursor.execute("SELECT cells || told FROM operations_importrow WHERE run_id = %s", [run.pk])
        sealed = " ".join(row[0] for row in cursor.fetchall())
        cursor.execute("SELECT file_name || header || columns::text FROM operations_importrun WHERE id = %s", [run.pk])
        sealed += cursor.fetchone()[0]
    known = ("mornings", "Berg", "1980-02-29", "ann@example.org", "Family name", ".csv")
    assert [word for word in known if word in sealed] == []


@pytest.mark.parametrize("kind", ["patients"])
def test_a_thousand_rows_are_looked_at_in_a_bounded_number_of_statements(bringer: Bringer, kind: str) -> None:
    lines = [
        HEAD,
        *(f"N{number},Given{number},Family{number},19{number % 90 + 10}-01-02,,,,," for number in range(1000)),
    ]
    content = "\n".join(lines).encode()
    receive(clinic_id=bringer.place.clinic.pk, kind=kind, content=content, file_name="x", by_id=bringer.user.pk)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        while looking.look_at_batch():
            pass
    batches = 1000 // looking.BATCH
    assert len(asked) <= 15 * (batches + 2)
