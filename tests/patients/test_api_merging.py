"""Merging over HTTP: rehearsed, done once per key, led on from the old address, undone."""

from typing import Any

import pytest

from appointments.services.booking import book_appointment
from patients.models import Merge, Patient, Registration
from providers.models import Membership, Role
from tests.appointments.conftest import SmallClinic, small_clinic
from tests.http import Api, code


@pytest.fixture
def place(db: None) -> SmallClinic:
    """The small clinic with its three patients."""
    return small_clinic()


def merging(place: SmallClinic, **changes: Any) -> Any:
    """Return the desk's answer to merging the second record into the first."""
    body = {"with": str(place.patients[1].pk), "version": Patient.objects.get(pk=place.patients[0].pk).version}
    return Api.staff(place.desk).post(f"patients/{place.patients[0].pk}/merge/", body | changes)


def test_a_rehearsal_counts_and_writes_nothing(place: SmallClinic) -> None:
    book_appointment(place.booking(place.at(9), patient=1), caller=place.staff)
    answer = merging(place, dry_run=True, choices={"family_name": "gone"})
    assert answer.status_code == 200, answer.content
    shown = answer.json()
    assert (shown["merge"], shown["possible"], shown["counts"]["visits"]) == (None, True, 1)
    assert shown["choices"] == {"family_name": "gone"}
    assert not Merge.objects.exists()


def test_it_is_done_once_per_key_and_the_old_address_leads_on(place: SmallClinic) -> None:
    kept, gone = place.patients[:2]
    desk = Api.staff(place.desk)
    body = {"with": str(gone.pk), "version": kept.version}
    first = desk.post(f"patients/{kept.pk}/merge/", body, key="merge-once-and-only-once")
    again = desk.post(f"patients/{kept.pk}/merge/", body, key="merge-once-and-only-once")
    assert first.status_code == again.status_code == 200, first.content
    assert again.content == first.content
    assert Merge.objects.count() == 1
    assert first.headers["ETag"] == f'"v{Patient.objects.get(pk=kept.pk).version}"'
    led = desk.get(f"patients/{gone.pk}/")
    assert (led.status_code, code(led), led.json()["merged_into"]) == (410, "merged", str(kept.pk))
    assert code(desk.patch(f"patients/{gone.pk}/", {"language": "es", "version": 1})) == "merged"
    listed = desk.get("patients/").json()["results"]
    assert str(gone.pk) not in {row["id"] for row in listed}


def test_the_number_on_old_papers_finds_the_record_that_stays(place: SmallClinic) -> None:
    number = Registration.objects.get(patient=place.patients[1]).record_number
    Patient.objects.filter(pk=place.patients[1].pk).update(family_name="Quintana")
    merging(place)
    found = Api.staff(place.desk).post("patients/search/", {"q": number}).json()["results"]
    assert [row["id"] for row in found] == [str(place.patients[0].pk)]
    assert Api.staff(place.desk).post("patients/search/", {"q": "Quintana"}).json()["results"] == []


def test_a_booking_for_the_old_record_is_led_on(place: SmallClinic) -> None:
    merging(place)
    body = {
        "appointment_type": str(place.kind.pk), "provider": str(place.provider.pk),
        "patient": str(place.patients[1].pk), "start": place.at(9).isoformat(),
    }  # fmt: skip
    refused = Api.staff(place.desk).post("appointments/", body)
    assert (refused.status_code, code(refused)) == (410, "merged")


def test_what_keeps_them_apart_is_listed(place: SmallClinic) -> None:
    one = book_appointment(place.booking(place.at(9)), caller=place.staff)[0]
    Patient.objects.filter(pk=place.patients[0].pk).update(birth_date="1990-05-17")
    Patient.objects.filter(pk=place.patients[1].pk).update(birth_date="1990-05-07")
    differ = merging(place)
    assert (differ.status_code, code(differ)) == (422, "birth-dates-differ")
    confirmed = merging(place, confirm_birth_date="1990-05-17")
    assert confirmed.status_code == 200, confirmed.content
    assert one.patient_id == place.patients[0].pk


def test_a_stale_version_shows_the_record_as_it_is(place: SmallClinic) -> None:
    stale = merging(place, version=77)
    assert (stale.status_code, code(stale)) == (409, "version-conflict")
    assert stale.json()["current"]["id"] == str(place.patients[0].pk)
    body = {"with": str(place.patients[1].pk)}
    assert code(Api.staff(place.desk).post(f"patients/{place.patients[0].pk}/merge/", body)) == "version-required"


@pytest.mark.parametrize(
    "changes",
    [
        {"with": "nobody"}, {"with": None}, {"choices": {"notes": "gone"}}, {"choices": {"language": "both"}},
        {"choices": []}, {"account": "other"}, {"confirm_birth_date": "soon"}, {"dry_run": "perhaps"}, {"more": 1},
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_by_its_name(place: SmallClinic, changes: dict[str, Any]) -> None:
    refused = merging(place, **changes)
    if changes == {"choices": []}:
        assert refused.status_code == 200  # nothing chosen
        return
    assert (refused.status_code, code(refused)) == (400, "invalid"), refused.content
    assert refused.json()["errors"]


def test_it_is_undone_from_the_record_that_became_a_part(place: SmallClinic) -> None:
    visit = book_appointment(place.booking(place.at(9), patient=1), caller=place.staff)[0]
    gone = place.patients[1]
    desk = Api.staff(place.desk)
    path = f"patients/{gone.pk}/merge/undo/"
    assert code(desk.post(path)) == "merge-undone"
    merging(place)
    answer = desk.post(path)
    assert answer.status_code == 200, answer.content
    assert (answer.json()["kept"], answer.json()["stays"]) == (str(place.patients[0].pk), {})
    visit.refresh_from_db()
    assert visit.patient_id == gone.pk
    assert desk.get(f"patients/{gone.pk}/").status_code == 200


def test_a_desk_merges_only_whom_one_of_its_clinics_knows_both(place: SmallClinic) -> None:
    elsewhere = small_clinic(patients=1)
    Membership.objects.create(user=place.desk, clinic=elsewhere.clinic, role=Role.FRONT_DESK)
    body = {"with": str(elsewhere.patients[0].pk), "version": 1}
    refused = Api.staff(place.desk).post(f"patients/{place.patients[0].pk}/merge/", body)
    assert (refused.status_code, code(refused)) == (404, "not-found")
