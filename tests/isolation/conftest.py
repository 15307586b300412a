"""The world in which isolation is tried."""

import pytest
from pytest_django import Settings

from .world import World, make_world


@pytest.fixture
def world(db: None, settings: Settings) -> World:
    """The records and their callers; how often somebody may call is tested elsewhere."""
    settings.API_REQUESTS_PER_MINUTE = 100_000
    return make_world()
