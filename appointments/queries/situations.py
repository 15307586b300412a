"""Read what the rules need to know about many wishes in one statement: that of one wish, asked once for each row of a list."""

from collections.abc import Collection, Sequence
from typing import Any, Final
from uuid import UUID

from django.db import connection

from appointments.rules.admission import Situation

from .situation import GROUP, SITUATION, Wish, parameters_of, situation_from

# What differs from wish to wish; the rest of the parameters are those of the terms and the patient, and so the same.
_EACH: Final = {
    "start": "timestamptz",
    "end": "timestamptz",
    "occupied_from": "timestamptz",
    "occupied_until": "timestamptz",
    "day_from": "timestamptz",
    "day_until": "timestamptz",
    "own_session": "uuid",
}


def _for_each(statement: str) -> str:
    """Return the statement with its own parameters read from a row, and several visits of one's own instead of one."""
    for name in _EACH:
        statement = statement.replace(f"%({name})s", f"wish.its_{name}")
    return (
        statement.replace("= %(own)s", "= ANY (%(own)s::uuid[])")
        .replace("IS DISTINCT FROM %(own)s", "<> ALL (%(own)s::uuid[])")
        .replace("session_id = (\n        SELECT leaving", "session_id IN (SELECT leaving")
        .replace("staying.id <> leaving.id", "staying.id <> ALL (%(own)s::uuid[])")
    )


_WISHES: Final = (
    "unnest("
    + ", ".join(f"%({name})s::{kind}[]" for name, kind in _EACH.items())
    + f") WITH ORDINALITY AS wish({', '.join(f'its_{name}' for name in _EACH)}, number)"
)
_SITUATIONS: Final = (
    f"SELECT found.* FROM {_WISHES} CROSS JOIN LATERAL ({_for_each(SITUATION)}) AS found ORDER BY number"  # noqa: S608  # composed of constants
)
_GROUPS: Final = (
    f"SELECT found.* FROM {_WISHES} LEFT JOIN LATERAL ({_for_each(GROUP)}) AS found ON true ORDER BY number"  # noqa: S608  # composed of constants
)


def situations_of(wishes: Sequence[Wish], *, own: Collection[UUID] = ()) -> list[Situation]:
    """Return what the rules need to know about each of the wishes, which share their terms and patient, in their order.

    One statement however many, and a second one for a type that groups patients. The visits `own` are about to leave their
    times, so that they stand in no wish's way; the wishes' own `own_appointment` is not read.
    """
    if not wishes:
        return []
    each = [parameters_of(wish) for wish in wishes]
    parameters: dict[str, Any] = {**each[0], "own": list(own)}
    parameters |= {name: [one[name] for one in each] for name in _EACH}
    with connection.cursor() as cursor:
        groups: list[Any] = [None] * len(wishes)
        if wishes[0].terms.is_group:
            cursor.execute(_GROUPS, parameters)
            groups = [row if row[0] else None for row in cursor.fetchall()]
            parameters["own_session"] = [group[0] if group else None for group in groups]
        cursor.execute(_SITUATIONS, parameters)
        return [situation_from(row, group) for row, group in zip(cursor.fetchall(), groups, strict=True)]
