"""The OpenAPI document as a judge of answers: which statuses, which content types, which bodies."""

import functools
import json
from typing import Any

from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema
from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

_NAME = "urn:document"


@functools.cache
def document() -> dict[str, Any]:
    """Return the document as clients get it, having seen that it was written without a warning and is valid OpenAPI 3.1."""
    GENERATOR_STATS.reset()
    written = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    validate_schema(written)  # type: ignore[no-untyped-call]
    plain: dict[str, Any] = json.loads(json.dumps(written, default=str))
    return plain


@functools.cache
def _strict() -> dict[str, Any]:
    """Return the document for judging: a member that it does not describe is a fault, but for a refusal's own ones."""
    strict: dict[str, Any] = json.loads(json.dumps(document()))
    for name, schema in strict["components"]["schemas"].items():
        if "properties" in schema and name != "Problem":
            schema.setdefault("additionalProperties", False)
    return strict


@functools.cache
def _registry() -> Registry[Any]:
    resource = Resource.from_contents(_strict(), default_specification=DRAFT202012)
    return Registry().with_resource(_NAME, resource)  # type: ignore[no-any-return]


def operations() -> list[tuple[str, str]]:
    """Return (method, path) of everything that the document describes."""
    return [(method.upper(), path) for path, item in document()["paths"].items() for method in item]


def operation(method: str, path: str) -> dict[str, Any]:
    """Return the document's description of one operation."""
    described: dict[str, Any] = document()["paths"][path][method.lower()]
    return described


def faults(method: str, path: str, status: int, content_type: str, body: bytes) -> list[str]:
    """Return what the document does not allow in this answer; an empty list for one that keeps to it."""
    responses = operation(method, path)["responses"]
    if str(status) not in responses:
        return [f"{status} is not documented"]
    described = responses[str(status)].get("content")
    if not described:
        return [f"{status} has no body, yet there is one"] if body else []
    media = content_type.partition(";")[0]
    if media not in described:
        return [f"{media} is not documented for {status}"]
    if not media.endswith("json"):
        return []
    pointer = "/".join(
        part.replace("~", "~0").replace("/", "~1")
        for part in ("paths", path, method.lower(), "responses", str(status), "content", media, "schema")
    )
    validator = Draft202012Validator(
        {"$ref": f"{_NAME}#/{pointer}"}, registry=_registry(), format_checker=FormatChecker()
    )
    return [f"{error.json_path}: {error.message[:300]}" for error in validator.iter_errors(json.loads(body))]
