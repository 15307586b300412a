"""Who sees and may what: a superuser all, anybody else the rows of the own clinics; nobody deletes, nobody runs code."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.db.models import Model
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django_q.models import Failure, OrmQ, Schedule, Success

from appointments.models import Appointment, Claim, Hold
from mediconnect.accounts.administration import ClinicScoped, SuperusersOnly
from mediconnect.accounts.models import User
from mediconnect.records.models import Change
from patients.models import ContactPoint, Patient
from providers.models import Clinic, Membership, Opening, Resource
from tests.admin.conftest import World
from tests.admin.test_every_page import OURS, path_of
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

SCOPED = [model for model in OURS if isinstance(admin.site.get_model_admin(model), ClinicScoped)]
CLINICAL = ("appointments", "patients", "providers", "records")


def test_every_record_of_a_clinic_has_a_scoped_page() -> None:
    pages = {model: options for model, options in admin.site._registry.items() if model._meta.app_label in CLINICAL}
    unscoped = {model for model, options in pages.items() if not isinstance(options, ClinicScoped | SuperusersOnly)}
    assert unscoped == {Change}


def test_a_clerk_sees_the_own_clinic_alone(client: Client, clerk: User, world: World, elsewhere: World) -> None:
    for model in SCOPED:
        page = client.get(path_of(model, "changelist"))
        assert page.status_code == 200, model
        seen = {str(row.pk) for row in page.context["cl"].result_list}
        assert seen, model
        everybody = {str(pk) for pk in model._default_manager.values_list("pk", flat=True)}
        hidden = everybody - seen
        assert hidden, model
        for pk in hidden:
            assert client.get(path_of(model, "change", pk)).status_code == 302, (model, pk)
            assert client.post(path_of(model, "change", pk), {}).status_code in (302, 403), (model, pk)
            assert client.get(path_of(model, "history", pk)).status_code == 404, (model, pk)
    visits = client.get(path_of(Appointment, "changelist")).context["cl"].result_list
    assert {visit.clinic_id for visit in visits} == {world.place.clinic.pk}


def test_searches_filters_and_choices_stay_within_the_clinic(
    client: Client, clerk: User, world: World, elsewhere: World
) -> None:
    foreign = elsewhere.place
    theirs = {str(person.pk) for person in foreign.patients} | {str(foreign.provider.pk), str(foreign.kind.pk)}
    for words in ("moreau", str(elsewhere.visit.pk), "R0001"):
        page = client.get(path_of(Patient, "changelist"), {"q": words})
        assert not theirs & {str(row.pk) for row in page.context["cl"].result_list}
        for model in (Appointment, ContactPoint, Hold):
            page = client.get(path_of(model, "changelist"), {"q": words})
            assert not theirs & {str(row.patient_id) for row in page.context["cl"].result_list}
    assert str(foreign.clinic.pk) not in client.get(path_of(Appointment, "changelist")).content.decode()
    lookups = {"app_label": "appointments", "model_name": "appointment"}
    for field in ("patient", "provider", "appointment_type"):
        asked = {**lookups, "field_name": field, "term": ""}
        answer = client.get(reverse("admin:autocomplete"), asked)
        assert answer.status_code == 200, field
        offered = {row["id"] for row in answer.json()["results"]}
        assert offered, field
        assert not offered & theirs, field
        assert client.get(reverse("admin:autocomplete"), asked | {"term": "\x00"}).status_code == 200, field


def test_a_clerk_books_nothing_elsewhere(client: Client, clerk: User, world: World, elsewhere: World) -> None:
    start = world.place.at(14)
    values = {
        "appointment_type": elsewhere.place.kind.pk,
        "provider": elsewhere.place.provider.pk,
        "patient": elsewhere.place.patients[2].pk,
        "start_0": f"{start:%Y-%m-%d}",
        "start_1": "14:00",
    }
    refused = client.post(path_of(Appointment, "add"), values)
    assert refused.status_code == 200
    assert set(refused.context["adminform"].form.errors) >= {"appointment_type", "provider", "patient"}


def test_actions_do_not_reach_elsewhere(client: Client, clerk: User, world: World, elsewhere: World) -> None:
    values = {
        "action": "step_confirm",
        "_selected_action": [str(elsewhere.visit.pk)],
        "seen": [f"{elsewhere.visit.pk}:{elsewhere.visit.version}"],
    }
    client.post(path_of(Appointment, "changelist"), values)
    elsewhere.visit.refresh_from_db()
    assert elsewhere.visit.status == "booked"


def test_a_clerk_makes_nobody_mightier(client: Client, clerk: User, world: World) -> None:
    for model in (User, Group, Membership):
        assert client.get(path_of(model, "changelist")).status_code == 403, model
        assert client.get(path_of(model, "add")).status_code == 403, model
    mine = {"email": clerk.email, "display_name": "Me", "language": "en", "is_active": "on", "is_superuser": "on"}
    assert client.post(path_of(User, "change", clerk.pk), mine).status_code == 403
    clerk.refresh_from_db()
    assert not clerk.is_superuser
    role = Membership.objects.get(user=clerk)
    assert client.post(path_of(Membership, "change", role.pk), {"role": "clinic_admin"}).status_code == 403
    assert client.get(path_of(Change, "changelist")).status_code == 403
    assert client.get(path_of(Clinic, "add")).status_code == 403


def test_whoever_may_only_look_reads_no_notes_and_no_numbers(client: Client, world: World) -> None:
    looker = UserFactory.create(is_staff=True)
    group = Group.objects.create(name="readers")
    for model in (Appointment, Patient, ContactPoint):
        name = f"view_{model._meta.model_name}"
        group.permissions.add(Permission.objects.get(codename=name))
    looker.groups.add(group)
    Membership.objects.create(user=looker, clinic=world.place.clinic, role="front_desk")
    client.force_login(looker)
    Appointment.objects.filter(pk=world.visit.pk).update(internal_note="a private remark")
    Patient.objects.filter(pk=world.patient.pk).update(notes="a private remark")
    point = ContactPoint.objects.get(patient=world.patient)
    for record in (world.visit, world.patient, point):
        page = client.get(path_of(type(record), "change", record.pk))
        assert page.status_code == 200
        assert "a private remark" not in page.content.decode()
        assert point.value not in page.content.decode()
        assert client.post(path_of(type(record), "change", record.pk), {}).status_code == 403
    values = {"action": "cancel", "reason": "clinic_error", "_selected_action": [str(world.visit.pk)]}
    client.post(path_of(Appointment, "changelist"), values)
    world.visit.refresh_from_db()
    assert world.visit.status == "booked"


@pytest.mark.usefixtures("world")
def test_nothing_clinical_is_deleted(client: Client, boss: User) -> None:
    for model in admin.site._registry:
        if model._meta.app_label not in CLINICAL:
            continue
        record = model._default_manager.first()
        assert record is not None, model
        count = model._default_manager.count()
        assert client.post(path_of(model, "delete", record.pk), {"post": "yes"}).status_code == 403, model
        values = {"action": "delete_selected", "_selected_action": [str(record.pk)], "post": "yes"}
        client.post(path_of(model, "changelist"), values)
        assert model._default_manager.count() == count, model
        assert "delete_selected" not in client.get(path_of(model, "changelist")).content.decode(), model


@pytest.mark.parametrize("model", [Claim, Opening, Change, Resource])
def test_what_follows_from_something_else_is_not_written(
    client: Client, boss: User, world: World, model: type[Model]
) -> None:
    record = model._default_manager.first()
    assert record is not None
    assert client.get(path_of(model, "add")).status_code == 403
    assert client.post(path_of(model, "change", record.pk), {}).status_code == 403


@pytest.mark.parametrize("model", [Schedule, Success, Failure, OrmQ])
def test_the_queue_is_not_a_way_to_run_code(client: Client, boss: User, model: type[Model]) -> None:
    assert not admin.site.is_registered(model)
    with pytest.raises(NoReverseMatch):
        path_of(model, "add")
    home = reverse("admin:index")
    values = {"name": "mine", "func": "os.system", "args": "'true'", "schedule_type": "O", "repeats": "-1"}
    for page in ("add/", "", "1/change/"):
        answer = client.post(f"{home}django_q/{model._meta.model_name}/{page}", values)
        assert answer.status_code == 404
    assert not Schedule.objects.filter(func="os.system").exists()


def test_the_admin_is_nowhere_else(client: Client, boss: User, settings: Any) -> None:
    assert client.get(f"/{settings.ADMIN_PATH}").status_code == 200
    assert client.get("/administration/").status_code == 404
