"""Changing records, contacts and rights: versions, refusals, history, facts."""

import datetime as dt
import uuid
from typing import Any

import pytest

from mediconnect.errors import Invalid, NotFound
from mediconnect.outbox.models import Fact
from mediconnect.records.models import Change
from patients.errors import ChangedMeanwhile, ContactListed, DependantListed
from patients.models import ContactPoint, Dependant, Patient
from patients.services.changes import PatientChange, ProfileChange, change_patient, change_profile
from patients.services.contacts import ContactChange, NewContact, add_contact_point, change_contact_point
from patients.services.dependants import end_dependant, record_dependant
from tests.factories import ContactPointFactory, DependantFactory, PatientFactory

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 24)


def facts() -> list[str]:
    return list(Fact.objects.order_by("id").values_list("name", flat=True))


def test_a_change_raises_the_version_and_is_kept(maria: Patient) -> None:
    changed = change_patient(
        patient_id=maria.pk,
        version=1,
        change=PatientChange(given_name="María ", notes="uses a wheelchair"),
        today=TODAY,
    )
    assert (changed.given_name, changed.version) == ("María", 2)
    kept = Change.objects.of(changed).last()
    assert kept is not None
    assert (kept.before["given_name"], kept.after["given_name"]) == ("Maria", "María")
    assert facts() == ["patients.PatientChanged"]


def test_a_change_of_nothing_is_none(maria: Patient) -> None:
    same = change_patient(patient_id=maria.pk, version=1, change=PatientChange(given_name="Maria"), today=TODAY)
    assert (same.version, facts()) == (1, [])


def test_a_stale_version_shows_the_record_as_it_is(maria: Patient) -> None:
    change_patient(patient_id=maria.pk, version=1, change=PatientChange(language="es"), today=TODAY)
    with pytest.raises(ChangedMeanwhile) as refusal:
        change_patient(patient_id=maria.pk, version=1, change=PatientChange(language="fr"), today=TODAY)
    assert isinstance(refusal.value.record, Patient)
    assert refusal.value.record.language == "es"


@pytest.mark.parametrize(
    "change",
    [
        PatientChange(given_name="", family_name=""),
        PatientChange(birth_date=dt.date(2027, 1, 1)),
        PatientChange(language="?"),
        PatientChange(timezone="Nowhere"),
    ],
)
def test_what_cannot_be_is_not_written(maria: Patient, change: PatientChange) -> None:
    with pytest.raises(Invalid):
        change_patient(patient_id=maria.pk, version=1, change=change, today=TODAY)


def test_nobody_cannot_be_changed() -> None:
    with pytest.raises(NotFound):
        change_patient(patient_id=uuid.uuid4(), version=1, change=PatientChange(), today=TODAY)


def test_a_contact_is_added_changed_retired_and_added_again(maria: Patient) -> None:
    number = NewContact(system="phone", value="212 555 4821")
    point = add_contact_point(patient_id=maria.pk, contact=number, country="US")
    assert (point.value, point.last_four_index != "") == ("+12125554821", True)
    with pytest.raises(ContactListed):
        add_contact_point(patient_id=maria.pk, contact=number, country="US")
    words = {"patient_id": maria.pk, "contact_point_id": point.pk}
    silent = change_contact_point(**words, version=1, change=ContactChange(consent=False, rank=2))
    assert (silent.consent, silent.rank, silent.version) == (False, 2, 2)
    retired = change_contact_point(**words, version=2, change=ContactChange(active=False))
    assert not retired.active
    assert add_contact_point(patient_id=maria.pk, contact=number, country="US").pk != point.pk
    with pytest.raises(ContactListed):
        change_contact_point(**words, version=3, change=ContactChange(active=True))
    with pytest.raises(ChangedMeanwhile):
        change_contact_point(**words, version=1, change=ContactChange(rank=5))
    assert set(facts()) == {"patients.ContactChanged"}


def test_the_patients_version_covers_its_contacts(maria: Patient) -> None:
    add_contact_point(patient_id=maria.pk, contact=NewContact(system="email", value="m@example.org"), country=None)
    maria.refresh_from_db()
    assert maria.version == 2


def test_a_contact_of_somebody_else_is_not_there(maria: Patient) -> None:
    other = ContactPointFactory.create()
    with pytest.raises(NotFound):
        change_contact_point(patient_id=maria.pk, contact_point_id=other.pk, version=1, change=ContactChange(rank=2))


def test_a_profile_changes_as_a_whole_or_not_at_all(maria: Patient) -> None:
    own, foreign = ContactPointFactory.create(patient=maria), ContactPointFactory.create()
    wrong = ProfileChange(
        language="es", changed={own.pk: ContactChange(consent=False), foreign.pk: ContactChange(rank=3)}
    )
    with pytest.raises(NotFound):
        change_profile(patient_id=maria.pk, version=1, change=wrong, today=TODAY)
    maria.refresh_from_db()
    assert maria.language == "en"
    right = ProfileChange(
        changed={own.pk: ContactChange(consent=False)}, added=[NewContact(system="email", value="m@example.org")]
    )
    changed = change_profile(patient_id=maria.pk, version=1, change=right, today=TODAY)
    assert changed.version == 2
    assert ContactPoint.objects.active().filter(patient=maria).count() == 2
    assert not ContactPoint.objects.get(pk=own.pk).consent


def test_a_right_is_recorded_ended_and_taken_up_again(maria: Patient) -> None:
    child = PatientFactory.create(given_name="Ben")
    words: dict[str, Any] = {"guardian_id": maria.pk, "patient_id": child.pk}
    record_dependant(**words, relationship="child", today=TODAY)
    with pytest.raises(DependantListed):
        record_dependant(**words, relationship="child", today=TODAY)
    ended = end_dependant(**words, today=TODAY)
    assert ended.ends_on == TODAY - dt.timedelta(days=1)
    assert not Dependant.objects.on(TODAY).exists()
    with pytest.raises(NotFound):
        end_dependant(**words, today=TODAY)
    again = record_dependant(**words, relationship="child", ends_on=TODAY, today=TODAY)
    assert again.pk == ended.pk
    assert Dependant.objects.on(TODAY).exists()
    assert facts() == ["patients.DependantRecorded", "patients.DependantEnded", "patients.DependantRecorded"]


def test_rights_that_make_no_sense_are_refused(maria: Patient) -> None:
    child = PatientFactory.create()
    with pytest.raises(Invalid):
        record_dependant(guardian_id=maria.pk, patient_id=maria.pk, relationship="self", today=TODAY)
    with pytest.raises(Invalid):
        record_dependant(
            guardian_id=maria.pk,
            patient_id=child.pk,
            relationship="child",
            ends_on=TODAY - dt.timedelta(days=1),
            today=TODAY,
        )


def test_two_rights_for_one_pair_cannot_stand(maria: Patient) -> None:
    right = DependantFactory.create(guardian=maria)
    with pytest.raises(DependantListed):
        record_dependant(guardian_id=maria.pk, patient_id=right.patient_id, relationship="child", today=TODAY)
