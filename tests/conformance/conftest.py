"""Two callers who may do most things, and a world to do them in."""

import pytest
from pytest_django import Settings

from tests.isolation.world import World, make_world


@pytest.fixture
def world(db: None, settings: Settings) -> World:
    """The records and their callers; how often somebody may call is tested elsewhere."""
    settings.API_REQUESTS_PER_MINUTE = 1_000_000
    return make_world()
