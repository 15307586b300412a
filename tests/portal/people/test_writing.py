"""What the desk writes on a patient's page: each form, plain and by htmx; each refusal; clashes; once."""

import datetime as dt
import uuid
from typing import Any

import pytest
from django.test import Client

from mediconnect.accounts.models import Invitation
from patients.models import ContactPoint, Dependant, Patient
from tests.browser.clinic_day import ClinicDay
from tests.factories import ContactPointFactory, DependantFactory, RegistrationFactory
from tests.portal.people.conftest import client_of

HTMX = {"HX-Request": "true", "HX-Target": "record"}


def send(
    client: Client,
    day: ClinicDay,
    door: str,
    patient: str = "maria",
    *,
    headers: Any = None,
    at: Any = None,
    **words: Any,
) -> Any:
    """Send one of the page's forms with a key of its own; `at` holds what its address names beside the patient."""
    address = day.path(door, patient=day.patients[patient].pk, **(at or {}))
    return client.post(address, {"key": f"page-{uuid.uuid4()}", **words}, headers=headers)


def maria(day: ClinicDay) -> Patient:
    return Patient.objects.get(pk=day.patients["maria"].pk)


def phone(day: ClinicDay) -> ContactPoint:
    return ContactPoint.objects.get(patient=day.patients["maria"])


def person(**words: Any) -> dict[str, Any]:
    known = {"given_name": "Maria", "family_name": "Santos", "birth_date": "1980-02-29", "language": "en"}
    return {"version": 1, **known, **words}


def test_names_and_birth_date_are_changed(day: ClinicDay, desk: Client) -> None:
    response = send(desk, day, "patient-person", **person(family_name="Santos Lima", language="pt"))
    assert response.status_code == 303
    assert response["Location"] == day.path("patient", patient=maria(day).pk) + "#person"
    assert (maria(day).family_name, maria(day).language) == ("Santos Lima", "pt")
    assert maria(day).birth_date == dt.date(1980, 2, 29)


def test_htmx_goes_on_to_the_record_with_the_notice(day: ClinicDay, desk: Client) -> None:
    response = send(desk, day, "patient-notes", headers=HTMX, version=1, notes="Hard of hearing")
    page = desk.get(response["Location"].partition("#")[0], headers=HTMX).content.decode()
    assert page.lstrip().startswith('<div id="record"')
    assert "Hard of hearing" in page
    assert "Notes saved." in page


def test_a_refusal_keeps_what_was_typed_and_the_form_open(day: ClinicDay, desk: Client) -> None:
    response = send(desk, day, "patient-person", headers=HTMX, **person(given_name="Mariana", birth_date="2999-01-01"))
    page = response.content.decode()
    assert response.status_code == 400
    assert "This date lies in the future." in page
    assert 'value="Mariana"' in page
    assert '<details class="writing" open>' in page
    assert maria(day).given_name == "Maria"


def test_notes_may_be_long_and_not_endless(day: ClinicDay, desk: Client) -> None:
    assert send(desk, day, "patient-notes", version=1, notes="a" * 4_000).status_code == 303
    assert send(desk, day, "patient-notes", version=2, notes="a" * 4_001).status_code == 400


def test_a_clash_shows_both_sides_and_lets_one_choose(day: ClinicDay, desk: Client) -> None:
    send(client_of(day.other_desk), day, "patient-notes", version=1, notes="Allergic to latex")
    response = send(desk, day, "patient-notes", headers=HTMX, version=1, notes="Wears lenses")
    page = response.content.decode()
    assert response.status_code == 409
    assert "Sam Ortega" in page
    assert "Allergic to latex" in page
    assert "Wears lenses" in page
    assert maria(day).notes == "Allergic to latex"
    assert '<input type="hidden" name="version" value="2">' in page
    assert '<input type="hidden" name="notes" value="Wears lenses">' in page
    assert send(desk, day, "patient-notes", version=2, notes="Wears lenses").status_code == 303
    assert maria(day).notes == "Wears lenses"


def test_a_clash_over_names_says_what_they_were_and_are(day: ClinicDay, desk: Client) -> None:
    send(client_of(day.other_desk), day, "patient-person", **person(given_name="Mariana"))
    page = send(desk, day, "patient-person", **person(given_name="Marie")).content.decode()
    assert "<del>Maria</del> → <ins>Mariana</ins>" in page
    assert "<dd>Marie</dd>" in page


@pytest.mark.parametrize(("version", "status"), [("", 428), ("0", 400), ("one", 400)])
def test_a_form_says_which_version_it_was_made_from(day: ClinicDay, desk: Client, version: str, status: int) -> None:
    assert send(desk, day, "patient-notes", version=version, notes="x").status_code == status


