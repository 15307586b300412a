"""A clinic, its people, and visits that need no patient: the port filled by a list."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from pytest_django import Settings

from providers.models import Clinic, Provider
from providers.ports import OpenPiece, TouchedVisit
from tests.factories import ClinicFactory, ProviderFactory


@dataclass
class Diary:
    """Visits by provider, in memory: stands where the app of visits stands."""

    visits: dict[uuid.UUID, list[TouchedVisit]] = field(default_factory=dict)

    def add(self, resource_id: uuid.UUID, start: dt.datetime, minutes: int = 30) -> TouchedVisit:
        visit = TouchedVisit(uuid.uuid4(), start, start + dt.timedelta(minutes=minutes), uuid.uuid4(), uuid.uuid4())
        self.visits.setdefault(resource_id, []).append(visit)
        return visit

    def outside(
        self,
        resource_id: uuid.UUID,
        clinic_id: uuid.UUID,
        pieces: Sequence[OpenPiece],
        since: dt.datetime,
        until: dt.datetime,
    ) -> list[TouchedVisit]:
        return [
            visit
            for visit in self.visits.get(resource_id, [])
            if visit.start < until and visit.end > since
            if not any(low <= visit.start and visit.end <= high for low, high, _ in pieces)
        ]


DIARY = Diary()


def visits_outside(
    resource_id: uuid.UUID, clinic_id: uuid.UUID, pieces: Sequence[OpenPiece], since: dt.datetime, until: dt.datetime
) -> list[TouchedVisit]:
    return DIARY.outside(resource_id, clinic_id, pieces, since, until)


@pytest.fixture
def diary(settings: Settings) -> Diary:
    """The visits that the port finds, instead of the real ones."""
    settings.VISITS_TOUCHED = "tests.providers.conftest.visits_outside"
    DIARY.visits.clear()
    return DIARY


@pytest.fixture
def clinic(db: None) -> Clinic:
    return ClinicFactory.create(name="Harbour Clinic", region="")


@pytest.fixture
def provider(clinic: Clinic) -> Provider:
    """Dr. Obi works at the Harbour Clinic from nine to five, every day."""
    return ProviderFactory.create(clinic=clinic, name="Dr. Amara Obi")
