"""Registering people: numbers, duplicates, further clinics, and what races do to them."""

import datetime as dt
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest
from django.db import connection, transaction
from pytest_django import DjangoAssertNumQueries

from mediconnect.errors import Invalid, NotFound
from mediconnect.outbox.models import Fact
from mediconnect.resilience.transactions import decide
from patients.errors import AlreadyRegistered, ChangedMeanwhile, ContactListed, PossibleDuplicate, RecordNumberTaken
from patients.models import ContactPoint, Patient, Registration
from patients.services.changes import PatientChange, change_patient
from patients.services.contacts import NewContact
from patients.services.registration import NewPatient, ensure_registered, register, register_at
from providers.models import Clinic
from tests.factories import ClinicFactory, ContactPointFactory, PatientFactory, RegistrationFactory

TODAY = dt.date(2026, 11, 24)
BORN = dt.date(1980, 2, 29)
Result = TypeVar("Result")


def newcomer(**changes: Any) -> NewPatient:
    words: dict[str, Any] = {"given_name": "Maria", "family_name": "Gonzalez", "birth_date": BORN}
    return NewPatient(**(words | changes))


def enter(clinic: Clinic, person: NewPatient | None = None, **words: Any) -> Patient:
    return register(clinic_id=clinic.pk, person=person or newcomer(), today=TODAY, **words)


@pytest.mark.django_db
def test_registering_gives_a_number_says_a_fact_and_keeps_the_contacts(clinic: Clinic) -> None:
    contacts = [
        NewContact(system="phone", value="(212) 555-4821"),
        NewContact(system="email", value="Maria@Example.ORG"),
    ]
    patient = enter(clinic, newcomer(contacts=contacts, notes="needs a ramp"))
    row = Registration.objects.get(patient=patient, clinic=clinic)
    assert row.record_number.startswith("P0")
    assert [point.value for point in ContactPoint.objects.filter(patient=patient).order_by("system")] == [
        "Maria@example.org",
        "+12125554821",
    ]
    names = list(Fact.objects.order_by("created_at").values_list("name", flat=True))
    assert names.count("patients.PatientRegistered") == 1
    assert names.count("patients.ContactChanged") == 2


@pytest.mark.django_db
def test_a_number_may_be_given_and_names_one_patient_whatever_its_case(clinic: Clinic, elsewhere: Clinic) -> None:
    enter(clinic, record_number="mrn-7")
    with pytest.raises(RecordNumberTaken):
        enter(clinic, newcomer(given_name="Peter", birth_date=None), record_number="MRN-7")
    enter(elsewhere, record_number="MRN-7")
    assert Patient.objects.count() == 2


@pytest.mark.django_db
def test_the_next_number_steps_over_those_that_people_typed(clinic: Clinic) -> None:
    first = Registration.objects.get(patient=enter(clinic)).record_number
    for further in range(1, 4):
        RegistrationFactory.create(clinic=clinic, record_number=f"P{int(first[1:]) + further:06d}")
    second = Registration.objects.get(patient=enter(clinic, confirm_duplicate=True)).record_number
    assert int(second[1:]) == int(first[1:]) + 4


