"""Every page of the admin opens, whatever is or is not there, in a bounded number of statements."""

from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from appointments.models import Appointment
from mediconnect.accounts.models import User
from mediconnect.records.administration import RecordAdmin
from tests.admin.conftest import CANARY, World
from tests.factories import AppointmentFactory, ClinicFactory, ContactPointFactory, DependantFactory

pytestmark = pytest.mark.django_db

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
OURS = [model for model in MODELS if isinstance(admin.site.get_model_admin(model), RecordAdmin)]


def path_of(model: type[Model], page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_a_list_opens_with_nothing_in_it(client: Client, boss: User, model: type[Model]) -> None:
    assert client.get(path_of(model, "changelist")).status_code == 200
    assert client.get(path_of(model, "changelist"), {"q": "morgan"}).status_code == 200
    assert client.get(path_of(model, "add")).status_code in (200, 403)


@pytest.mark.usefixtures("world")
def test_every_list_opens_searches_and_filters(client: Client, boss: User, settings: Any) -> None:
    settings.PAGE_REQUESTS_PER_MINUTE = 100_000  # nobody but a test turns so many pages
    for model in MODELS:
        page = client.get(path_of(model, "changelist"))
        assert page.status_code == 200, model
        assert CANARY not in page.content.decode(), model
        for words in ("morgan", "2026-11-24", "5550100", "x@example.org", '"><', "\x00"):
            assert client.get(path_of(model, "changelist"), {"q": words}).status_code == 200, (model, words)
        for spec in page.context["cl"].filter_specs:
            for choice in list(spec.choices(page.context["cl"]))[:4]:
                answer = client.get(path_of(model, "changelist") + str(choice["query_string"]))
                assert answer.status_code == 200, (model, choice)
        assert client.get(path_of(model, "changelist"), {"clinic": "nonsense"}).status_code in (200, 302), model


@pytest.mark.usefixtures("world")
def test_every_record_opens_with_its_history(client: Client, boss: User) -> None:
    for model in OURS:
        record = model._default_manager.first()
        assert record is not None, model
        page = client.get(path_of(model, "change", record.pk))
        assert page.status_code == 200, model
        assert CANARY not in page.content.decode(), model
        history = client.get(path_of(model, "history", record.pk))
        assert history.status_code == 200, model
        assert CANARY not in history.content.decode(), model


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_a_list_says_how_its_records_are_written(model: type[Model]) -> None:
    options: Any = admin.site.get_model_admin(model)
    assert options.why
    assert options.search_fields
    assert options.list_filter
    assert not options.show_full_result_count


@pytest.mark.usefixtures("world")
def test_a_longer_list_asks_no_more(client: Client, boss: User) -> None:
    before = {model: _statements_of(client, model) for model in OURS}
    clinic = ClinicFactory.create()
    for _ in range(25):
        AppointmentFactory.create(clinic=clinic)
    for _ in range(25):
        ContactPointFactory.create(patient=DependantFactory.create().patient)
    for model in OURS:
        assert _statements_of(client, model) <= before[model] + 2, model
        assert before[model] <= 12, model
    assert len(client.get(path_of(Appointment, "changelist")).context["cl"].result_list) > 25


def _statements_of(client: Client, model: type[Model]) -> int:
    client.get(path_of(model, "changelist"))
    with CaptureQueriesContext(connection) as statements:
        client.get(path_of(model, "changelist"))
    return len(statements)


@pytest.mark.parametrize("path", ["", "appointments/appointment/", "patients/patient/"])
def test_visitors_are_sent_to_sign_in(client: Client, path: str) -> None:
    answer = client.get(f"{reverse('admin:index')}{path}", follow=True)
    assert answer.redirect_chain[-1][0].startswith("/accounts/sign-in/")


def test_patients_are_kept_out(client: Client, world: World) -> None:
    client.force_login(world.place.users[0])
    assert client.get(path_of(type(world.patient), "changelist"), follow=True).status_code == 403
