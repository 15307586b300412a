"""A clinic with somebody who runs it, somebody at its desk, and a stranger's clinic beside it."""

import datetime as dt
import re
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client

from mediconnect.accounts.models import User
from mediconnect.portal.once import new_key
from providers.models import AppointmentType, Clinic, Closure, Provider, Resource, Role
from providers.services.absences import enter_closure
from tests.factories import (
    AppointmentTypeFactory,
    ClinicFactory,
    DeviceFactory,
    MembershipFactory,
    ProviderFactory,
    RoomFactory,
    UserFactory,
)


def browser_of(user: User) -> Client:
    """Return a browser in which this user has signed in."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def words(response: Any) -> str:
    """Return what a page says, without its tags."""
    text = re.sub(r"<(datalist|script|style)\b.*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text)).replace("\N{NO-BREAK SPACE}", " ")


@dataclass
class House:
    """A clinic that is set up, with the browser of the person who does it."""

    clinic: Clinic
    admin: User
    provider: Provider
    kind: AppointmentType
    room: Resource
    device: Resource
    browser: Client = field(default_factory=Client)

    def address(self, part: str = "") -> str:
        """Return the address of a page of setup."""
        return f"/clinics/{self.clinic.pk}/setup/{part}"

    def get(self, part: str = "", **headers: str) -> Any:
        """Open a page."""
        return self.browser.get(self.address(part), headers=headers)

    def post(self, part: str, data: dict[str, Any] | None = None, **headers: str) -> Any:
        """Send a form, with a key of its own unless it brings one."""
        sent = {"key": new_key(), **{name: value for name, value in (data or {}).items() if value is not None}}
        return self.browser.post(self.address(part), sent, headers=headers)

    def closure(self) -> Closure:
        """Close the clinic on a day far ahead."""
        start = dt.datetime(2030, 6, 3, tzinfo=self.clinic.zone)
        return enter_closure(clinic_id=self.clinic.pk, starts_at=start, ends_at=start + dt.timedelta(days=1)).record


def house_of(name: str) -> House:
    """Make a clinic with one of everything."""
    clinic = ClinicFactory.create(name=name, region="", phone="+12125550100")
    admin = MembershipFactory.create(
        clinic=clinic, role=Role.CLINIC_ADMIN, user=UserFactory.create(display_name=f"Admin of {name}")
    ).user
    return House(
        clinic,
        admin,
        ProviderFactory.create(clinic=clinic, name=f"Dr. Obi of {name}"),
        AppointmentTypeFactory.create(clinic=clinic, name=f"Consultation at {name}"),
        RoomFactory.create(clinic=clinic, name=f"Room of {name}"),
        DeviceFactory.create(clinic=clinic, name=f"Scanner of {name}"),
        browser_of(admin),
    )


@pytest.fixture
def house(db: None) -> House:
    return house_of("Harbour")


@pytest.fixture
def strangers(db: None) -> House:
    return house_of("Elsewhere")
