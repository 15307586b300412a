"""A small clinic, and its front desk in front of the booking panel."""

import uuid
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client

from mediconnect.accounts.models import User
from providers.models import Membership, Opening, Provider, Role
from tests.appointments.conftest import SmallClinic, open_always, small_clinic
from tests.factories import ProviderFactory, UserFactory


@dataclass
class Panel:
    """A browser in which somebody is signed in, and what one does with the panel. `htmx` answers are fragments."""

    place: SmallClinic
    user: User
    client: Client = field(default_factory=Client)

    def __post_init__(self) -> None:
        self.client.force_login(self.user, backend="django.contrib.auth.backends.ModelBackend")

    def url(self, part: str = "") -> str:
        """Return the panel's address, or that of one of its parts."""
        return f"/clinics/{self.place.clinic.pk}/book/{part}"

    def get(self, part: str = "", target: str = "", **query: Any) -> Any:
        """GET the panel or a part; with a target as htmx does."""
        return self.client.get(self.url(part), query, headers=_htmx(target))

    def post(self, part: str = "", target: str = "", **fields: Any) -> Any:
        """POST the form; with a fresh key unless one is given."""
        return self.client.post(self.url(part), {"key": f"page-{uuid.uuid4()}", **fields}, headers=_htmx(target))

    def fields(self, start: Any, patient: int = 0, **changes: Any) -> dict[str, Any]:
        """Return what the form sends to book the usual visit at this time."""
        return {
            "act": "book",
            "patient": self.place.patients[patient].pk,
            "type": self.place.kind.pk,
            "provider": self.place.provider.pk,
            "when": self.slot(start),
            **changes,
        }

    def slot(self, start: Any) -> str:
        """Return a time with the usual provider as the form's value."""
        return f"{self.place.provider.pk}@{start.isoformat(timespec='minutes')}"


def second_provider(place: SmallClinic) -> Provider:
    """Let somebody else work at the clinic, at all hours as the first one does."""
    provider: Provider = ProviderFactory.create(clinic=place.clinic)
    Opening.objects.filter(resource=provider).delete()
    open_always(provider, place.clinic)
    return provider


def _htmx(target: str) -> dict[str, str]:
    return {"HX-Request": "true", "HX-Target": target} if target else {}


@pytest.fixture(name="place")
def _place(db: None) -> SmallClinic:
    return small_clinic()


@pytest.fixture
def panel(place: SmallClinic) -> Panel:
    """The front desk at the panel."""
    return Panel(place, place.desk)


@pytest.fixture
def doctor(place: SmallClinic) -> Panel:
    """The usual provider, who works at no desk."""
    user = UserFactory.create()
    Provider.objects.filter(pk=place.provider.pk).update(user=user)
    Membership.objects.create(user=user, clinic=place.clinic, role=Role.PROVIDER)
    return Panel(place, user)
