"""Every endpoint that the URL map has, tried by everybody: nobody reads or writes what is not theirs."""

import json
import uuid
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from tests.http import Api, code

from .table import IN, TABLE, Row
from .world import FAMILY, REASON, World, endpoints, methods_of

UNKNOWN = {"nobody": 401, "disabled patient": 401, "disabled manager": 401}
# Refusals that come after everything else was right.
SETTLED = {"invalid-transition", "nothing-to-undo", "already-has-account", "already-registered", "merge-undone"}
FOREIGN = ("stranger", "desk elsewhere", "manager elsewhere", "provider elsewhere")
OPERATIONS = sorted({(method, route) for route, view in endpoints() for method in methods_of(view)})
LISTS = [route for method, route in OPERATIONS if method == "GET" and "<" not in route]


def ask(world: World, api: Api, method: str, path: str, row: Row) -> Any:
    """Send the row's request and leave nothing behind."""
    with transaction.atomic():
        answer = api.get(path, row.query(world)) if method == "GET" else api.send(method, path, row.body(world))
        transaction.set_rollback(True)
    return answer


def test_every_operation_stands_in_the_table_and_no_other() -> None:
    assert set(TABLE) == set(OPERATIONS)


def test_every_view_declares_who_may_use_each_of_its_methods() -> None:
    undeclared = {route: methods_of(view) ^ set(view.access) for route, view in endpoints()}
    assert not {route: methods for route, methods in undeclared.items() if methods}


@pytest.mark.parametrize(("method", "route"), OPERATIONS, ids=[f"{method} {route}" for method, route in OPERATIONS])
def test_each_caller_meets_what_the_table_says(world: World, method: str, route: str) -> None:
    row, met = TABLE[method, route], {}
    for name, api in world.callers.items():
        answer = ask(world, api, method, world.path(route), row)
        refused = answer.status_code in {401, 403, 404}
        met[name] = answer.status_code if refused else IN
        assert answer.status_code < 500, (name, answer.content)
        if answer.status_code >= 400:
            assert code(answer)
        text = answer.content.decode()
        assert [word for word in world.hidden_from(name) if word in text] == [], (name, answer.status_code)
    assert met == {**UNKNOWN, **row.expected}


def test_whoever_may_is_answered(world: World) -> None:
    """The control: were the table's requests malformed, a refusal would prove nothing."""
    refused = {}
    for (method, route), row in TABLE.items():
        name = "manager" if row.expected["manager"] == IN else "owner"
        answer = ask(world, world.callers[name], method, world.path(route), row)
        if answer.status_code >= 300 and code(answer) not in SETTLED:
            refused[method, route] = answer.content
    assert refused == {}


def test_what_is_foreign_looks_like_what_is_not_there(world: World) -> None:
    """The answer for somebody else's object is, but for its request's id, the one for no object at all."""
    nothing = {name: uuid.uuid4() for name in (*world.ids, "row_id")}
    told = {}
    for method, route in [operation for operation in OPERATIONS if "<" in operation[1]]:
        row = TABLE[method, route]
        for name in FOREIGN:
            if row.expected[name] == IN:
                continue
            paths = world.path(route), world.path(route, **nothing)
            answers = [ask(world, world.callers[name], method, path, row) for path in paths]
            foreign, missing = (json.loads(answer.content) | {"request_id": ""} for answer in answers)
            if foreign != missing:
                told[method, route, name] = foreign
    assert told == {}


def test_a_row_is_not_reached_through_another_clinic_or_provider(world: World) -> None:
    ours = {"clinic_id": world.elsewhere.clinic.pk, "provider_id": world.elsewhere.provider.pk}
    for method, route in [operation for operation in OPERATIONS if "row_id" in operation[1]]:
        answer = ask(world, world.callers["manager elsewhere"], method, world.path(route, **ours), TABLE[method, route])
        assert (answer.status_code, code(answer)) == (404, "not-found"), (method, route)


def test_a_contact_point_is_not_reached_through_another_patient(world: World) -> None:
    route = "patients/<uuid:patient_id>/contact-points/<uuid:contact_point_id>/"
    path = world.path(route, patient_id=world.place.patients[1].pk)
    answer = ask(world, world.callers["desk"], "PATCH", path, TABLE["PATCH", route])
    assert (answer.status_code, code(answer)) == (404, "not-found")


@pytest.mark.parametrize("route", LISTS)
def test_filters_by_foreign_ids_give_nothing(world: World, route: str) -> None:
    filters = {"patient": world.patient.pk, "clinic": world.place.clinic.pk, "provider": world.place.provider.pk}
    for name in FOREIGN:
        for word, value in {**filters, "q": FAMILY}.items():
            query = TABLE["GET", route].query(world) | {word: str(value)}
            answer = world.callers[name].get(route, query)
            assert answer.status_code in {200, 400, 403, 404}
            text = answer.content.decode()
            assert [hidden for hidden in world.hidden_from(name) if hidden in text] == [], (name, word)
            if route == "appointments/" and answer.status_code == 200 and word != "clinic":
                assert answer.json()["results"] == [], (name, word)


def test_whom_it_concerns_finds_the_visit_that_others_do_not(world: World) -> None:
    """The control of the lists: the same filter, asked by those whose business the visit is."""
    for name in ("owner", "desk", "manager"):
        answer = world.callers[name].get("appointments/", {"patient": str(world.patient.pk)})
        assert REASON in answer.content.decode(), name


def test_a_browser_writes_with_its_csrf_token_alone(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies = world.callers["manager"].client.cookies
    for method, route in [operation for operation in OPERATIONS if operation[0] != "GET"]:
        answer = ask(world, Api(client=client), method, world.path(route), TABLE[method, route])
        assert (answer.status_code, code(answer)) == (403, "not-permitted"), (method, route)
