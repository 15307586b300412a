"""The document keeps its word: what it says of each operation is what happens, whatever is sent."""

import contextlib
import json
import uuid
from typing import Any

import pytest
import schemathesis
from django.db import transaction
from drf_spectacular.drainage import GENERATOR_STATS
from hypothesis import HealthCheck, Phase, given, settings
from requests.structures import CaseInsensitiveDict
from schemathesis.core import NOT_SET
from schemathesis.generation.case import Case

from tests.counts import rounds
from tests.isolation.table import TABLE
from tests.isolation.world import World, endpoints, methods_of

from .document import document, faults, operation, operations

PREFIX = "/api/v1/"
WITH_BODY = {"POST", "PATCH"}
# Members that name other records, or the version of one: generated values would never be found.
REFERENCES = {"appointment_type", "provider", "patient", "clinic", "version", "start", "from", "to"}
NAMED = [f"{method} {path}" for method, path in operations()]


def test_the_document_is_written_without_a_warning() -> None:
    document.cache_clear()
    with contextlib.redirect_stderr(None):
        written = document()
    assert written["openapi"].startswith("3.1")
    assert not GENERATOR_STATS, [*GENERATOR_STATS._warn_cache, *GENERATOR_STATS._error_cache]


def test_the_document_describes_every_operation() -> None:
    described = {(method, path.removeprefix(PREFIX)) for method, path in operations()}
    there = {
        (method, route.replace("<uuid:", "{").replace(">", "}"))
        for route, view in endpoints()
        for method in methods_of(view)
    }
    assert described == there


@pytest.mark.parametrize(("method", "path"), operations(), ids=NAMED)
def test_every_operation_documents_its_refusals(method: str, path: str) -> None:
    described = operation(method, path)
    expected = {"401", "403", "429", "503"}
    expected |= {"404"} if "{" in path else set()
    expected |= {"400", "413", "415"} if method in WITH_BODY else set()
    assert expected <= set(described["responses"])
    for status, response in described["responses"].items():
        if status >= "400":
            assert set(response["content"]) == {"application/problem+json"}, status
    assert described["operationId"]
    assert described.get("security")


def test_operations_have_names_of_their_own() -> None:
    names = [operation(method, path)["operationId"] for method, path in operations()]
    assert len(set(names)) == len(names)


SCHEMA = schemathesis.openapi.from_dict(document())
OPERATIONS = {name: SCHEMA[path][method] for name, (method, path) in zip(NAMED, operations(), strict=True)}


def route_of(path: str) -> str:
    """Return the documented path as the URL map writes it."""
    return path.removeprefix(PREFIX).replace("{", "<uuid:").replace("}", ">")


def judged(method: str, path: str, answer: Any) -> list[str]:
    """Return what the document does not allow in the answer."""
    return faults(method, path, answer.status_code, answer.headers.get("Content-Type", ""), answer.content)


def made_real(case: Case[Any], world: World, right: dict[str, Any]) -> None:
    """Put the world's own records into a generated request, so that it is not refused before it is read."""
    route = route_of(case.operation.path)
    parts = zip(route.split("/"), world.path(route).split("/"), strict=True)
    case.path_parameters = {part[6:-1]: value for part, value in parts if part.startswith("<uuid:")}
    case.headers = CaseInsensitiveDict({"Idempotency-Key": f"conformance-{uuid.uuid4()}"})
    if isinstance(case.body, dict):
        case.body |= {name: value for name, value in right.items() if name in REFERENCES}
    query = {name: value for name, value in right.items() if name in REFERENCES and name in (case.query or {})}
    case.query = {**(case.query or {}), **query}


def send(world: World, caller: str, case: Case[Any]) -> Any:
    """Send the generated request as this caller and leave nothing behind."""
    api = world.callers[caller]
    path = case.operation.path
    for name, value in (case.path_parameters or {}).items():
        path = path.replace(f"{{{name}}}", str(value))
    headers = {str(name): str(value) for name, value in (case.headers or {}).items()} | api.headers
    body = b"" if case.body is NOT_SET else json.dumps(case.body).encode()
    query = {name: value for name, value in (case.query or {}).items() if value is not None}
    with transaction.atomic():
        answer = api.client.generic(
            case.method, path, body, content_type="application/json", query_params=query, headers=headers
        )
        transaction.set_rollback(True)
    return answer


@pytest.mark.parametrize("name", NAMED)
def test_answers_are_what_the_document_says(world: World, name: str) -> None:
    """Requests made from the document alone, and again with the world's own records in them, as patient and as staff."""
    method, path = name.split(" ")
    row = TABLE[method, route_of(path)]
    right = row.query(world) if method == "GET" else row.body(world)

    @given(case=OPERATIONS[name].as_strategy())
    @settings(
        max_examples=rounds(quick=3, full=50),
        phases=[Phase.generate],
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def answers(case: Case[Any]) -> None:
        for real in (False, True):
            if real:
                made_real(case, world, right)
            for caller in ("owner", "manager"):
                answer = send(world, caller, case)
                assert answer.status_code < 500, answer.content
                assert judged(method, path, answer) == [], (caller, answer.status_code, answer.content[:500])

    answers()


def test_good_answers_are_what_the_document_says(world: World) -> None:
    """The same for requests that succeed, which generated ones seldom do, and for every caller's refusal of them."""
    wrong = {}
    for method, path in operations():
        row, there = TABLE[method, route_of(path)], world.path(route_of(path))
        for caller, api in world.callers.items():
            with transaction.atomic():
                answer = (
                    api.get(there, row.query(world)) if method == "GET" else api.send(method, there, row.body(world))
                )
                transaction.set_rollback(True)
            if found := judged(method, path, answer):
                wrong[method, path, caller, answer.status_code] = found
    assert wrong == {}
