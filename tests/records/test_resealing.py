"""Key rotation: after it the old key opens nothing that is needed, and everything can be read."""

from io import StringIO

import pytest
from cryptography.fernet import Fernet, InvalidToken
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from mediconnect.records import resealing
from mediconnect.records.encryption import decrypt
from mediconnect.records.models import Change
from mediconnect.records.resealing import reseal_table, sealed_tables
from patients.models import ContactPoint, Patient
from tests.factories import ContactPointFactory, PatientFactory

pytestmark = pytest.mark.django_db
OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


@pytest.fixture(autouse=True)
def _keys(settings: Settings) -> None:
    settings.FIELD_ENCRYPTION_KEYS = [OLD]


def reseal(*arguments: str) -> str:
    output = StringIO()
    call_command("reseal", *arguments, stdout=output)
    return output.getvalue()


@pytest.fixture
def patient() -> Patient:
    """A patient whose notes and phone were sealed under the old key, and whose notes changed once."""
    patient = PatientFactory.create(notes="needs a ramp")
    ContactPointFactory.create(patient=patient, value="+12125554821")
    PatientFactory.create()  # without notes: nothing to seal
    patient.notes = "uses a lift"
    patient.save(update_fields=["notes"])
    return patient


def history_of(patient: Patient) -> list[tuple[str, str]]:
    """Return the notes before and after each change, opened with the keys of now."""
    changes = Change.objects.of(patient)
    return [tuple(decrypt(side.get("notes", "")) for side in (row.before, row.after)) for row in changes]  # type: ignore[misc]


def test_after_a_rotation_the_old_key_can_go(patient: Patient, settings: Settings) -> None:
    index = ContactPoint.objects.get().value_index
    before = list(Change.objects.order_by("id").values("id", "version", "operation", "at", "actor_id"))
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]
    assert "Everything is sealed under the newest key." in reseal("--batch", "1")
    settings.FIELD_ENCRYPTION_KEYS = [NEW]
    assert "Everything" in reseal("--check")
    patient.refresh_from_db()
    point = ContactPoint.objects.get()
    assert (patient.notes, point.value, point.value_index) == ("uses a lift", "+12125554821", index)
    assert history_of(patient) == [("", "needs a ramp"), ("needs a ramp", "uses a lift")]
    assert list(Change.objects.order_by("id").values("id", "version", "operation", "at", "actor_id")) == before
    assert (patient.version, point.version) == (2, 1)


def test_without_a_rotation_the_old_key_cannot_go(patient: Patient, settings: Settings) -> None:
    """The control: what makes the test above mean anything."""
    settings.FIELD_ENCRYPTION_KEYS = [NEW]
    with pytest.raises(InvalidToken):
        patient.refresh_from_db()
    with pytest.raises(CommandError, match="none of the listed keys"):
        reseal("--check")


def test_looking_writes_nothing_and_fails_while_work_is_left(patient: Patient, settings: Settings) -> None:
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]
    for _ in range(2):
        with pytest.raises(CommandError, match=r"6 values still need an older key"):
            reseal("--check")
    reseal()
    assert "patients_patient: 2 rows, 0 values" in reseal()


def test_a_run_that_was_stopped_goes_on(patient: Patient, settings: Settings) -> None:
    PatientFactory.create(notes="another")
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]
    (table,) = [table for table in sealed_tables() if table.model is Patient]
    run = reseal_table(table, write=True, batch=1)
    next(run)
    run.close()
    assert "patients_patient: 3 rows, 1 values" in reseal()


def test_a_change_made_meanwhile_is_kept(patient: Patient, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]
    write = resealing._write

    def change_first(*arguments: object) -> None:
        Patient.objects.filter(pk=patient.pk).update(notes="changed meanwhile")
        write(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(resealing, "_write", change_first)
    reseal()
    patient.refresh_from_db()
    assert patient.notes == "changed meanwhile"


def test_every_sealed_table_is_found_and_the_history_stays_closed_to_others(patient: Patient) -> None:
    names = {table.name for table in sealed_tables()}
    assert {"patients_patient", "patients_contactpoint", "appointments_appointment", "accounts_authenticator"} <= names
    with connection.cursor() as cursor, pytest.raises(Exception, match="a change is never rewritten"):
        cursor.execute("UPDATE records_change SET reason = 'x'")


def test_a_batch_has_a_row() -> None:
    with pytest.raises(CommandError):
        reseal("--batch", "0")
