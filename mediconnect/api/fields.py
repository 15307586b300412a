"""What requests may say: members and query words, read strictly and refused in sentences."""

import datetime as dt
import re
import uuid
from collections.abc import Collection
from typing import Any, Final

from django.http.request import QueryDict

from mediconnect.errors import DomainError, Invalid

from .requests import ApiRequest

_RFC3339: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(?P<offset>[Zz]|[+-]\d\d:\d\d)?")
_MISSING: Final = "This is required."


class InvalidLocalTime(DomainError):
    """A time without an offset names no instant."""

    code, status, title = "invalid-local-time", 400, "The time names no instant"
    sentence = "Write times in RFC 3339 with their offset, as in 2026-12-01T09:30:00-05:00."


def members(request: ApiRequest, allowed: Collection[str]) -> dict[str, Any]:
    """Return the body as an object that has none but the allowed members; raises `Invalid` naming the others."""
    body = request.data
    if not isinstance(body, dict):
        raise Invalid.field("body", "The body is a JSON object.")
    if unknown := sorted(set(body) - set(allowed)):
        raise Invalid(errors={name[:80]: ["There is no such member."] for name in unknown})
    return body


def query_words(request: ApiRequest, allowed: Collection[str]) -> QueryDict:
    """Return the query, which has none but the allowed words; raises `Invalid` naming the others."""
    if unknown := sorted(set(request.GET) - set(allowed)):
        raise Invalid(errors={name[:80]: ["There is no such filter."] for name in unknown})
    for name, value in request.GET.items():
        if "\0" in str(value):
            raise Invalid.field(name, "A NUL byte has no place here.")
    return request.GET


def required(body: dict[str, Any] | QueryDict, name: str) -> Any:
    """Return the member; raises `Invalid` where it is missing or null."""
    value = body.get(name)
    if value is None or value == "":
        raise Invalid.field(name, _MISSING)
    return value


def as_uuid(value: Any, name: str) -> uuid.UUID:
    """Return the identifier; raises `Invalid`."""
    try:
        if isinstance(value, str) and len(value) == 36:
            return uuid.UUID(value)
    except ValueError:
        pass
    raise Invalid.field(name, "This is no identifier.")


def as_instant(value: Any, name: str) -> dt.datetime:
    """Return the instant of an RFC 3339 time; raises `InvalidLocalTime` without an offset, `Invalid` for anything else."""
    match = _RFC3339.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise Invalid.field(name, "Write the time as in 2026-12-01T09:30:00-05:00.")
    if match["offset"] is None:
        raise InvalidLocalTime(errors={name: ["The offset is missing."]})
    try:
        instant = dt.datetime.fromisoformat(value.upper().replace(" ", "T"))
        instant.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        raise Invalid.field(name, "There is no such time.") from None
    if not 1900 <= instant.year <= 2200:
        raise Invalid.field(name, "Years run from 1900 to 2200.")
    return instant


def as_date(value: Any, name: str) -> dt.date:
    """Return the date of YYYY-MM-DD; raises `Invalid`."""
    try:
        if isinstance(value, str) and len(value) == 10:
            return dt.date.fromisoformat(value)
    except ValueError:
        pass
    raise Invalid.field(name, "Write the date as in 2026-12-01.")


def as_text(value: Any, name: str, *, longest: int) -> str:
    """Return the text, trimmed; raises `Invalid` for other types, NUL bytes, lone surrogates and excess length."""
    if not isinstance(value, str):
        raise Invalid.field(name, "This is text.")
    text = value.strip()
    if "\0" in text:
        raise Invalid.field(name, "A NUL byte has no place here.")
    if any(0xD800 <= ord(character) <= 0xDFFF for character in text):
        raise Invalid.field(name, "This is not well-formed Unicode.")
    if len(text) > longest:
        raise Invalid.field(name, f"This may have {longest} characters at most.")
    return text


def as_choice(value: Any, name: str, choices: Collection[str]) -> str:
    """Return the value if it is one of the choices; raises `Invalid` listing them."""
    if not isinstance(value, str) or value not in choices:
        raise Invalid.field(name, f"This is one of: {', '.join(sorted(choices))}.")
    return value


def as_flag(value: Any, name: str) -> bool:
    """Return true or false, from JSON or from the words of a query; raises `Invalid`."""
    if isinstance(value, bool):
        return value
    if value in {"true", "1"}:
        return True
    if value in {"false", "0"}:
        return False
    raise Invalid.field(name, "This is true or false.")


def as_number(value: Any, name: str, *, least: int, most: int) -> int:
    """Return the whole number within its limits; raises `Invalid`."""
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,9}", value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise Invalid.field(name, f"This is a whole number from {least} to {most}.")
    return value