@pytest.mark.django_db
@pytest.mark.parametrize(
    "person",
    [
        newcomer(given_name="", family_name=""),
        newcomer(birth_date=dt.date(2030, 1, 1)),
        newcomer(language="english"),
        newcomer(timezone="Mars/Olympus"),
        newcomer(contacts=[NewContact(system="phone", value="12")]),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(clinic: Clinic, person: NewPatient) -> None:
    with pytest.raises(Invalid):
        enter(clinic, person)
    assert not Patient.objects.exists()
    assert not Fact.objects.exists()


@pytest.mark.django_db
def test_one_contact_twice_is_refused_as_a_whole(clinic: Clinic) -> None:
    twice = [NewContact(system="phone", value=value) for value in ("212 555 4821", "+1 (212) 555-4821")]
    with pytest.raises(ContactListed):
        enter(clinic, newcomer(contacts=twice))
    assert not Patient.objects.exists()


@pytest.mark.django_db
def test_a_closed_clinic_takes_nobody() -> None:
    with pytest.raises(NotFound):
        enter(ClinicFactory.create(active=False))


@pytest.mark.django_db
def test_a_likely_duplicate_is_named_and_can_be_confirmed(clinic: Clinic) -> None:
    known = enter(clinic, newcomer(contacts=[NewContact(system="phone", value="212 555 4821")]))
    with pytest.raises(PossibleDuplicate) as refusal:
        enter(clinic, newcomer(given_name="María", family_name="González"))
    (suspect,) = refusal.value.extra["duplicates"]
    assert (suspect["id"], suspect["reasons"]) == (known.pk, ["birth-date-and-name"])
    child = newcomer(given_name="Ben", birth_date=None, contacts=[NewContact(system="phone", value="+12125554821")])
    with pytest.raises(PossibleDuplicate) as refusal:
        enter(clinic, child)
    assert refusal.value.extra["duplicates"][0]["reasons"] == ["contact"]
    assert enter(clinic, child, confirm_duplicate=True).pk != known.pk


@pytest.mark.django_db
def test_duplicates_elsewhere_are_nobodys_business(clinic: Clinic, elsewhere: Clinic) -> None:
    enter(elsewhere)
    enter(clinic)
    with pytest.raises(PossibleDuplicate):
        enter(clinic, among=[clinic.pk, elsewhere.pk])


@pytest.mark.django_db
def test_a_known_patient_is_registered_further_once(clinic: Clinic, elsewhere: Clinic, maria: Patient) -> None:
    assert register_at(patient_id=maria.pk, clinic_id=elsewhere.pk, record_number="H 9").record_number == "H 9"
    with pytest.raises(AlreadyRegistered):
        register_at(patient_id=maria.pk, clinic_id=clinic.pk)


@pytest.mark.django_db
def test_ensuring_costs_one_statement_where_nothing_is_to_do(
    clinic: Clinic, elsewhere: Clinic, maria: Patient, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        assert not ensure_registered(patient_id=maria.pk, clinic_id=clinic.pk)
    assert ensure_registered(patient_id=maria.pk, clinic_id=elsewhere.pk)
    assert not ensure_registered(patient_id=maria.pk, clinic_id=elsewhere.pk)


@pytest.mark.django_db
def test_contacts_and_notes_are_sealed_at_rest_and_in_the_history(clinic: Clinic) -> None:
    contacts = [
        NewContact(system="phone", value="212 555 4821"),
        NewContact(system="email", value="canary.kestrel@example.org"),
    ]
    enter(clinic, newcomer(notes="canary-kestrel allergic to latex", contacts=contacts))
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT p::text FROM patients_patient p UNION ALL SELECT c::text FROM patients_contactpoint c
            UNION ALL SELECT h::text FROM records_change h UNION ALL SELECT f::text FROM outbox_fact f
            """
        )
        stored = "\n".join(row for (row,) in cursor.fetchall())
    assert "Gonzalez" in stored  # names stay readable: the desk searches by them
    for canary in ("kestrel", "latex", "5554821", "4821"):
        assert canary not in stored


def together(number: int, work: Callable[[int], Result]) -> list[Result]:
    """Return what `work` returns in so many threads that start at the same moment."""
    barrier = threading.Barrier(number)

    def run(place: int) -> Result:
        barrier.wait()
        try:
            return work(place)
        finally:
            connection.close()

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(run, range(number)))


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_many_desks_at_once_give_each_patient_a_number_of_its_own() -> None:
    clinic = ClinicFactory.create()

    def enter_one(place: int) -> Patient:
        person = newcomer(family_name=f"Morgan{place}", birth_date=BORN + dt.timedelta(days=place))
        return decide(lambda: enter(clinic, person, confirm_duplicate=True), actor_id=None)

    together(16, enter_one)
    numbers = list(Registration.objects.filter(clinic=clinic).values_list("record_number", flat=True))
    assert len(set(numbers)) == len(numbers) == 16


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_numbers_counted_from_the_highest_would_collide() -> None:
    """The control: reading the highest number and adding one gives two desks the same."""
    clinic = ClinicFactory.create()
    RegistrationFactory.create(clinic=clinic, record_number="P000001")
    barrier = threading.Barrier(2)

    def highest_and_one(_place: int) -> str:
        with transaction.atomic():
            rows = Registration.objects.filter(clinic=clinic).order_by("-record_number")
            number = rows.values_list("record_number", flat=True)[0]
            barrier.wait()
            return f"P{int(number[1:]) + 1:06d}"

    assert len(set(together(2, highest_and_one))) == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_one_patient_booking_twice_at_once_is_registered_once() -> None:
    patient, clinic = PatientFactory.create(), ClinicFactory.create()

    def book(_place: int) -> bool:
        return decide(lambda: ensure_registered(patient_id=patient.pk, clinic_id=clinic.pk), actor_id=None)

    assert sorted(together(8, book)) == [False] * 7 + [True]
    assert Registration.objects.count() == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_desks_that_register_one_person_at_once_are_told() -> None:
    clinic = ClinicFactory.create()

    def enter_one(_place: int) -> str:
        try:
            decide(lambda: enter(clinic), actor_id=None)
        except PossibleDuplicate:
            return "told"
        return "registered"

    assert sorted(together(4, enter_one)) == ["registered", "told", "told", "told"]


@pytest.mark.django_db
def test_a_retired_contact_makes_nobody_suspect(clinic: Clinic, maria: Patient) -> None:
    ContactPointFactory.create(patient=maria, value="+12125554821", active=False)
    person = newcomer(given_name="Peter", birth_date=None, contacts=[NewContact(system="phone", value="212 555 4821")])
    assert enter(clinic, person).pk != maria.pk


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_many_who_change_one_version_one_wins() -> None:
    patient = PatientFactory.create()

    def change(place: int) -> str:
        wish = PatientChange(given_name=f"Maria {place}")
        try:
            decide(lambda: change_patient(patient_id=patient.pk, version=1, change=wish, today=TODAY), actor_id=None)
        except ChangedMeanwhile:
            return "told"
        return "changed"

    assert sorted(together(20, change)) == ["changed"] + ["told"] * 19
    patient.refresh_from_db()
    assert patient.version == 2
