"""Lists a page at a time: a cursor remembers the last row's place, so that rows added meanwhile neither repeat nor hide."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.http.request import QueryDict

from mediconnect.errors import Invalid

from .answers import HttpAnswer, plain
from .requests import ApiRequest

DEFAULT_LIMIT: Final = 50
LARGEST_LIMIT: Final = 200


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a list: the ordering values of a row, and whether to go on before or after it."""

    values: tuple[Any, ...]
    backwards: bool = False

    def __str__(self) -> str:
        text = json.dumps([self.backwards, *self.values], default=plain, separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def parse(cls, text: str, queryset: QuerySet[Any], order: Sequence[str]) -> "Cursor":
        """Return the cursor of its text form; raises `Invalid` for anything that this list did not hand out."""
        foreign = Invalid.field("cursor", "This cursor did not come from this list; start again without one.")
        try:
            backwards, *raw = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            fields = [_field(queryset.model, name) for name in order]
            values = tuple(field.to_python(value) for field, value in zip(fields, raw, strict=True))
        except (ValueError, TypeError, binascii.Error, ValidationError):
            raise foreign from None
        if not isinstance(backwards, bool) or None in values:
            raise foreign
        return cls(values, backwards)


def _field(model: type[Model], path: str) -> Any:
    field: Any = None
    for name in path.split("__"):
        field = model._meta.get_field(name)
        model = field.related_model or model
    return field


def limit_of(query: QueryDict) -> int:
    """Return `?limit=` as a number from 1 to 200, or 50 without one; raises `Invalid`."""
    text = query.get("limit")
    if text is None:
        return DEFAULT_LIMIT
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:6]) <= LARGEST_LIMIT:
        raise Invalid.field("limit", f"A limit is a whole number from 1 to {LARGEST_LIMIT}.")
    return int(text)


def _beyond(order: Sequence[str], values: tuple[Any, ...], *, descending: bool) -> Q:
    word = "lt" if descending else "gt"
    beyond, same = Q(), Q()
    for name, value in zip(order, values, strict=True):
        beyond |= same & Q(**{f"{name}__{word}": value})
        same &= Q(**{name: value})
    return beyond


def _place(row: Any, order: Sequence[str]) -> tuple[Any, ...]:
    def read(path: str) -> Any:
        value = row
        for name in path.split("__"):
            value = value[name] if isinstance(value, dict) else getattr(value, name)
        return value

    return tuple(read(name) for name in order)


def page(
    request: ApiRequest,
    queryset: QuerySet[Any],
    render: Callable[[Any], dict[str, Any]],
    *,
    order: Sequence[str],
    descending: bool = False,
    extra: dict[str, Any] | None = None,
) -> HttpAnswer:
    """Answer one page of the list with `next` and `previous` addresses, rendering each row.

    `order` names the ordering fields; the last must be unique. Reads one row more than the page holds, and no count.
    """
    text = request.GET.get("cursor")
    cursor = Cursor.parse(text, queryset, order) if text else None
    found = cut(queryset, order=order, descending=descending, cursor=cursor, limit=limit_of(request.GET))
    return HttpAnswer(
        {
            **(extra or {}),
            "next": _address(request, found.next) if found.next else None,
            "previous": _address(request, found.previous) if found.previous else None,
            "results": [render(row) for row in found.rows],
        }
    )


@dataclass(frozen=True, slots=True)
class Cut:
    """A page of a list: its rows in the list's order, and from where the pages after and before it begin."""

    rows: list[Any]
    next: Cursor | None
    previous: Cursor | None


def cut(
    queryset: QuerySet[Any], *, order: Sequence[str], cursor: Cursor | None, limit: int, descending: bool = False
) -> Cut:
    """Return the page that a cursor points to, the first without one. Reads one row more than it holds, and no count."""
    backwards = cursor is not None and cursor.backwards
    sign = "-" if descending != backwards else ""
    rows = queryset.order_by(*(f"{sign}{name}" for name in order))
    if cursor is not None:
        rows = rows.filter(_beyond(order, cursor.values, descending=descending != backwards))
    found = list(rows[: limit + 1])
    more, found = len(found) > limit, found[:limit]
    if backwards:
        found.reverse()
    has_next, has_previous = (True, more) if backwards else (more, cursor is not None)
    return Cut(
        found,
        Cursor(_place(found[-1], order)) if has_next and found else None,
        Cursor(_place(found[0], order), backwards=True) if has_previous and found else None,
    )


def _address(request: ApiRequest, cursor: Cursor) -> str:
    query = request.GET.copy()
    query["cursor"] = str(cursor)
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