def test_a_contact_is_added_by_its_looks(day: ClinicDay, desk: Client) -> None:
    assert send(desk, day, "patient-contacts", value="maria@example.org", consent="1").status_code == 303
    assert send(desk, day, "patient-contacts", value="+12025550166").status_code == 303
    kinds = dict(
        ContactPoint.objects.filter(patient=maria(day)).values_list("system", "consent").order_by("created_at")
    )
    assert kinds == {"email": True, "phone": False}


@pytest.mark.parametrize(
    ("value", "status", "sentence"),
    [
        ("", 400, "Write a phone number or an e-mail address."),
        ("nonsense@", 400, "This is no e-mail address."),
        ("12", 400, "This is no phone number"),
        ("+12025550100", 409, "The contact is listed already"),
    ],
)
def test_a_contact_that_cannot_be_is_refused_in_words(
    day: ClinicDay, desk: Client, value: str, status: int, sentence: str
) -> None:
    response = send(desk, day, "patient-contacts", value=value)
    assert response.status_code == status
    assert sentence in response.content.decode()


def test_a_contact_is_put_first_silenced_and_removed(day: ClinicDay, desk: Client) -> None:
    other = ContactPointFactory.create(patient=maria(day), value="+12025550177", rank=2)
    assert send(desk, day, "patient-contact", at={"contact": other.pk}, version=1, do="prefer").status_code == 303
    ranks = list(ContactPoint.objects.filter(patient=maria(day)).order_by("rank").values_list("value", "rank"))
    assert ranks == [("+12025550177", 1), ("+12025550100", 2)]
    other.refresh_from_db()
    send(desk, day, "patient-contact", at={"contact": other.pk}, version=other.version, do="forbid")
    other.refresh_from_db()
    assert not other.consent
    send(desk, day, "patient-contact", at={"contact": other.pk}, version=other.version, do="remove")
    other.refresh_from_db()
    assert not other.active
    assert "+12025550177" not in desk.get(day.path("patient", patient=maria(day).pk)).content.decode()


def test_a_removed_contact_comes_back_by_undo_and_the_record_is_shown_again(day: ClinicDay, desk: Client) -> None:
    point = phone(day)
    removed = send(desk, day, "patient-contact", at={"contact": point.pk}, version=point.version, do="remove")
    page = desk.get(removed["Location"]).content.decode()
    assert "Contact removed." in page
    assert 'name="do" value="restore"' in page
    point.refresh_from_db()
    assert f'name="version" value="{point.version}"' in page.split('id="notices"')[1].split("</form>")[0]
    panel = {"HX-Request": "true", "HX-Target": "panel"}
    back = send(
        desk, day, "patient-contact", headers=panel, at={"contact": point.pk}, version=point.version, do="restore"
    )
    shown = desk.get(back["Location"].partition("#")[0], headers=panel)
    assert shown["HX-Retarget"] == "#record"
    assert "tel:+12025550100" in shown.content.decode()


def test_a_clash_over_a_contact_says_so(day: ClinicDay, desk: Client) -> None:
    point = phone(day)
    send(
        client_of(day.other_desk), day, "patient-contact", at={"contact": point.pk}, version=point.version, do="forbid"
    )
    response = send(desk, day, "patient-contact", at={"contact": point.pk}, version=point.version, do="remove")
    page = response.content.decode()
    assert response.status_code == 409
    assert "Messages no longer allowed" in page
    assert "Sam Ortega" in page
    assert phone(day).active


def test_a_contact_of_somebody_else_is_no_contact_of_this_patient(day: ClinicDay, desk: Client) -> None:
    other = ContactPoint.objects.get(patient=day.patients["olga"])
    assert send(desk, day, "patient-contact", at={"contact": other.pk}, version=1, do="remove").status_code == 404
    other.refresh_from_db()
    assert other.active


def test_a_right_to_act_is_recorded_and_ended(day: ClinicDay, desk: Client) -> None:
    olga = day.patients["olga"]
    response = send(
        desk, day, "patient-dependants", q="Olga", other=olga.pk, relationship="mother", **{"as": "guardian"}
    )
    assert response.status_code == 303
    right = Dependant.objects.get()
    assert (right.guardian, right.patient, right.recorded_by) == (olga, maria(day), day.desk)
    ended = send(desk, day, "patient-dependant-end", at={"other": olga.pk}, **{"as": "guardian"})
    assert ended.status_code == 303
    assert not Dependant.objects.on(dt.datetime.now(day.clinic.zone).date()).exists()


def test_without_somebody_chosen_the_search_is_made_and_the_rest_stays(day: ClinicDay, desk: Client) -> None:
    page = send(desk, day, "patient-dependants", q="Petrova", relationship="mother").content.decode()
    assert f'value="{day.patients["olga"].pk}" checked' in page
    assert 'value="mother"' in page
    assert not Dependant.objects.exists()


