"""The same person twice: found, compared, made one, and two again, at one clinic's desk."""

import datetime as dt
import re
import uuid
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from appointments.models import Appointment
from patients.models import ContactPoint, Merge, Patient, Registration
from tests.browser.clinic_day import ClinicDay
from tests.factories import AppointmentFactory, ClinicFactory, DependantFactory, MembershipFactory, UserFactory
from tests.portal.people.conftest import client_of


def words(response: Any) -> str:
    """Return what the page says, without its markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def address(day: ClinicDay, kept: str = "kofi", gone: str = "mei") -> str:
    """Return the address of the comparison."""
    return day.path("patient-merge", patient=day.patients[kept].pk, other=day.patients[gone].pk)


def send(client: Client, day: ClinicDay, kept: str = "kofi", gone: str = "mei", **fields: Any) -> Any:
    """Send the form of the comparison with a key of its own."""
    version = Patient.objects.get(pk=day.patients[kept].pk).version
    sent = {"key": f"page-{uuid.uuid4()}", "version": version, **fields}
    return client.post(address(day, kept, gone), sent)


def again(day: ClinicDay, name: str) -> Patient:
    return Patient.objects.get(pk=day.patients[name].pk)


@pytest.fixture
def same_day(day: ClinicDay) -> ClinicDay:
    """The clinic, where the two were born on the same day."""
    Patient.objects.filter(pk__in=[day.patients["kofi"].pk, day.patients["mei"].pk]).update(birth_date="1980-02-29")
    return day


def test_a_record_leads_to_who_may_be_the_same(same_day: ClinicDay, desk: Client) -> None:
    day = same_day
    Patient.objects.filter(pk=day.patients["mei"].pk).update(given_name="Kofi", family_name="Mensah-Chen")
    record = desk.get(day.path("patient", patient=day.patients["kofi"].pk)).content.decode()
    assert address(day) in record
    finding = day.path("patient-merge-find", patient=day.patients["kofi"].pk)
    assert finding in record
    assert address(day) in desk.get(finding).content.decode()
    found = desk.post(finding, {"q": "Petrova"})
    assert address(day, gone="olga") in found.content.decode()
    fragment = desk.post(finding, {"q": "Petrova"}, headers={"HX-Request": "true", "HX-Target": "merge-hits"})
    assert fragment.content.decode().lstrip().startswith('<div id="merge-hits"')
    assert "Nobody else here fits" in words(desk.post(finding, {"q": "Kofi Mensah zz"}))


def test_both_stand_side_by_side_and_nothing_is_written_yet(same_day: ClinicDay, desk: Client) -> None:
    page = desk.get(address(same_day))
    said = words(page)
    assert page.status_code == 200
    assert "Kofi" in said
    assert "Mei" in said
    assert "R00006" in said
    assert "R00007" in said
    assert 'name="given_name" value="gone"' in page.content.decode()
    assert "1 visit" in said
    assert not Merge.objects.exists()


def test_they_are_made_one_and_two_again(same_day: ClinicDay, desk: Client) -> None:
    day = same_day
    visit = day.visits["booked"]
    assert visit.patient_id == day.patients["mei"].pk
    answer = send(desk, day, given_name="gone", family_name="kept")
    assert answer.status_code == 303
    record = day.path("patient", patient=day.patients["kofi"].pk)
    assert answer["Location"] == record
    merge = Merge.objects.get()
    page = desk.get(record)
    said = words(page)
    assert "The two records are one now." in said
    assert "(also R00007 )" in said
    assert "Two records were made one" in said
    undoing = day.path("patient-merged", patient=day.patients["kofi"].pk, merge=merge.pk)
    assert f'action="{undoing}"' in page.content.decode()
    assert (again(day, "kofi").given_name, again(day, "kofi").family_name) == ("Mei", "Mensah")
    assert Appointment.objects.get(pk=visit.pk).patient_id == day.patients["kofi"].pk

    look = words(desk.get(undoing))
    assert "Back to the other record: 1 visit" in look
    assert "As it was before: Given name" in look
    assert desk.post(undoing, {"key": f"page-{uuid.uuid4()}"}).status_code == 303
    assert Appointment.objects.get(pk=visit.pk).patient_id == day.patients["mei"].pk
    assert again(day, "mei").active
    assert "The merge was undone" in words(desk.get(record))
    assert "The merge was undone already" in words(desk.get(undoing))


def test_the_old_address_and_the_old_number_lead_to_the_record(same_day: ClinicDay, desk: Client) -> None:
    day = same_day
    send(desk, day)
    old = desk.get(day.path("patient", patient=day.patients["mei"].pk))
    assert (old.status_code, old["Location"]) == (302, day.path("patient", patient=day.patients["kofi"].pk))
    found = desk.post(day.path("patients"), {"q": "R00007"}).content.decode()
    assert day.path("patient", patient=day.patients["kofi"].pk) in found
    assert "Nobody here fits" in words(desk.post(day.path("patients"), {"q": "Chen Mei"}))
    written = desk.post(
        day.path("patient-notes", patient=day.patients["mei"].pk),
        {"key": f"page-{uuid.uuid4()}", "version": 1, "notes": "lost"},
    )
    assert written.status_code == 410


def test_what_keeps_them_apart_is_said_with_both_visits(same_day: ClinicDay, desk: Client) -> None:
    day = same_day
    booked = day.visits["booked"]
    clash = AppointmentFactory.create(
        clinic=day.clinic, provider=day.providers[2], appointment_type=day.follow_up, patient=day.patients["kofi"],
        starts_at=booked.starts_at, override_reason="urgent", overridden_by=day.desk,
    )  # fmt: skip
    page = desk.get(address(day))
    assert "Both have a visit at the same time" in words(page)
    for visit in (booked, clash):
        assert day.path("visit", visit=visit.pk) in page.content.decode()
    assert "Make them one record" not in words(page)
    refused = send(desk, day)
    assert refused.status_code == 409
    assert not Merge.objects.exists()


def test_one_who_acts_for_the_other_is_another_person(same_day: ClinicDay, desk: Client) -> None:
    DependantFactory.create(guardian=same_day.patients["kofi"], patient=same_day.patients["mei"])
    assert "One of the two may act for the other" in words(desk.get(address(same_day)))


def test_two_birth_dates_ask_for_the_right_one(day: ClinicDay, desk: Client) -> None:
    Patient.objects.filter(pk=day.patients["kofi"].pk).update(birth_date="1980-02-29")
    Patient.objects.filter(pk=day.patients["mei"].pk).update(birth_date="1980-02-28")
    assert "The right birth date" in words(desk.get(address(day)))
    refused = send(desk, day, birth_date="gone", given_name="gone")
    page = refused.content.decode()
    assert refused.status_code == 422
    assert "The birth dates differ" in page
    assert re.search(r'name="given_name" value="gone"[^>]* checked', page)
    assert send(desk, day, birth_date="gone", confirm_birth_date="1980-02-28").status_code == 303
    assert str(again(day, "kofi").birth_date) == "1980-02-28"


def test_two_accounts_ask_which_one_stays(same_day: ClinicDay, desk: Client) -> None:
    day = same_day
    for name in ("kofi", "mei"):
        Patient.objects.filter(pk=day.patients[name].pk).update(user=UserFactory.create())
    page = desk.get(address(day))
    assert "Both have an account" in words(page)
    assert 'name="account" value="gone"' in page.content.decode()
    theirs = again(day, "mei").user_id
    send(desk, day, account="gone")
    assert again(day, "kofi").user_id == theirs


def test_a_record_that_changed_meanwhile_is_looked_at_again(same_day: ClinicDay, desk: Client) -> None:
    stale = send(desk, same_day, version=99)
    assert stale.status_code == 409
    assert "Somebody else changed this first" in words(stale)


def test_what_was_changed_since_is_told_before_it_is_undone(same_day: ClinicDay, desk: Client) -> None:
    day = same_day
    send(desk, day, given_name="gone")
    Patient.objects.filter(pk=day.patients["kofi"].pk).update(given_name="Mei-Ling")
    point = ContactPoint.objects.filter(patient=day.patients["kofi"], rank=2).get()
    ContactPoint.objects.filter(pk=point.pk).update(rank=9)
    look = words(desk.get(day.path("patient-merged", patient=day.patients["kofi"].pk, merge=Merge.objects.get().pk)))
    assert "Changed since, so it stays with this record: 1 phone or e-mail address Given name" in look


def test_after_thirty_days_the_page_says_so(same_day: ClinicDay, desk: Client) -> None:
    day = same_day
    send(desk, day)
    merge = Merge.objects.get()
    Merge.objects.update(created_at=timezone.now() - dt.timedelta(days=31))
    undoing = day.path("patient-merged", patient=day.patients["kofi"].pk, merge=merge.pk)
    assert "The merge is final" in words(desk.get(undoing))
    assert desk.post(undoing, {"key": f"page-{uuid.uuid4()}"}).status_code == 409


def test_other_clinics_stay_out_of_it(same_day: ClinicDay, desk: Client) -> None:
    day, elsewhere = same_day, ClinicFactory.create(name="Elsewhere")
    for name in ("kofi", "mei"):
        Registration.objects.create(clinic=elsewhere, patient=day.patients[name], record_number=f"E-{name}")
    assert "Elsewhere" not in words(desk.get(address(day)))
    stranger = MembershipFactory.create(clinic=elsewhere).user
    assert client_of(stranger).get(address(day)).status_code == 404


def test_a_doctor_merges_nobody(same_day: ClinicDay) -> None:
    doctor = client_of(same_day.doctor)
    assert doctor.get(address(same_day)).status_code == 403
    record = doctor.get(same_day.path("patient", patient=same_day.patients["kofi"].pk)).content.decode()
    assert "Same person" not in record
