"""Whatever is sent, the answer is a problem document, and a request that is refused leaves nothing behind."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from mediconnect.accounts.models import User
from tests.http import Api, code
from tests.isolation.table import IN, TABLE
from tests.isolation.world import World, endpoints, methods_of

ROUTES = sorted({route: methods_of(view) for route, view in endpoints()}.items())
WRITES = [(method, route) for route, methods in ROUTES for method in sorted(methods & {"POST", "PATCH"})]
EVERY_METHOD = {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"}
NAMES = [f"{method} {route}" for method, route in WRITES]
MEGABYTE = 1 << 20


def entitled(world: World, method: str, route: str) -> Api:
    """Return a caller who may do this, so that nothing but the body can be refused."""
    return world.callers["manager" if TABLE[method, route].expected["manager"] == IN else "owner"]


def rows() -> dict[str, int]:
    """Return how many rows each table holds, and the number of changes that the history has."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        counts = " UNION ALL ".join(f"SELECT '{name}', count(*) FROM \"{name}\"" for name in sorted(tables))
        cursor.execute(counts)
        return dict(cursor.fetchall())


def problem(answer: Any) -> tuple[int, str]:
    """Return the status and the code of a problem document that shows nothing of the house's inside."""
    text = answer.content.decode()
    assert not [word for word in ("Traceback", "psycopg", "SELECT ", "<html") if word in text]
    return answer.status_code, code(answer)


UNREADABLE = {
    "not JSON": b"{",
    "a list": b"[]",
    "text": b'"text"',
    "null": b"null",
    "not UTF-8": b'{"name": "\xff"}',
    "infinity": b'{"version": Infinity}',
    "deep": b'{"a":' * 20_000,
    "an unknown member": b'{"no_such_member": 1}',
    "a member that is an object": b'{"version": {}, "no_such": {"a": []}}',
}


@pytest.mark.parametrize(("method", "route"), WRITES, ids=NAMES)
def test_a_body_that_cannot_be_meant_is_refused_and_writes_nothing(world: World, method: str, route: str) -> None:
    api, path, before = entitled(world, method, route), world.path(route), rows()
    for name, body in UNREADABLE.items():
        answer = api.send(method, path, body)
        assert problem(answer) == (400, "invalid"), (name, answer.content)
    too_much = json.dumps({"name": "x" * MEGABYTE})
    assert problem(api.send(method, path, too_much))[0] in {400, 413}
    assert rows() == before


WRONG: tuple[Any, ...] = ("a\0b", "\ud800", {}, [[]], 10**400, "x" * 100_000)


@pytest.mark.parametrize(("method", "route"), WRITES, ids=NAMES)
def test_every_member_refuses_what_is_not_of_its_kind(world: World, method: str, route: str) -> None:
    """A NUL, a lone surrogate, an object, a list, a huge number and a huge text, in each member of a request that is right."""
    api, path = entitled(world, method, route), world.path(route)
    right, before = TABLE[method, route].body(world), rows()
    for name in right:
        for value in WRONG:
            answer = api.send(method, path, json.dumps(right | {name: value}))
            assert problem(answer)[0] in {400, 404, 422}, (name, str(value)[:20], answer.content)
    assert rows() == before


@pytest.mark.parametrize(("method", "route"), WRITES, ids=NAMES)
def test_other_formats_are_refused(world: World, method: str, route: str) -> None:
    api, path, before = entitled(world, method, route), world.path(route), rows()
    for media in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/xml", "nonsense", ""):
        headers = api.headers | {"Idempotency-Key": "a-key-of-sixteen-letters"}
        answer = api.client.generic(method, f"/api/v1/{path}", b"a=1", content_type=media, headers=headers)
        assert problem(answer)[0] == 415, (media, answer.content)
    assert rows() == before


def test_a_key_that_is_none_is_refused(world: World) -> None:
    for method, route in WRITES:
        answer = entitled(world, method, route).send(method, world.path(route), {}, key="short")
        assert problem(answer)[0] in {400, 428}, (method, route)


def test_methods_that_a_path_does_not_take_are_refused(world: World) -> None:
    for route, methods in ROUTES:
        for method in sorted(EVERY_METHOD - methods):
            answer = world.callers["manager"].send(method, world.path(route), {})
            assert problem(answer) == (405, "method-not-allowed"), (method, route)
            assert set(answer.headers["Allow"].split(", ")) - {"HEAD"} == methods, route


def test_answers_are_json_whatever_the_client_would_rather_have(world: World) -> None:
    for accepted in ("text/html", "application/xml;q=1.0", "nonsense"):
        answer = world.callers["manager"].get("appointments/", Accept=accepted)
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
        assert problem(world.callers["nobody"].get("appointments/", Accept=accepted)) == (401, "not-authenticated")


@pytest.mark.parametrize(
    "path",
    ["", "v1/", "v1/nothing/", "v1/appointments", "v1/patients/1/", "v2/me/", "%00", "v1/%ff/", "v1/appointments//"],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_addresses_that_lead_nowhere_are_problem_documents(world: World, method: str, path: str) -> None:
    for name in ("nobody", "manager"):
        api = world.callers[name]
        answer = api.client.generic(method, f"/api/{path}", b"", headers=api.headers | {"Accept": "text/html"})
        assert problem(answer) == (404, "not-found"), name


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Bearer a b", "Basic eDp5", "Bearer " + "x" * 9000, "Bearer \u00e9", "nonsense"]
)
def test_credentials_that_are_none_are_refused(db: None, header: str) -> None:
    answer = Client().get("/api/v1/me/", headers={"Authorization": header})
    assert problem(answer) == (401, "not-authenticated")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert not User.objects.exists()


@pytest.mark.parametrize("word", ["limit=0", "limit=201", "limit=x", "cursor=x", "cursor=%00", "no_such=1"])
def test_query_words_that_cannot_be_meant_are_refused(world: World, word: str) -> None:
    for route, methods in ROUTES:
        if "GET" not in methods or "row_id" in route or route.endswith(("_id>/", ".ics")):
            continue
        if route.startswith(("me/", "availability/")) or route.endswith(("contact-points/", "dependants/")):
            continue  # no pages
        answer = world.callers["manager"].client.get(f"/api/v1/{world.path(route)}?{word}")
        assert problem(answer) == (400, "invalid"), route
