"""Write columns so that it can be taken back: each change is a line, and a line is put back while it still stands."""

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Model, QuerySet

from patients.rules.merging import Line, alike

Models = Mapping[str, type[Model]]


def rewrite(rows: QuerySet[Any], **values: Any) -> list[Line]:
    """Write these columns (by the name of the attribute) of all the rows, and return a line for each that changed."""
    model = rows.model
    found = list(rows.order_by("pk").values("pk", *values))
    changed = [row for row in found if any(row[name] != value for name, value in values.items())]
    QuerySet(model).filter(pk__in=[row["pk"] for row in changed]).update(**values)
    return [
        Line(
            table=model._meta.db_table,
            id=str(row["pk"]),
            column=name,
            before=_plain(row[name]),
            after=_plain(value),
        )
        for row in changed
        for name, value in values.items()
    ]


def put_back(lines: Sequence[Line], models: Models) -> list[Line]:
    """Write what stood there before, what was changed last first, and return the lines that stay.

    A row stays as it is where one of its columns was changed since, or where what stood there has no place any more.
    """
    stays: list[Line] = []
    for written, ids in alike(lines):
        model = models[written[0]["table"]]
        standing = set(_standing(model, written, ids))
        before = {line["column"]: _value(model, line, "before") for line in written}
        together = _written(model, standing, before)
        back = standing if together else {key for key in standing if _written(model, [key], before)}
        kept = {str(key) for key in ids} - {str(key) for key in back}
        stays += [line for line in lines if line["id"] in kept and _same(line, written)]
    return stays


def weighed(
    lines: Sequence[Line], models: Models, *, within: Collection[uuid.UUID] | None
) -> tuple[Counter[str], Counter[str]]:
    """Return how many rows of each table would be put back, and how many stay; of these clinics alone, None for all."""
    back, stays = Counter[str](), Counter[str]()
    for written, ids in alike(lines):
        table = written[0]["table"]
        model = models[table]
        seen = set(_seen(model, ids, within))
        standing = set(_standing(model, written, seen))
        back[table] += len(standing)
        stays[table] += len(seen - standing)
    return back, stays


def _seen(model: type[Model], ids: Collection[Any], within: Collection[uuid.UUID] | None) -> QuerySet[Any]:
    rows: QuerySet[Any] = QuerySet(model).filter(pk__in=ids)
    if within is not None and any(field.name == "clinic" for field in model._meta.get_fields()):
        rows = rows.filter(clinic__in=within)
    return rows.values_list("pk", flat=True)


def _standing(model: type[Model], written: Sequence[Line], ids: Collection[Any]) -> QuerySet[Any]:
    after = {line["column"]: _value(model, line, "after") for line in written}
    return QuerySet(model).filter(pk__in=ids, **after).values_list("pk", flat=True)


def _written(model: type[Model], ids: Collection[Any], values: Mapping[str, Any]) -> bool:
    """Return whether the rows could be written so; nothing of it stays where they could not."""
    try:
        with transaction.atomic():
            QuerySet(model).filter(pk__in=ids).update(**values)
    except IntegrityError:
        return False
    return True


def _same(line: Line, written: Sequence[Line]) -> bool:
    return any(
        (line["table"], line["column"], line["before"], line["after"])
        == (one["table"], one["column"], one["before"], one["after"])
        for one in written
    )


def _value(model: type[Model], line: Line, side: str) -> Any:
    field: Any = model._meta.get_field(line["column"])
    return field.to_python(line[side])  # type: ignore[literal-required]  # one of the two


def _plain(value: Any) -> Any:
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    return str(value) if isinstance(value, uuid.UUID) else value