def test_who_acts_is_found_as_one_types(day: ClinicDay, desk: Client) -> None:
    address = day.path("patient-dependants", patient=maria(day).pk)
    page = desk.get(address, {"q": "Petrova"}, headers={"HX-Request": "true"}).content.decode()
    assert str(day.patients["olga"].pk) in page
    assert "<html" not in page


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ({"relationship": ""}, 400),
        ({"ends_on": "2000-01-01"}, 400),
        ({"ends_on": "soon"}, 400),
        ({"other": "self"}, 400),
    ],
)
def test_a_right_that_cannot_be_is_refused(day: ClinicDay, desk: Client, words: dict[str, str], status: int) -> None:
    form = {"q": "Olga", "other": str(day.patients["olga"].pk), "relationship": "mother", "as": "dependant"} | words
    if form["other"] == "self":
        form["other"] = str(maria(day).pk)
    assert send(desk, day, "patient-dependants", **form).status_code == status
    assert not Dependant.objects.exists()


def test_a_right_is_recorded_once(day: ClinicDay, desk: Client) -> None:
    DependantFactory.create(guardian=maria(day), patient=day.patients["olga"])
    form: dict[str, Any] = {"other": day.patients["olga"].pk, "relationship": "child", "as": "dependant"}
    assert send(desk, day, "patient-dependants", **form).status_code == 409


def test_nobody_of_another_clinic_can_be_named(day: ClinicDay, desk: Client) -> None:
    stranger = RegistrationFactory.create(patient__family_name="Featherington").patient
    response = send(desk, day, "patient-dependants", other=stranger.pk, relationship="child", **{"as": "dependant"})
    assert response.status_code == 404
    assert not Dependant.objects.exists()
    right = DependantFactory.create(guardian=maria(day), patient=stranger)
    assert send(desk, day, "patient-dependant-end", at={"other": stranger.pk}, **{"as": "dependant"}).status_code == 404
    right.refresh_from_db()
    assert right.ends_on is None


def test_an_invitation_is_sent_and_its_state_is_shown(day: ClinicDay, desk: Client) -> None:
    assert send(desk, day, "patient-invitation").status_code == 303
    assert Invitation.objects.get().subject_id == maria(day).pk
    page = desk.get(day.path("patient", patient=maria(day).pk)).content.decode()
    assert "Invited on" in page
    assert "Send another invitation" in page


def test_without_a_contact_nobody_is_invited(day: ClinicDay, desk: Client) -> None:
    ContactPoint.objects.filter(patient=maria(day)).update(consent=False)
    assert "An invitation needs:" in desk.get(day.path("patient", patient=maria(day).pk)).content.decode()
    assert send(desk, day, "patient-invitation").status_code == 422
    assert not Invitation.objects.exists()


def test_who_has_an_account_is_not_invited(day: ClinicDay, desk: Client) -> None:
    Patient.objects.filter(pk=maria(day).pk).update(user=day.doctor)
    assert "has an account" in desk.get(day.path("patient", patient=maria(day).pk)).content.decode()
    assert send(desk, day, "patient-invitation").status_code == 409


DOORS = ("patient-person", "patient-notes", "patient-contacts", "patient-dependants", "patient-invitation")


@pytest.mark.parametrize("door", DOORS)
def test_each_form_is_the_desk_s_and_for_its_own_patients(day: ClinicDay, desk: Client, door: str) -> None:
    form = {"key": f"page-{uuid.uuid4()}", "version": "1"}
    own = day.path(door, patient=maria(day).pk)
    assert client_of(day.doctor).post(own, form).status_code == 403
    stranger = RegistrationFactory.create(patient__family_name="Featherington").patient
    foreign = desk.post(day.path(door, patient=stranger.pk), form)
    assert foreign.status_code == 404
    assert "Featherington" not in foreign.content.decode()


@pytest.mark.parametrize("door", DOORS)
def test_an_address_of_a_form_leads_to_the_page(day: ClinicDay, desk: Client, door: str) -> None:
    response = desk.get(day.path(door, patient=maria(day).pk))
    assert response["Location"] == day.path("patient", patient=maria(day).pk)


def test_a_form_sent_twice_acts_once(day: ClinicDay, desk: Client) -> None:
    form = {"key": "page-0123456789-abcdef", "version": "1", "notes": "Wears lenses"}
    address = day.path("patient-notes", patient=maria(day).pk)
    assert [desk.post(address, form).status_code for _ in range(2)] == [303, 303]
    assert desk.post(address, form | {"key": "page-0123456789-fedcba"}).status_code == 409
