"""What a calendar of a few days shows behind its visits: who works, and when that is open."""

import datetime as dt
import uuid
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import connection

from providers.models import ResourceKind

Stretch = tuple[dt.datetime, dt.datetime]

_CALENDARS: Final = """
SELECT thing.id, thing.name, coalesce(role.specialty, thing.category), thing.active AND coalesce(role.active, true),
       lower(open.during), upper(open.during)
FROM providers_resource AS thing
LEFT JOIN providers_practitionerrole AS role ON role.provider_id = thing.id AND role.clinic_id = %(clinic)s
LEFT JOIN providers_opening AS open ON open.resource_id = thing.id AND open.clinic_id = %(clinic)s
    AND open.during && tstzrange(%(start)s, %(end)s)
WHERE thing.kind = %(kind)s AND (role.id IS NOT NULL OR thing.clinic_id = %(clinic)s)
  AND (%(only)s::uuid[] IS NULL OR thing.id = ANY (%(only)s))
ORDER BY thing.name, thing.id, open.during
"""


@dataclass(frozen=True, slots=True)
class Calendar:
    """A provider or room and its open time at a clinic, adjoining pieces joined; a room without hours is open always."""

    id: uuid.UUID
    name: str
    note: str
    active: bool
    opens: list[Stretch] = field(default_factory=list)


def calendars_of(
    clinic_id: uuid.UUID,
    start: dt.datetime,
    end: dt.datetime,
    *,
    kind: ResourceKind = ResourceKind.PROVIDER,
    only: Collection[uuid.UUID] | None = None,
) -> list[Calendar]:
    """Return the clinic's providers (or rooms) by name, those who left included, with their openings in this time.

    One statement. `only` narrows to some of them.
    """
    parameters: dict[str, Any] = {
        "clinic": clinic_id,
        "start": start,
        "end": end,
        "kind": str(kind),
        "only": None if only is None else list(only),
    }
    found: dict[uuid.UUID, Calendar] = {}
    with connection.cursor() as cursor:
        cursor.execute(_CALENDARS, parameters)
        for pk, name, note, active, lower, upper in cursor.fetchall():
            calendar = found.setdefault(pk, Calendar(pk, name, note or "", active))
            if lower is not None:
                _join(calendar.opens, lower, upper)
    return list(found.values())


def _join(opens: list[Stretch], lower: dt.datetime, upper: dt.datetime) -> None:
    if opens and opens[-1][1] >= lower:
        opens[-1] = (opens[-1][0], max(opens[-1][1], upper))
    else:
        opens.append((lower, upper))
