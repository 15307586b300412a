"""A clinic open for a year, and its front desk at the pages of series."""

import re
import uuid
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client
from django.utils.html import strip_tags

from appointments.models import Series
from mediconnect.accounts.models import User
from tests.appointments.conftest import SmallClinic, small_clinic
from tests.appointments.series.conftest import year_long


@dataclass
class Pages:
    """A browser in which somebody is signed in, at a clinic whose calendar is open for a year."""

    place: SmallClinic
    user: User
    client: Client = field(default_factory=Client)

    def __post_init__(self) -> None:
        self.client.force_login(self.user, backend="django.contrib.auth.backends.ModelBackend")

    def url(self, part: str) -> str:
        """Return the address of a page of series."""
        return f"/clinics/{self.place.clinic.pk}/series/{part}"

    def get(self, part: str, **query: Any) -> Any:
        """GET a page."""
        return self.client.get(self.url(part), query)

    def post(self, part: str, /, **fields: Any) -> Any:
        """POST a form with a fresh key; with `htmx` as the panel does."""
        headers = {"HX-Request": "true", "HX-Target": "panel"} if fields.pop("htmx", False) else {}
        return self.client.post(self.url(part), {"key": f"page-{uuid.uuid4()}", **fields}, headers=headers)

    def pattern(self, **changes: Any) -> dict[str, Any]:
        """Return the fields of a weekly series of four with the usual provider, begun the day after tomorrow at nine."""
        return {
            "patient": self.place.patients[0].pk,
            "type": self.place.kind.pk,
            "with": self.place.provider.pk,
            "first": self.place.at(9).date().isoformat(),
            "time": "09:00",
            "every": "week-1",
            "count": "4",
            "reason": "physiotherapy",
            **changes,
        }

    def planned(self, **changes: Any) -> tuple[dict[str, Any], str]:
        """Return the fields of the form after its plan was shown, as a browser would send them, and the plan's text."""
        answer = self.post("new/", **self.pattern(act="plan", **changes))
        assert answer.status_code == 200
        return self.pattern(**changes) | marked(answer.content.decode()), text(answer)

    def booked(self) -> Series:
        """Return a series of four, booked."""
        fields, _ = self.planned()
        assert self.post("new/", **fields, act="book").status_code == 303
        return Series.objects.latest("created_at")


def marked(page: str) -> dict[str, str]:
    """Return the pattern's mark and the radios that are checked."""
    mark = re.search(r'name="of" value="([^"]*)"', page)
    checked = re.findall(r'name="(o-\d+)" value="([^"]+)" checked', page)
    return {"of": mark[1] if mark else "", **dict(checked)}


def text(answer: Any) -> str:
    """Return the words of a page."""
    return re.sub(r"\s+", " ", strip_tags(answer.content.decode()))


@pytest.fixture
def pages(db: None) -> Pages:
    place = year_long(small_clinic())
    return Pages(place, place.desk)
