"""Record the statements of one real booking, so that the floor and pgbench run the same ones and nothing else."""

import datetime as dt
import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from django.db import connection
from django.test import Client

from .house import House
from .plan import Statement, Variable


def record(house: House) -> list[Statement]:
    """Book once through the whole application and return its statements with their variables marked."""
    wish = next(iter(house.wishes(1)))
    seen: list[tuple[str, Any]] = []

    def listen(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Mapping[str, Any]) -> Any:  # noqa: FBT001
        seen.append((sql, params))
        return execute(sql, params, many, context)

    body = {"appointment_type": str(house.kind.pk), "provider": str(wish.provider), "start": wish.start.isoformat()}
    key = f"recorded-{uuid.uuid4()}"
    with connection.execute_wrapper(listen):
        answer = Client(SERVER_NAME="127.0.0.1").post(
            "/api/v1/appointments/",
            json.dumps(body),
            content_type="application/json",
            headers={"Authorization": f"Bearer {wish.token}", "Idempotency-Key": key},
        )
    if answer.status_code != 201:
        message = f"The recorded booking was refused: {answer.content.decode()[:300]}"
        raise RuntimeError(message)
    visit = uuid.UUID(answer.json()["id"])
    day = wish.start.replace(hour=0)
    known: dict[Any, str] = {
        wish.provider: "provider",
        wish.patient: "patient",
        wish.start: "start",
        wish.start + dt.timedelta(minutes=30): "end",
        day: "day_from",
        day + dt.timedelta(days=1): "day_until",
        visit: "visit",
        str(visit): "visit",
        key.encode(): "key",
    }
    return [Statement(sql, _marked(sql, params, known)) for sql, params in seen]


def _marked(sql: str, params: Any, known: Mapping[Any, str]) -> Any:
    marked = _walk(params, known)
    if isinstance(marked, dict):
        # Values made inside: the fact's and the registration's identifiers, and the number of the key's lock.
        if "INSERT INTO outbox_fact" in sql:
            marked["id"] = Variable("fact")
        if "patients_registration" in sql:
            marked["id"] = Variable("registration")
        if "pg_try_advisory_xact_lock" in sql:
            marked["number"] = Variable("number")
    return marked


def _walk(value: Any, known: Mapping[Any, str]) -> Any:
    if isinstance(value, dict):
        return {name: _walk(member, known) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [_walk(member, known) for member in value]
    if isinstance(value, uuid.UUID | dt.datetime | bytes | str) and value in known:
        return Variable(known[value])
    return str.__str__(value) if isinstance(value, str) else value  # a choice's plain text: the floor knows no models
