"""What every report is asked: whose visits, on which days, as of when."""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import connection

from appointments.models.status import CLAIMING
from providers.rules.clock import days_as_span

# No visit is longer, so one that reaches into the first day begins at most so long before it.
LONGEST_VISIT: Final = dt.timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class Asked:
    """A clinic's local days from `first` to `last`, both included, as of `now`; of one provider alone where one is named."""

    clinic_id: uuid.UUID
    zone: ZoneInfo
    first: dt.date
    last: dt.date
    now: dt.datetime
    provider_id: uuid.UUID | None = None

    @property
    def days(self) -> list[dt.date]:
        """Every day that is asked about, in order."""
        return [self.first + dt.timedelta(days=number) for number in range((self.last - self.first).days + 1)]

    def rows(self, statement: str, **more: Any) -> list[tuple[Any, ...]]:
        """Return what the statement finds, with what is asked as its parameters and `more` beside them."""
        with connection.cursor() as cursor:
            cursor.execute(statement, {**self._parameters(), **more})
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found

    def _parameters(self) -> Mapping[str, Any]:
        start, end = days_as_span(self.first, self.last, self.zone)
        return {
            "clinic": self.clinic_id,
            "provider": self.provider_id,
            "zone": self.zone.key,
            "from": start,
            "until": end,
            "early": start - LONGEST_VISIT,
            "now": self.now.replace(second=0, microsecond=0),
            "claiming": [str(status) for status in CLAIMING],
        }
