"""What is saved in the admin: by the services, against the version that was seen, refused in words."""

import datetime as dt
from typing import Any

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from appointments.models import Appointment, Hold, Status
from mediconnect.accounts.models import User
from mediconnect.outbox.models import Fact
from mediconnect.records.acting import acting
from mediconnect.records.models import Change
from patients.models import ContactPoint, Dependant, Patient, Registration
from providers.models import AppointmentType, Clinic, Membership, PractitionerRole, Provider, Room
from tests.admin.conftest import World
from tests.factories import PatientFactory, UserFactory

pytestmark = pytest.mark.django_db


def path_of(model: type[Model], page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def form_of(client: Client, path: str) -> dict[str, Any]:
    """Return what the form at this address would send, as a browser does."""
    values: dict[str, Any] = {}
    page = client.get(path)
    form = page.context["adminform"].form
    shown = {name for _, options in page.context["adminform"].fieldsets for name in options["fields"]}
    for name in form.fields:
        if name not in shown and name != "seen":
            continue
        value = form[name].value()
        subwidgets = getattr(form.fields[name].widget, "decompress", None)
        if subwidgets:
            for number, part in enumerate(subwidgets(value)):
                values[f"{name}_{number}"] = "" if part is None else str(part)
        elif value is True:
            values[name] = "on"
        elif value is not False and value is not None:
            values[name] = value
    return values


def errors_of(answer: Any) -> str:
    assert answer.status_code == 200, answer.headers.get("Location")
    form = answer.context["adminform"].form
    return " ".join(line for lines in form.errors.values() for line in lines)


def said_by(client: Client, model: type[Model]) -> list[str]:
    """Return, and so clear, what the last saves had to say."""
    return [str(message) for message in client.get(path_of(model, "changelist")).context["messages"]]


def act(client: Client, model: type[Model], action: str, rows: list[Any], **more: Any) -> list[str]:
    """Choose rows of a list as a browser shows it and run the action; return what the next page says."""
    said_by(client, model)
    seen = more.pop("seen", [f"{row.pk}:{getattr(row, 'version', 0)}" for row in rows])
    values = {"action": action, "_selected_action": [str(row.pk) for row in rows], "seen": seen, **more}
    answer = client.post(path_of(model, "changelist"), values, follow=True)
    assert answer.status_code == 200
    return [str(message) for message in answer.context["messages"]]


WRITTEN = [Clinic, Provider, Room, AppointmentType, Patient, ContactPoint, Appointment]
TYPED = {"name": "Mine", "family_name": "Mine", "rank": "7", "internal_note": "Mine"}


@pytest.mark.parametrize("model", WRITTEN, ids=lambda model: model._meta.label)
def test_what_is_out_of_date_overwrites_nothing(client: Client, boss: User, world: World, model: type[Model]) -> None:
    colleague = UserFactory.create(display_name="Dana Fox")
    record = model._default_manager.order_by("created_at").first()
    assert record is not None
    path = path_of(model, "change", record.pk)
    values = form_of(client, path)
    name = next(name for name in TYPED if name in values)
    theirs = "9" if name == "rank" else "Theirs"
    with acting(actor_id=colleague.pk):
        setattr(record, name, theirs)
        record.save()
    refused = client.post(path, values | {name: TYPED[name]})
    said = errors_of(refused)
    assert "Somebody else changed this first" in said
    assert "Dana Fox" in said
    record.refresh_from_db()
    assert str(getattr(record, name)) == theirs
    assert client.post(path, form_of(client, path) | {name: TYPED[name]}).status_code == 302
    record.refresh_from_db()
    assert str(getattr(record, name)) == TYPED[name]
    last = Change.objects.of(record).last()
    assert last is not None
    assert last.actor_id == boss.pk
    assert last.request_id


def test_a_row_without_a_version_is_not_overwritten_either(client: Client, boss: User, world: World) -> None:
    role = world.place.provider.roles.get()
    path = path_of(type(role), "change", role.pk)
    values = form_of(client, path)
    role.specialty = "Cardiology"
    role.save()
    assert "Somebody else changed this first" in errors_of(client.post(path, values | {"specialty": "Oncology"}))
    assert client.post(path, form_of(client, path) | {"specialty": "Oncology"}).status_code == 302
    role.refresh_from_db()
    assert role.specialty == "Oncology"


def test_what_is_sealed_stays_sealed_in_a_conflict(client: Client, boss: User, world: World) -> None:
    path = path_of(Appointment, "change", world.visit.pk)
    values = form_of(client, path)
    world.visit.internal_note = "a private remark"
    world.visit.save()
    said = errors_of(client.post(path, values | {"reason": "another"}))
    assert "sealed" in said
    assert "private remark" not in said
    assert "gAAAA" not in said


def test_refusals_are_sentences_be_they_a_services_or_the_databases(client: Client, boss: User, world: World) -> None:
    values = form_of(client, path_of(AppointmentType, "add"))
    values |= {"clinic": world.place.clinic.pk, "name": "Consultation"}
    said = errors_of(client.post(path_of(AppointmentType, "add"), values))
    assert "There is one of this name already" in said
    short = client.post(path_of(AppointmentType, "add"), values | {"name": "Short", "duration": "1"})
    assert "a whole number from 5 to 480" in errors_of(short)
    role = {"provider": world.place.provider.pk, "clinic": world.place.clinic.pk, "active": "on"}
    twice = client.post(path_of(PractitionerRole, "add"), role)
    assert "The database refuses this: a provider has one role in a clinic." in errors_of(twice)


def test_a_visit_is_booked_by_the_clinics_clock_and_rules(client: Client, boss: User, world: World) -> None:
    start = world.place.at(10, 30)
    values = {
        "appointment_type": world.place.kind.pk,
        "provider": world.place.provider.pk,
        "patient": world.place.patients[2].pk,
        "start_0": f"{start:%Y-%m-%d}",
        "start_1": "10:30",
        "reason": "cough",
    }
    assert client.post(path_of(Appointment, "add"), values).status_code == 302
    visit = Appointment.objects.get(patient=world.place.patients[2])
    assert (visit.starts_at, visit.source, visit.reason) == (start.astimezone(dt.UTC), "staff", "cough")
    assert Fact.objects.filter(name__endswith="AppointmentBooked", aggregate_id=visit.pk).exists()
    assert Change.objects.of(visit).get().actor_id == boss.pk
    twice = client.post(path_of(Appointment, "add"), values | {"patient": world.place.patients[1].pk})
    assert "Somebody else has this time" in errors_of(twice)
    assert "Free instead" in errors_of(twice)
    over = client.post(
        path_of(Appointment, "add"), values | {"patient": world.place.patients[1].pk, "override": "an emergency"}
    )
    assert over.status_code == 302
    assert Appointment.objects.get(override_reason="an emergency").overridden_by_id == boss.pk


def test_a_visit_is_moved_and_annotated_in_one(client: Client, boss: User, world: World) -> None:
    path = path_of(Appointment, "change", world.visit.pk)
    values = form_of(client, path)
    assert values["start_1"] == "09:00:00"
    assert client.post(path, values | {"start_1": "11:00", "internal_note": "asked for eleven"}).status_code == 302
    visit = Appointment.objects.get(pk=world.visit.pk)
    assert visit.starts_at == world.place.at(11)
    assert visit.internal_note == "asked for eleven"
    assert Fact.objects.filter(name__endswith="AppointmentMoved", aggregate_id=visit.pk).exists()
    taken = form_of(client, path) | {"start_1": "12:00"}
    assert "has this time" in errors_of(client.post(path, taken))
    visit.refresh_from_db()
    assert visit.starts_at == world.place.at(11)


def test_visits_take_steps_and_are_cancelled_for_a_reason(client: Client, boss: User, world: World) -> None:
    visits = list(Appointment.objects.filter(series=None).order_by("starts_at"))
    assert act(client, Appointment, "step_confirm", visits) == ["2: done."]
    stale = act(client, Appointment, "cancel", visits, reason="clinic_closed")
    assert stale == ["2: Somebody else changed this first; look at the list again."]
    visits = list(Appointment.objects.filter(series=None).order_by("starts_at"))
    assert "Choose a reason" in act(client, Appointment, "cancel", visits)[0]
    visits[0].internal_note = "changed since the list was shown"
    seen = [f"{visit.pk}:{visit.version}" for visit in visits]
    visits[0].save()
    told = act(client, Appointment, "cancel", visits, reason="clinic_closed", seen=seen)
    assert sorted(told) == ["1: Somebody else changed this first; look at the list again.", "1: cancelled."]
    assert [visit.status for visit in Appointment.objects.filter(series=None).order_by("starts_at")] == [
        Status.CONFIRMED,
        Status.CANCELLED,
    ]
    cancelled = Appointment.objects.get(status=Status.CANCELLED)
    assert act(client, Appointment, "step_arrive", [cancelled])[0].startswith("1: The visit is cancelled")
    assert act(client, Appointment, "undo", [cancelled]) == ["1: taken back."]


def test_a_row_that_was_not_on_the_page_is_left_alone(client: Client, boss: User, world: World) -> None:
    told = act(client, Appointment, "step_confirm", [world.visit], seen=[])
    assert told == ["1: Somebody else changed this first; look at the list again."]
    assert "seen" in client.get(path_of(Appointment, "changelist")).content.decode()


def test_a_hold_is_released(client: Client, boss: User, world: World) -> None:
    hold = Hold.objects.get()
    assert act(client, Hold, "give_back", [hold]) == ["1: released."]
    assert not Hold.objects.exists()
    assert Fact.objects.filter(name__endswith="HoldReleased").exists()


def test_a_patient_is_registered_and_a_likely_duplicate_is_named(client: Client, boss: User, world: World) -> None:
    PatientFactory.create()
    values = {"family_name": "Berg", "given_name": "Anna", "birth_date": "1980-02-29", "language": "en"}
    values["clinic"] = str(world.place.clinic.pk)
    first = client.post(path_of(Patient, "add"), values)
    assert first.status_code == 302, errors_of(first)
    assert Registration.objects.get(patient__family_name="Berg").record_number
    again = client.post(path_of(Patient, "add"), values)
    assert "Anna Berg, born 1980-02-29" in errors_of(again)
    assert client.post(path_of(Patient, "add"), values | {"confirm_duplicate": "on"}).status_code == 302
    assert Patient.objects.filter(family_name="Berg").count() == 2
    made = Patient.objects.filter(family_name="Berg").first()
    assert made is not None
    change = Change.objects.of(made).first()
    assert change is not None
    assert change.actor_id == boss.pk


def test_a_contact_is_added_in_normal_form_and_listed_masked(client: Client, boss: User, world: World) -> None:
    Clinic.objects.filter(pk=world.place.clinic.pk).update(region="US-NY")
    patient = world.place.patients[2]
    values = {"patient": patient.pk, "system": "phone", "value": "(212) 555-0188", "rank": "1", "consent": "on"}
    assert client.post(path_of(ContactPoint, "add"), values).status_code == 302
    point = ContactPoint.objects.get(patient=patient)
    assert point.value == "+12125550188"
    page = client.get(path_of(ContactPoint, "changelist")).content.decode()
    assert "•••• 0188" in page
    assert "+12125550188" not in page
    assert client.post(path_of(ContactPoint, "add"), values | {"value": "12"}).status_code == 200
    assert "listed" in errors_of(client.post(path_of(ContactPoint, "add"), values))
    found = client.get(path_of(Patient, "changelist"), {"q": "0188"})
    assert [row.pk for row in found.context["cl"].result_list] == [patient.pk]


def test_a_dependant_is_recorded_and_ended(client: Client, boss: User, world: World) -> None:
    guardian, child = world.place.patients[1], world.place.patients[2]
    values = {"guardian": guardian.pk, "patient": child.pk, "relationship": "child"}
    assert client.post(path_of(Dependant, "add"), values).status_code == 302
    right = Dependant.objects.get(guardian=guardian)
    assert right.recorded_by_id == boss.pk
    assert "already" in errors_of(client.post(path_of(Dependant, "add"), values))
    assert act(client, Dependant, "end", [right]) == ["1: ended."]
    right.refresh_from_db()
    assert right.ends_on is not None


def test_a_role_is_given_and_taken_away(client: Client, boss: User, world: World) -> None:
    user = UserFactory.create()
    values = {"user": user.pk, "clinic": world.place.clinic.pk, "role": "provider"}
    assert client.post(path_of(Membership, "add"), values).status_code == 302
    assert "a role is given once" in errors_of(client.post(path_of(Membership, "add"), values))
    role = Membership.objects.get(user=user)
    assert act(client, Membership, "take_away", [role]) == ["1: taken away."]
    last = Change.objects.of(role).last()
    assert last is not None
    assert (last.operation, last.actor_id) == ("delete", boss.pk)


def test_nothing_is_copied_into_the_journal_of_the_admin(client: Client, boss: User, world: World) -> None:
    path = path_of(Patient, "change", world.patient.pk)
    assert client.post(path, form_of(client, path) | {"family_name": "Berg"}).status_code == 302
    assert not admin.models.LogEntry.objects.exists()
